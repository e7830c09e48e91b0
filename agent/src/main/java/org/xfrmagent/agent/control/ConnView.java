package org.xfrmagent.agent.control;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.function.Function;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.Endings;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.Unique;

/** Configured peers as vici's {@code list-conn} shows them: a peer is a connection, each of its protect policies a child. */
record ConnView(Wording wording, Function<String, Optional<String>> subjects) {
    private static final String ANY = "%any";
    private static final String BOTH_VERSIONS = "IKEv1/2";

    /** @param subjects whose certificate a client has loaded, by its hash */
    ConnView {}

    /** @param children the peer's policies, and the bypass and discard policies that were loaded along with them */
    ViciMessage of(Profile profile, List<Policy> children) {
        Peer peer = profile.peer();
        return ViciMessage.of(out -> out.section(profile.name(), conn -> {
            conn.list("local_addrs", hosts(peer.local())).list("remote_addrs", hosts(peer.remote()));
            port(conn, "local_port", peer.local());
            port(conn, "remote_port", peer.remote());
            conn.put("version", switch (peer.ike()) {
                case V2 -> "IKEv2";
                case ANY -> BOTH_VERSIONS;
                case V1_MAIN, V1_AGGRESSIVE -> "IKEv1";
            });
            conn.put("reauth_time", peer.reauthentication().toSeconds()).put("rekey_time", peer.ikeLifetimes().seconds().soft());
            conn.put("unique", unique(peer.unique()));
            if (peer.liveness().enabled()) {
                conn.put("dpd_delay", peer.liveness().delay().toSeconds());
            }
            if (peer.liveness().timeout().isPositive()) {
                conn.put("dpd_timeout", peer.liveness().timeout().toSeconds());
            }
            peer.ppk().ifPresent(ppk -> conn.put("ppk_id", ppk.id().toString()).flag("ppk_required", ppk.required()));
            side(conn, "local", peer.local(), peer.remote().auth());
            side(conn, "remote", peer.remote(), peer.local().auth());
            children(conn, children, peer.local().virtualAddresses().stream().map(address -> AddressRange.all(address.family())).distinct().toList(),
                    profile.pools().stream().flatMap(pool -> pool.addresses().stream()).toList());
        }));
    }

    /** A connection that was loaded for its bypass and discard policies alone: nobody is called, so there is nothing but defaults. */
    ViciMessage ofShunts(String name, List<Policy> shunts) {
        return ViciMessage.of(out -> out.section(name, conn -> {
            conn.list("local_addrs", List.of(ANY)).list("remote_addrs", List.of(ANY)).put("version", BOTH_VERSIONS);
            conn.put("reauth_time", 0).put("rekey_time", Defaults.IKE_LIFETIMES.seconds().soft()).put("unique", unique(Unique.INITIAL_CONTACT));
            conn.section("local-1", this::nothing).section("remote-1", this::nothing);
            children(conn, shunts, List.of(), List.of());
        }));
    }

    /** @param got what our side may get of addresses, and {@code lent} what the peer may */
    private void children(ViciMessage.Builder out, List<Policy> children, List<AddressRange> got, List<AddressRange> lent) {
        out.section("children", list -> children.forEach(child -> list.section(wording.child(child.name()), child(child, got, lent))));
    }

    private static void port(ViciMessage.Builder out, String key, Side side) {
        if (side.port() != Defaults.PORT) {
            out.put(key, side.port());
        }
    }

    private static List<String> hosts(Side side) {
        return side.addresses().isEmpty() ? List.of(ANY) : side.addresses().stream().map(Host::toString).toList();
    }

    /** A round each: who shows a user's password has shown before what the other side has, unless that is all that is shown (hybrid). */
    private void side(ViciMessage.Builder conn, String which, Side side, Auth other) {
        boolean user = side.auth() == Auth.XAUTH;
        conn.section(which + "-1", round -> {
            boolean unsaid = side.id() instanceof Identity.Any && (which.equals("local") || side.auth() == Auth.PUBKEY || side.auth() == Auth.EAP);
            if (side.auth() == Auth.EAP) {
                round.put("aaa_id", side.eap().aaa().map(wording::identity)).put("eap_id", eapId(which, side));
            }
            round.put("id", Optional.of(side.id()).filter(_ -> !unsaid).map(wording::identity));
            if (side.auth() == Auth.EAP) {
                round.put("eap-type", eapType(which, side));
            }
            round.put("class", authClass(user ? other : side.auth()));
            if (side.auth() == Auth.HYBRID) {
                round.put("xauth_id", side.user());
            }
            certificates(round, side.hasSecondRound() || user && side.eap().isRelayed() ? List.of() : side.groups(), side.certification(), wording.identity(side.id()));
        });
        if (side.hasSecondRound()) {
            conn.section(which + "-2", round -> {
                round.put("aaa_id", side.eap().aaa().map(wording::identity)).put("eap_id", eapId(which, side));
                round.put("eap-type", eapType(which, side)).put("class", authClass(Auth.EAP));
                certificates(round, side.groups(), Certification.NONE, ANY);
            });
        }
        if (user) {
            conn.section(which + "-2", round -> {
                round.put("class", authClass(Auth.XAUTH)).put("xauth", Optional.of("radius").filter(_ -> side.eap().isRelayed())).put("xauth_id", side.user());
                certificates(round, side.eap().isRelayed() ? side.groups() : List.of(), Certification.NONE, ANY);
            });
        }
    }

