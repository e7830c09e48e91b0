package org.xfrmagent.policies.yaml;

import java.util.List;
import java.util.Map;

import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.PeerGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.EapTerms;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Side;

/** Whether one side is a user, by which means, and what that asks of the other. */
final class UserReader {
    private UserReader() {}

    /** @param auth the side's */
    static EapTerms eap(Section side, Auth auth) {
        return auth == Auth.EAP || side.has(PeerGrammar.THEN) || isUser(auth) && side.has(PeerGrammar.METHODS)
                ? new EapTerms(
                        side.get(PeerGrammar.METHODS).orElse(Defaults.EAP_METHODS), side.get(PeerGrammar.ASK_USER).orElse(true), side.get(PeerGrammar.AAA_ID))
                : EapTerms.NONE;
    }

    static void check(Peer peer, Section section) {
        names(peer, section);
        section.get(PeerGrammar.LOCAL).ifPresent(local -> section.get(PeerGrammar.REMOTE).ifPresent(remote -> {
            List.of(PeerGrammar.METHODS, PeerGrammar.ASK_USER, PeerGrammar.AAA_ID).forEach(key -> {
                isForEap(key, local, peer.local());
                isForEap(key, remote, peer.remote());
            });
            isOfTheOther(PeerGrammar.ASK_USER, local, "is about a user that we ask", "the remote side");
            isOfTheOther(PeerGrammar.AAA_ID, remote, "is about whom our user believes", "our own side");
            isOfTheOther(PeerGrammar.GROUPS, local, "is about the peer's user", "the remote side");
            boolean certified = CertificationReader.signs(peer.remote(), peer.local()) && !peer.remote().certification().isByPublicKey();
            if (!peer.remote().groups().isEmpty() && !peer.remote().eap().isRelayed() && !certified) {
                remote.where(PeerGrammar.GROUPS).problem(remote.at(PeerGrammar.GROUPS),
                        "stands without 'methods: radius' or a certificate, expected it beside one of these: only a RADIUS server, or an attribute certificate, "
                                + "says of which groups somebody is a member");
            }
        }));
        if (peer.ike().hasV2()) {
            newer(peer, section);
        } else {
            older(peer, section);
            relayed(peer.local(), section, PeerGrammar.LOCAL);
        }
        if (peer.ike() != IkeVersion.V2) {
            Map.of(PeerGrammar.LOCAL, peer.local().auth(), PeerGrammar.REMOTE, peer.remote().auth()).forEach((key, auth) -> {
                if (auth == Auth.EAP || section.get(key).filter(keys -> keys.has(PeerGrammar.THEN)).isPresent()) {
                    section.where(key).problem(section.at(key), (auth == Auth.EAP ? "auth" : "then") + " is 'eap', which 'ike: " + peer.ike().word() + "' does not have, expected 'ike: "
                            + IkeVersion.V2.word() + "'");
                }
            });
        }
    }

    private static void names(Peer peer, Section section) {
        Auth local = peer.local().auth();
        if ((isUser(local) || peer.local().hasEap()) != peer.local().user().isPresent()) {
            section.where(PeerGrammar.LOCAL).problem(section.at(PeerGrammar.LOCAL),
                    "auth is '" + local.word() + "', expected 'user' beside our own side's eap, xauth or hybrid, and nowhere else");
        }
        if (peer.remote().user().isPresent() && !peer.remote().hasEap() && !peer.remote().eap().isRelayed()) {
            section.where(PeerGrammar.REMOTE).problem(section.at(PeerGrammar.REMOTE),
                    "auth is '" + peer.remote().auth().word() + "', expected 'user' beside the remote side's eap, and nowhere else");
        }
    }

    private static void isForEap(Key<?> key, Section section, Side side) {
        boolean judged = key.equals(PeerGrammar.METHODS) && isUser(side.auth()) && side.eap().methods().equals(List.of(EapKind.RADIUS));
        if (section.has(key) && !side.hasEap() && !judged) {
            section.where(key).problem(section.at(key), "is of no use with 'auth: " + side.auth().word() + "', expected it beside 'auth: " + Auth.EAP.word() + "'");
        }
    }

    private static void isOfTheOther(Key<?> key, Section section, String what, String whose) {
        if (section.has(key)) {
            section.where(key).problem(section.at(key), what + ", expected it at " + whose);
        }
    }

