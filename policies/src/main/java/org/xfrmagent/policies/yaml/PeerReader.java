package org.xfrmagent.policies.yaml;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.LifetimeGrammar;
import org.xfrmagent.policies.grammar.Named;
import org.xfrmagent.policies.grammar.PeerGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Fragmentation;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.LivenessPolicy;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Ppk;
import org.xfrmagent.policies.model.Retransmission;
import org.xfrmagent.policies.model.Side;

/** A peer from its keys. */
final class PeerReader {
    /** Stands in for a side with problems, so that the other keys are still read. */
    private static final Side NOWHERE = new Side(List.of(), Defaults.PORT, Identity.any(), Auth.PSK);

    private PeerReader() {}

    /**
     * Empty after a problem without whose solution there is no peer.
     *
     * @param folder from which relative paths start
     */
    static Optional<Peer> read(Named named, Path folder) {
        Section section = named.section();
        IkeVersion ike = section.get(PeerGrammar.IKE).orElse(Defaults.IKE);
        List<Proposal> proposals = section.get(PeerGrammar.PROPOSALS).orElse(Defaults.IKE_PROPOSALS);
        if (!ike.hasV2() && section.has(PeerGrammar.PROPOSALS) && proposals.stream().noneMatch(PeerReader::isOfIkev1)) {
            section.where(PeerGrammar.PROPOSALS).problem(section.at(PeerGrammar.PROPOSALS),
                    "has nothing that IKEv1 knows, expected a cipher in CBC mode, a hash and a group such as 'aes256-sha256-modp2048'");
        }
        if (ike.hasV2()) {
            forIkev1(proposals).ifPresent(words -> section.where(PeerGrammar.PROPOSALS).problem(section.at(PeerGrammar.PROPOSALS), words));
        }
        Optional<Side> local = section.get(PeerGrammar.LOCAL).flatMap(side -> side(side, Optional.of(Identity.any()), folder));
        Optional<Side> remote = section.get(PeerGrammar.REMOTE).flatMap(side -> side(side, Optional.empty(), folder));
        if (ike == IkeVersion.V1_AGGRESSIVE && Stream.of(local, remote).flatMap(Optional::stream).anyMatch(side -> side.auth() == Auth.PSK)) {
            aggressive(section);
        }
        Fragmentation fragmentation = new Fragmentation(
                section.get(PeerGrammar.FRAGMENTATION).orElse(Defaults.FRAGMENTATION.enabled()),
                section.get(PeerGrammar.FRAGMENT_SIZE).orElse(Defaults.FRAGMENTATION.size()));
        Optional<Section> lifetime = section.get(PeerGrammar.LIFETIME);
        Peer rest = new Peer(
                named.name(),
                ike,
                local.orElse(NOWHERE),
                remote.orElse(NOWHERE),
                proposals,
                lifetime.map(keys -> LifetimeReader.read(keys, Defaults.IKE_LIFETIMES)).orElse(Defaults.IKE_LIFETIMES),
                lifetime.flatMap(keys -> keys.get(LifetimeGrammar.REAUTH)).map(Duration::ofSeconds).orElse(Defaults.REAUTHENTICATION),
                liveness(section, ike),
                section.get(PeerGrammar.RETRANSMISSION).map(PeerReader::retransmission).orElse(Defaults.RETRANSMISSION),
                section.get(PeerGrammar.UNIQUE).orElse(Defaults.UNIQUE),
                section.get(PeerGrammar.CHILDLESS).orElse(Defaults.CHILDLESS),
                section.get(PeerGrammar.FORCE_ENCAPSULATION).orElse(Defaults.FORCE_ENCAPSULATION),
                section.get(PeerGrammar.MOBIKE).orElse(Defaults.MOBIKE),
                fragmentation,
                section.get(PeerGrammar.POOL).orElse(List.of()),
                section.get(PeerGrammar.CONFIG).orElse(Defaults.CONFIG),
                section.get(PeerGrammar.DSCP).orElse(Defaults.DSCP),
                section.get(PeerGrammar.ATTEMPTS).orElse(Defaults.ATTEMPTS),
                section.get(PeerGrammar.PPK).flatMap(PeerReader::ppk),
                section.get(PeerGrammar.FOLLOW_REDIRECTS).orElse(Defaults.FOLLOW_REDIRECTS));
        if (local.isEmpty() || remote.isEmpty()) {
            return Optional.empty();
        }
        addresses(rest, section);
        ppk(rest, section);
        UserReader.check(rest, section);
        section.get(PeerGrammar.LOCAL).ifPresent(ours -> section.get(PeerGrammar.REMOTE)
                .ifPresent(theirs -> CertificationReader.check(rest, ours, theirs)));
        return Optional.of(rest);
    }

