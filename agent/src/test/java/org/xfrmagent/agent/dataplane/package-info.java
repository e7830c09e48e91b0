/** What every data plane must keep, and the words to say it in tests. */
@NullMarked
package org.xfrmagent.agent.dataplane;

import org.jspecify.annotations.NullMarked;
