package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Translated;
import org.xfrmagent.agent.wire.v1.NatOriginalAddressPayload;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.policies.model.Mode;

/**
 * Transport mode through a NAT (RFC 3947, section 5.2). Each end says between which two hosts the packets are, as it sees them itself:
 *
 * <pre>
 *   172.16.0.2 ── NAT 192.0.2.1 ── 192.0.2.2
 *
 *   IDci, NAT-OAi = 172.16.0.2, IDcr, NAT-OAr = 192.0.2.2  --&gt;
 *                      &lt;--  IDci = 172.16.0.2, IDcr = 192.0.2.2, NAT-OAi = 192.0.2.1, NAT-OAr = 192.0.2.2
 * </pre>
 *
 * Of the peer's NAT-OA payloads nothing is used: they are for mending TCP's and UDP's checksums. The kernel does not look at those of a
 * packet that ESP has authenticated, and the userspace plane makes them anew (RFC 3948, section 3.1.2). Whatever the peer calls a host that
 * is behind a NAT, it is the one that the ISAKMP SA is with.
 */
final class OriginalAddresses {
    private OriginalAddresses() {}

    /** Ours to send, where ESP goes in UDP as {@code encapsulation} has it; in tunnel mode nobody needs them. */
    static List<Payload> payloads(ChildProfile profile, NatTraversal encapsulation, InetAddress initiator, InetAddress responder) {
        int type = switch (encapsulation) {
            case NONE -> PayloadType.NONE;
            case RFC_3947 -> PayloadType.NAT_ORIGINAL_ADDRESS.number();
            case DRAFT -> PayloadType.NAT_ORIGINAL_ADDRESS_DRAFT.number();
        };
        return type == PayloadType.NONE || profile.protect().mode() == Mode.TUNNEL ? List.of() : List.of(
                new NatOriginalAddressPayload(type, Bytes.of(initiator.getAddress())),
                new NatOriginalAddressPayload(type, Bytes.of(responder.getAddress())));
    }

    /** What the peer calls {@code named} (our side first), with the hosts as we see them. */
    static SelectorPair seen(Session session, ChildProfile profile, SelectorPair named) {
        return profile.protect().mode() == Mode.TUNNEL ? named : new SelectorPair(
                Translated.local(session, List.of(named.source())).getFirst(),
                Translated.remote(session, List.of(named.destination())).getFirst());
    }

    /** Whether {@code pair} can be protected on the way to the peer: through a NAT, transport mode carries what is between the two hosts only. */
    static boolean passes(Session session, ChildProfile profile, SelectorPair pair) {
        return profile.protect().mode() == Mode.TUNNEL
                || !session.nat().any()
                || Translated.areTheHosts(session.path(), List.of(pair.source()), List.of(pair.destination()));
    }
}
