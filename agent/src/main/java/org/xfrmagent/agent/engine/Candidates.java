package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Side;

/**
 * The peers of the policies that somebody may be who has said no more than a first message does: where it calls from, and which
 * version it speaks. Which of them it is, its identity says later (RFC 4301, section 4.4.3.1).
 */
final class Candidates {
    private Candidates() {}

    /** Whoever speaks that version and may be at the addresses of this path, the most exactly described first. */
    static List<Profile> of(Path path, Settings settings, IkeVersion version) {
        return settings.profiles().stream()
                .filter(profile -> speaks(profile.peer(), version))
                .filter(profile -> allows(profile.peer().local(), path.local()) && allows(profile.peer().remote(), path.remote()))
                .sorted(Comparator.comparingInt(profile -> vagueness(profile.peer().remote(), path.remote())))
                .toList();
    }

    /** IKEv1 has one method for both sides: a peer of either version for which the policies want two has IKEv2 alone. */
    private static boolean speaks(Peer peer, IkeVersion version) {
        return peer.ike() == version || peer.ike() == IkeVersion.ANY && switch (version) {
            case V2, ANY -> true;
            case V1_MAIN -> peer.local().auth() == peer.remote().auth();
            case V1_AGGRESSIVE -> false;
        };
    }

    private static boolean allows(Side side, InetAddress address) {
        return side.addresses().stream().anyMatch(host -> host.allows(address));
    }

    private static int vagueness(Side side, InetAddress address) {
        return side.addresses().stream()
                .filter(host -> host.allows(address))
                .mapToInt(host -> switch (host) {
                    case Host.Address _ -> 0;
                    case Host.DnsName _ -> 1;
                    case Host.Range _ -> 2;
                    case Host.Any _ -> 3;
                })
                .min()
                .orElse(3);
    }
}
