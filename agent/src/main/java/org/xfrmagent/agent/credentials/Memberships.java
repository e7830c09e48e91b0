package org.xfrmagent.agent.credentials;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Revocation;

/**
 * Of which groups those are members who show a certificate.
 *
 * @param known attribute certificates that we have
 * @param authorities who are believed about groups
 */
record Memberships(List<AttributeCertificate> known, List<ParsedCertificate> authorities) {
    /** So many groups go into logs, and so much of each. */
    private static final int MOST_GROUPS = 16;

    private static final int LONGEST_GROUP = 64;

    Memberships {
        known = List.copyOf(known);
        authorities = List.copyOf(authorities);
    }

    /**
     * Whether the owner of {@code end} is a member of a group that {@code peer} has to be in. A peer whose user a RADIUS server judges is asked
     * for its groups when that has spoken.
     *
     * @param shown what the peer has shown: attribute certificates may be among it
     * @return empty if so, else a sentence
     */
    Optional<String> objection(Peer peer, ParsedCertificate end, List<Bytes> shown, Instant now) {
        List<String> wanted = peer.remote().groups();
        if (wanted.isEmpty() || peer.remote().eap().isRelayed()) {
            return Optional.empty();
        }
        boolean revocable = peer.remote().certification().revocation() != Revocation.STRICT;
        List<AttributeCertificate> its = Stream.concat(known.stream(), shown.stream().skip(1).flatMap(der -> AttributeCertificate.read(der).stream()))
                .filter(each -> each.isOf(end))
                .distinct()
                .toList();
        List<AttributeCertificate> believed = its.stream().filter(each -> each.objection(authorities, revocable, now).isEmpty()).toList();
        List<String> groups = believed.stream().flatMap(each -> each.groups().stream()).distinct().toList();
        if (groups.stream().anyMatch(group -> wanted.stream().anyMatch(group::equalsIgnoreCase))) {
            return Optional.empty();
        }
        String why = its.stream().flatMap(each -> each.objection(authorities, revocable, now).stream()).findFirst().map(sentence -> " (" + sentence + ")").orElse("");
        return Optional.of("the owner of " + end + " is a member of "
                + (groups.isEmpty() ? "no group" : groups.stream().limit(MOST_GROUPS).map(Memberships::printable).toList()) + why
                + ", peer " + peer.name() + " has members of " + wanted);
    }

    private static String printable(String group) {
        return group.substring(0, Math.min(group.length(), LONGEST_GROUP)).replaceAll("[^\\x20-\\x7e]", "?");
    }
}
