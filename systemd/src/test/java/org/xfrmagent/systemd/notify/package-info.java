/** What the service manager sees of us, and what it gives us. */
@NullMarked
package org.xfrmagent.systemd.notify;

import org.jspecify.annotations.NullMarked;
