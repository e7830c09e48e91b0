/** The harness itself: a scenario is worth no more than the hosts and links it plays on. */
@NullMarked
package org.xfrmagent.it.netns;

import org.jspecify.annotations.NullMarked;