    /** Who the user is, or that it is asked; empty if IKE says it. */
    private static Optional<String> eapId(String which, Side side) {
        boolean asks = which.equals("remote") && side.eap().asksUser();
        return side.user().filter(user -> !user.equals(side.id().toString())).or(() -> asks ? Optional.of(ANY) : Optional.empty());
    }

    /** In charon's words; a user of ours that takes several methods has none there. */
    private static Optional<String> eapType(String which, Side side) {
        List<EapKind> methods = side.eap().methods();
        return methods.size() == 1
                ? Optional.of("EAP_" + methods.getFirst().word().toUpperCase(Locale.ROOT))
                : Optional.of("EAP_DYNAMIC").filter(_ -> which.equals("remote"));
    }

    private void nothing(ViciMessage.Builder out) {
        certificates(out, List.of(), Certification.NONE, ANY);
    }

    /**
     * Whose certificates they are; of those of a file, and of its authorities, what the policies call them.
     *
     * @param groups of which its user has to be in one
     * @param owner of public keys
     */
    private void certificates(ViciMessage.Builder out, List<String> groups, Certification certification, String owner) {
        // In charon's words: the least that somebody has to say of a certificate.
        if (certification.revocation() != Revocation.RELAXED) {
            out.put("revocation", certification.revocation() == Revocation.STRICT ? "GOOD" : "SKIPPED");
        }
        out.list("groups", groups).list("cert_policy", certification.chain().policies());
        out.list("certs", Stream.concat(
                certification.certificates().stream().map(ref -> ref instanceof CertificateRef.Loaded(String hash)
                        ? subjects.apply(hash).orElse(hash) : ref.toString()),
                certification.publicKeys().stream().map(_ -> owner)).toList());
        out.list("cacerts", certification.authorities().stream().map(name -> subjects.apply(name).orElse(name)).toList());
    }

    private ViciMessage child(Policy policy, List<AddressRange> got, List<AddressRange> lent) {
        Lifetimes lifetimes = policy.action() instanceof Protect protect ? protect.lifetimes() : Defaults.CHILD_LIFETIMES;
        Endings endings = policy.action() instanceof Protect protect ? protect.endings() : Endings.of(Start.BY_PEER);
        return ViciMessage.of(out -> {
            out.put("mode", PolicyView.mode(policy.action())).put("label", PolicyView.label(policy));
            out.put("rekey_time", lifetimes.seconds().soft()).put("rekey_bytes", lifetimes.bytes().soft());
            out.put("rekey_packets", lifetimes.packets().soft());
            out.put("dpd_action", word(endings.lost())).put("close_action", word(endings.closed()));
            out.list("local-ts", wording.selectors(within(got, policy.match().local())));
            out.list("remote-ts", wording.selectors(within(lent, policy.match().remote())));
            out.put("interface", policy.match().device());
        });
    }

    /** Selectors of all addresses that an end may be given, in the families that the policy is for, as what they are for: those that it has got. */
    private static Selectors within(List<AddressRange> given, Selectors end) {
        if (given.isEmpty() || !(end instanceof Selectors.Fixed(List<TrafficSelector> fixed))) {
            return end;
        }
        List<AddressRange> lent = given.stream().filter(range -> fixed.stream().anyMatch(selector -> selector.family() == range.family())).toList();
        List<Selectors.Upper> upper = fixed.stream()
                .map(selector -> new Selectors.Upper(selector.protocol(), selector.startPort(), selector.endPort()))
                .distinct()
                .toList();
        List<TrafficSelector> all = upper.stream().flatMap(each -> lent.stream().map(each::at)).toList();
        return Set.copyOf(fixed).equals(Set.copyOf(all)) ? new Selectors.Dynamic(upper) : end;
    }

    private static String word(Afterwards afterwards) {
        return switch (afterwards) {
            case AT_ONCE -> "start";
            case ON_TRAFFIC -> "trap";
            case NOTHING -> "none";
        };
    }

    private static String authClass(Auth auth) {
        return switch (auth) {
            case PSK -> "pre-shared key";
            case PUBKEY -> "public key";
            case EAP -> "EAP";
            case XAUTH, HYBRID -> "XAuth";
        };
    }

    private static String unique(Unique unique) {
        return switch (unique) {
            case INITIAL_CONTACT -> "UNIQUE_NO";
            case REPLACE -> "UNIQUE_REPLACE";
            case KEEP -> "UNIQUE_KEEP";
            case NEVER -> "UNIQUE_NEVER";
        };
    }
}