    /** RFC 7296, section 2.16: the gateway of a user proves who it is by other means. */
    private static void newer(Peer peer, Section section) {
        Auth local = peer.local().auth();
        Auth remote = peer.remote().auth();
        Map.of(PeerGrammar.LOCAL, local, PeerGrammar.REMOTE, remote).forEach((key, auth) -> {
            if (isUser(auth)) {
                section.where(key).problem(section.at(key), "auth is '" + auth.word() + "', which IKEv2 does not have, expected psk, pubkey or eap, or "
                        + "'ike: " + IkeVersion.V1_MAIN.word() + "' or '" + IkeVersion.V1_AGGRESSIVE.word() + "'");
            }
        });
        if (local == Auth.EAP && remote == Auth.EAP) {
            section.where(PeerGrammar.REMOTE).problem(section.at(PeerGrammar.REMOTE),
                    "auth is 'eap', as our own side's is, expected pubkey: only one of two can be a user");
        } else if ((local == Auth.EAP || remote == Auth.EAP) && (local == Auth.PSK || remote == Auth.PSK)) {
            Key<Section> key = local == Auth.PSK ? PeerGrammar.LOCAL : PeerGrammar.REMOTE;
            section.where(key).warns(section.at(key),
                    "auth is 'psk' beside a user's 'eap': whoever has that key can be the gateway to every user (RFC 7296, section 2.16, wants pubkey)");
        }
        if (peer.local().hasSecondRound() && peer.remote().hasEap()) {
            section.where(PeerGrammar.REMOTE).problem(section.at(PeerGrammar.REMOTE), "is a user, as our own side is, expected one user");
        }
        rounds(peer.local(), section, PeerGrammar.LOCAL);
        rounds(peer.remote(), section, PeerGrammar.REMOTE);
        without(peer.local(), section, PeerGrammar.LOCAL);
        without(peer.remote(), section, PeerGrammar.REMOTE);
        relayed(peer.local(), section, PeerGrammar.LOCAL);
        relayed(peer.remote(), section, PeerGrammar.REMOTE);
    }

    /** A RADIUS server judges our users, by methods of its own. */
    private static void relayed(Side side, Section section, Key<Section> key) {
        if (!side.eap().isRelayed()) {
            return;
        }
        if (key.equals(PeerGrammar.LOCAL)) {
            section.where(key).problem(section.at(key), "methods has 'radius', which is for users that come to us, expected what our own user shows");
        } else if (side.eap().methods().size() > 1) {
            section.where(key).problem(section.at(key), "methods has 'radius' beside others, expected it alone: the server has the methods");
        }
    }

    private static void rounds(Side side, Section section, Key<Section> key) {
        boolean twice = section.get(key).filter(keys -> keys.has(PeerGrammar.THEN)).isPresent();
        if (twice && side.auth() != Auth.PUBKEY && side.auth() != Auth.PSK) {
            section.where(key).problem(section.at(key), "auth is '" + side.auth().word() + "', expected psk or pubkey before 'then: eap'");
        }
    }

    private static void without(Side side, Section section, Key<Section> key) {
        if (side.eap().methods().contains(EapKind.GTC) && key.equals(PeerGrammar.LOCAL)) {
            section.where(key).warns(section.at(key), "methods has 'gtc', by which the gateway gets the password itself");
        }
    }

    /** What XAUTH and hybrid authentication ask of the two sides of an IKEv1 peer, and IKEv1 of both. */
    private static void older(Peer peer, Section section) {
        Auth local = peer.local().auth();
        Auth remote = peer.remote().auth();
        boolean bothUsers = isUser(local) && isUser(remote);
        if (bothUsers) {
            section.where(PeerGrammar.LOCAL).problem(section.at(PeerGrammar.LOCAL),
                    "auth is '" + local.word() + "' and the remote side's is '" + remote.word() + "', expected one user");
        } else if ((local == Auth.HYBRID || remote == Auth.HYBRID) && local != Auth.PUBKEY && remote != Auth.PUBKEY) {
            Key<Section> key = local == Auth.HYBRID ? PeerGrammar.REMOTE : PeerGrammar.LOCAL;
            section.where(key).problem(section.at(key), "auth is '" + (local == Auth.HYBRID ? remote : local).word()
                    + "', and the other side's is 'hybrid', which has nothing but what this side proves, expected pubkey");
        } else if (!isUser(local) && !isUser(remote) && local != Auth.EAP && remote != Auth.EAP && local != remote) {
            section.where(PeerGrammar.REMOTE).problem(section.at(PeerGrammar.REMOTE), "auth is '" + remote.word()
                    + "', and IKEv1 has one method for both sides, expected " + local.word() + " as ours is");
        }
    }

    private static boolean isUser(Auth auth) {
        return auth == Auth.XAUTH || auth == Auth.HYBRID;
    }
}
