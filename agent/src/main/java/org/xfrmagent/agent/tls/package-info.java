/**
 * TLS as a method of EAP (RFC 5216, RFC 9190): unlike the other methods a conversation of it lives, in an engine that cannot be written down, so
 * it is kept by the daemon and not by a session.
 */
@NullMarked
package org.xfrmagent.agent.tls;

import org.jspecify.annotations.NullMarked;
