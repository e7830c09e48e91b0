/** What the project promises, played with real daemons. On the running kernel (tag netns) and in the lab's (tag lab): the same classes. */
@NullMarked
package org.xfrmagent.it.scenarios;

import org.jspecify.annotations.NullMarked;
