package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.xfrmagent.policies.model.Identity;

/**
 * The other sessions with the same peer, as far as one session has to know of them: who may be up beside whom, and which child takes
 * over from which; who has which address of a pool, and whose passwords are not listened to.
 *
 * @param given the addresses that the peer has given us under other IKE SAs
 * @param lodgers those whom we have given addresses under other IKE SAs
 * @param barred who may not show a password for now, from where the peer is
 */
public record Neighbours(List<Living> established, List<InetAddress> given, List<Lodger> lodgers, Barred barred) {
    public static final Neighbours NONE = new Neighbours(List.of(), List.of(), List.of(), Barred.NOBODY);

    /**
     * @param caller who the peer is
     * @param children those that are up
     */
    public record Living(Identity local, Lessee caller, Path path, ChildSas children) {
        public boolean provides(String policy) {
            return !children.named(policy).isEmpty();
        }
    }

    /** @param user empty if it showed no password */
    public record Lodger(Identity local, Identity remote, String user, Path path, List<InetAddress> addresses) {
        public Lodger {
            addresses = List.copyOf(addresses);
        }
    }

    /** @param everybody whatever the user's name */
    public record Barred(boolean everybody, Set<String> users) {
        public static final Barred NOBODY = new Barred(false, Set.of());

        public Barred {
            users = Set.copyOf(users);
        }

        public boolean bars(String user) {
            return everybody || users.contains(user);
        }
    }

    public Neighbours {
        established = List.copyOf(established);
        given = List.copyOf(given);
        lodgers = List.copyOf(lodgers);
    }

    public Neighbours barring(Barred who) {
        return new Neighbours(established, given, lodgers, who);
    }

    /** Those with the same two ends. */
    public List<Living> like(Identity local, Lessee caller) {
        return established.stream().filter(other -> other.local().equals(local) && other.caller().equals(caller)).toList();
    }

    /** Whether a child of {@code policy} is up under another IKE SA of the same two ends: of many hosts each has its own. */
    public boolean provide(String policy, Identity local, Lessee caller) {
        return like(local, caller).stream().anyMatch(other -> other.provides(policy));
    }
}