    private static Optional<Ppk> ppk(Section section) {
        return section.get(PeerGrammar.PPK_ID).map(id -> new Ppk(id, section.get(PeerGrammar.PPK_REQUIRED).orElse(false)));
    }

    /** It is of IKEv2, and goes into AUTH, which with EAP comes when all is over. */
    private static void ppk(Peer peer, Section section) {
        if (peer.ppk().isEmpty()) {
            return;
        }
        // Who calls by IKEv1 has none: that is as good as one that does not have the key.
        if (!peer.ike().hasV2() || peer.ike() != IkeVersion.V2 && peer.ppk().get().required()) {
            section.where(PeerGrammar.PPK).problem(section.at(PeerGrammar.PPK), "is of IKEv2, and the peer may speak IKEv1, expected 'ike: v2'");
        }
        if (Stream.of(peer.local(), peer.remote()).anyMatch(side -> side.auth() == Auth.EAP)) {
            section.where(PeerGrammar.PPK).problem(section.at(PeerGrammar.PPK), "stands beside 'auth: eap', expected psk or pubkey on both sides");
        }
        if (peer.ppk().get().id().isPattern()) {
            section.where(PeerGrammar.PPK).problem(section.at(PeerGrammar.PPK), "has the id '" + peer.ppk().get().id() + "', expected one name");
        }
    }

    private static LivenessPolicy liveness(Section section, IkeVersion ike) {
        Duration delay = section.get(PeerGrammar.LIVENESS).orElse(Defaults.LIVENESS.delay());
        Duration timeout = section.get(PeerGrammar.LIVENESS_TIMEOUT).orElse(Defaults.LIVENESS.timeout());
        if (timeout.isPositive() && ike == IkeVersion.V2) {
            section.where(PeerGrammar.LIVENESS_TIMEOUT).problem(section.at(PeerGrammar.LIVENESS_TIMEOUT),
                    "is of IKEv1, expected 'retransmission': with IKEv2 every request is retransmitted until it is answered");
        }
        return new LivenessPolicy(delay, timeout);
    }

    /** One side gives an address, or is given one. In IKEv2 it is always asked for. */
    private static void addresses(Peer peer, Section section) {
        boolean ours = section.get(PeerGrammar.LOCAL).filter(side -> side.has(PeerGrammar.VIRTUAL_ADDRESS)).isPresent();
        if (!peer.remote().virtualAddresses().isEmpty()) {
            section.where(PeerGrammar.REMOTE).problem(section.at(PeerGrammar.REMOTE), "has a 'virtual-address', expected 'pool' for what the peer gets");
        }
        if (ours && !peer.pools().isEmpty()) {
            section.where(PeerGrammar.LOCAL).problem(section.at(PeerGrammar.LOCAL),
                    "has a 'virtual-address' beside 'pool', expected one side that is given an address");
        }
        List<InetAddress> named = peer.local().virtualAddresses().stream().flatMap(wish -> wish.address().stream()).toList();
        if (Set.copyOf(named).size() < named.size()) {
            section.where(PeerGrammar.LOCAL).problem(section.at(PeerGrammar.LOCAL), "has the virtual-address "
                    + peer.local().virtualAddresses() + ", expected each address once");
        }
        if (Set.copyOf(peer.pools()).size() < peer.pools().size()) {
            section.where(PeerGrammar.POOL).problem(section.at(PeerGrammar.POOL), "is " + peer.pools() + ", expected each pool once");
        }
        if (section.has(PeerGrammar.CONFIG) && peer.ike() == IkeVersion.V2) {
            section.where(PeerGrammar.CONFIG).problem(section.at(PeerGrammar.CONFIG),
                    "is of IKEv1, expected none: with IKEv2 who is to have an address asks for it");
        } else if (section.has(PeerGrammar.CONFIG) && !ours && peer.pools().isEmpty()) {
            section.where(PeerGrammar.CONFIG).problem(section.at(PeerGrammar.CONFIG),
                    "goes with 'pool', or with 'virtual-address' on our side, and there is neither");
        }
    }

