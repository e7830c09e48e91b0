/** What the tests of this module share: a network namespace for each test. */
@NullMarked
package org.xfrmagent.netlink;

import org.jspecify.annotations.NullMarked;
