/**
 * The control socket: strongSwan's vici protocol, so that swanctl and every vici client can watch and steer the agent, answered from
 * snapshots and never waiting for a session.
 */
@NullMarked
package org.xfrmagent.agent.control;

import org.jspecify.annotations.NullMarked;
