/** EAP-TLS between two ends. */
@NullMarked
package org.xfrmagent.agent.tls;

import org.jspecify.annotations.NullMarked;