    /** Its second message has a hash of the key, in the clear, for everybody who names an identity (RFC 2409, section 5.4). */
    private static void aggressive(Section section) {
        if (section.get(PeerGrammar.ACCEPT_CRACKABLE_PSK).orElse(false)) {
            section.where(PeerGrammar.IKE).warns(section.at(PeerGrammar.IKE),
                    "aggressive mode gives everybody who asks or listens a hash to try pre-shared keys against; use v2, or v1-main, if the peer can");
        } else {
            section.where(PeerGrammar.IKE).problem(section.at(PeerGrammar.IKE),
                    "is 'v1-aggressive' with a pre-shared key, which everybody who asks or listens can try keys against, expected "
                            + "v2 or v1-main, or '" + PeerGrammar.ACCEPT_CRACKABLE_PSK.name() + ": true' beside it");
        }
    }

    /** What to say of proposals for a peer of IKEv2 with something that only one of IKEv1 may be offered (RFC 8247, section 2.4). */
    static Optional<String> forIkev1(List<Proposal> proposals) {
        return proposals.stream().flatMap(proposal -> proposal.ofIkev1Only().stream()).findFirst()
                .map(row -> "has '" + row.keyword() + "', which must not be used in IKEv2, expected it for a peer of IKEv1 only");
    }

    /** Whether some cipher, hash and group of it have numbers in IKEv1. */
    private static boolean isOfIkev1(Proposal proposal) {
        return List.of(TransformType.ENCR, TransformType.PRF, TransformType.KE).stream()
                .allMatch(type -> proposal.of(type).stream().anyMatch(row -> row.ikev1().oakley().isPresent()));
    }

    private static Optional<Side> side(Section section, Optional<Identity> otherwise, Path folder) {
        Optional<List<Host>> addresses =
                section.has(PeerGrammar.ADDRESS) ? section.get(PeerGrammar.ADDRESS) : Optional.of(List.of(Host.any()));
        int port = section.get(PeerGrammar.PORT).orElse(Defaults.PORT);
        Optional<Auth> auth = section.get(PeerGrammar.AUTH);
        Optional<Identity> id = section.has(PeerGrammar.ID)
                ? section.get(PeerGrammar.ID)
                : addresses.flatMap(hosts -> ownAddress(hosts, otherwise, section));
        return addresses.flatMap(hosts -> id.flatMap(who -> auth.map(how -> new Side(
                hosts, port, who, how, section.get(PeerGrammar.USER), CertificationReader.read(section, folder),
                section.get(PeerGrammar.VIRTUAL_ADDRESS).orElse(List.of()), UserReader.eap(section, how), section.get(PeerGrammar.GROUPS).orElse(List.of())))));
    }

    private static Optional<Identity> ownAddress(List<Host> hosts, Optional<Identity> otherwise, Section section) {
        if (hosts.size() == 1 && hosts.getFirst() instanceof Host.Address only) {
            return Optional.of(new Identity.Ip(only.address()));
        }
        if (otherwise.isEmpty()) {
            section.where().says(section.at(),
                    "'id' is missing, expected " + idOf() + "; without a single address there is nothing else to tell the peer by");
        }
        return otherwise;
    }

    private static String idOf() {
        Key<Identity> id = PeerGrammar.ID;
        return id.shape().expected();
    }

    private static Retransmission retransmission(Section section) {
        Retransmission standard = Defaults.RETRANSMISSION;
        Duration base = section.get(PeerGrammar.BASE).orElse(standard.base());
        if (!base.isPositive()) {
            section.where(PeerGrammar.BASE).problem(section.at(PeerGrammar.BASE), "is '0', expected a longer duration such as 4s");
            base = standard.base();
        }
        return new Retransmission(
                base,
                section.get(PeerGrammar.FACTOR).orElse(standard.factor()),
                section.get(PeerGrammar.TRIES).orElse(standard.tries()),
                section.get(PeerGrammar.WAIT_JITTER).orElse(standard.jitterPercent()),
                section.get(PeerGrammar.LONGEST).orElse(standard.limit()));
    }
}
