/** What people bring along: the configuration files of strongSwan, read as they mean them and written as policy files. */
@NullMarked
package org.xfrmagent.policies.convert;

import org.jspecify.annotations.NullMarked;
