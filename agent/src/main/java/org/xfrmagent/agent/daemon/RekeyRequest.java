package org.xfrmagent.agent.daemon;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Names what to replace by a fresh one: all that fits every field given. When {@code policy} or {@code serial} is given children are
 * meant, otherwise IKE SAs. At least one of the four is given.
 *
 * @param reauthenticate whether IKE SAs, and not children, are to be made from scratch with all their children
 * @param peer {@link org.xfrmagent.agent.engine.core.Session#peerName()}
 * @param session {@link org.xfrmagent.agent.engine.core.Session#id()}
 * @param serial {@link org.xfrmagent.agent.engine.core.ChildSa#serial()}
 */
public record RekeyRequest(Optional<String> peer, Optional<String> policy, OptionalLong session, OptionalInt serial, boolean reauthenticate) {}
