package org.xfrmagent.it.interop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * The agent has done something with a peer, and it worked.
 *
 * @param peer with its version
 * @param plane the agent's
 * @param peersPlane the peer's
 * @param role the agent's
 * @param what a few words, such as "traffic both ways"
 */
public record Encounter(String peer, Plane plane, Plane peersPlane, String what, Mode mode, Protocol protocol, Role role, Family family)
        implements Comparable<Encounter> {
    /** Who sent the first IKE message. */
    public enum Role {
        INITIATOR,
        RESPONDER
    }

    private static final Comparator<Encounter> ORDER = Comparator.comparing(Encounter::peer)
            .thenComparing(Encounter::plane)
            .thenComparing(Encounter::peersPlane)
            .thenComparing(Encounter::what)
            .thenComparing(Encounter::mode)
            .thenComparing(Encounter::protocol)
            .thenComparing(Encounter::role)
            .thenComparing(Encounter::family);

    /** The agent's encounters in a scenario: two if it stood at both ends, none if it stood at neither. */
    static List<Encounter> between(Peer initiator, Peer responder, Mode mode, Protocol protocol, Family family, String what) {
        List<Encounter> encounters = new ArrayList<>();
        if (initiator instanceof Agent) {
            encounters.add(new Encounter(responder.version(), initiator.plane(), responder.plane(), what, mode, protocol,
                    Role.INITIATOR, family));
        }
        if (responder instanceof Agent) {
            encounters.add(new Encounter(initiator.version(), responder.plane(), initiator.plane(), what, mode, protocol,
                    Role.RESPONDER, family));
        }
        return encounters;
    }

    @Override
    public int compareTo(Encounter other) {
        return ORDER.compare(this, other);
    }

    /** One line; {@link #parse} reads it. */
    String line() {
        return String.join("\t", peer, plane.name(), peersPlane.name(), what, mode.name(), protocol.name(), role.name(), family.name());
    }

    static Encounter parse(String line) {
        String[] words = line.split("\t", -1);
        if (words.length != 8) {
            throw new IllegalArgumentException("not an encounter: " + line);
        }
        return new Encounter(words[0], Plane.valueOf(words[1]), Plane.valueOf(words[2]), words[3], Mode.valueOf(words[4]),
                Protocol.valueOf(words[5]), Role.valueOf(words[6]), Family.valueOf(words[7]));
    }

    String planes() {
        String own = plane.name().toLowerCase(Locale.ROOT);
        return plane == peersPlane ? own : own + " with the peer's " + peersPlane.name().toLowerCase(Locale.ROOT);
    }

    String modeAndProtocol() {
        return protocol + " " + mode.word();
    }
}
