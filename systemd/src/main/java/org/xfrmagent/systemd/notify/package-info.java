/** Talks to the service manager: what it should know about us (sd_notify), and what it gives us in confidence (credentials). */
@NullMarked
package org.xfrmagent.systemd.notify;

import org.jspecify.annotations.NullMarked;
