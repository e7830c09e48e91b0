package org.xfrmagent.agent.daemon;

import java.util.Optional;
import java.util.OptionalLong;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;

/**
 * Names IKE SAs whose peers are to go to another gateway: all of IKEv2 that are up and fit every field given.
 *
 * @param peer {@link Session#peerName()}
 * @param session {@link Session#id()}
 * @param address where the peer is
 * @param id who the peer is, perhaps a pattern
 * @param gateway an address or a host name
 */
public record RedirectRequest(
        Optional<String> peer, OptionalLong session, Optional<AddressRange> address, Optional<Identity> id, String gateway) {
    boolean fits(Session found) {
        return found.phase() instanceof Phase.Established up
                && peer.map(found.peerName()::equals).orElse(true)
                && (session.isEmpty() || session.getAsLong() == found.id())
                && address.map(range -> range.contains(found.path().remote())).orElse(true)
                && id.map(up.remote()::matches).orElse(true);
    }
}
