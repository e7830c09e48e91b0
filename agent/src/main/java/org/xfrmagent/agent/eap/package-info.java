/**
 * The Extensible Authentication Protocol (RFC 3748) as IKEv2 carries it (RFC 7296, section 2.16): packets as records, and the two ends as
 * immutable states that take a packet and give the next state with the answer. No clock, no dice, no I/O: what waits on something outside
 * is asked for as {@link org.xfrmagent.agent.eap.EapWork}.
 */
@NullMarked
package org.xfrmagent.agent.eap;

import org.jspecify.annotations.NullMarked;
