package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.grammar.CertificateGrammar;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.PeerGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.grammar.Text;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Side;

/** What a side's signature rests on, from its keys. */
final class CertificationReader {
    private CertificationReader() {}

    /** @param folder from which relative paths start */
    static Certification read(Section side, Path folder) {
        return new Certification(
                references(side, CertificateGrammar.CERTIFICATE, folder),
                references(side, CertificateGrammar.PUBLIC_KEY, folder),
                side.get(CertificateGrammar.VOUCHING).orElse(List.of()).stream().map(Located::value).toList(),
                side.get(CertificateGrammar.REVOCATION).orElse(Defaults.REVOCATION),
                side.get(CertificateGrammar.SIGNATURES).orElse(List.of()).stream().map(Located::value).toList(),
                side.get(CertificateGrammar.CHAIN).map(CertificationReader::chain).orElse(ChainDemands.NONE),
                side.get(CertificateGrammar.SHOW_CERTIFICATE).orElse(true) && side.get(CertificateGrammar.REQUEST_CERTIFICATE).orElse(true));
    }

    private static ChainDemands chain(Section section) {
        Map<SignatureScheme.Key, Integer> leastBits = new EnumMap<>(SignatureScheme.Key.class);
        section.get(CertificateGrammar.LEAST_RSA).ifPresent(bits -> leastBits.put(SignatureScheme.Key.RSA, bits));
        section.get(CertificateGrammar.LEAST_ECDSA).ifPresent(bits -> leastBits.put(SignatureScheme.Key.ECDSA, bits));
        List<Located<SignatureScheme>> signatures = section.get(CertificateGrammar.CHAIN_SIGNATURES).orElse(List.of());
        signatures.stream().filter(scheme -> scheme.value().identifier().isEmpty() || scheme.value().hash() == SignatureScheme.Hash.SHA1).findFirst()
                .ifPresent(scheme -> section.where(CertificateGrammar.CHAIN_SIGNATURES).problem(scheme.at(),
                        "is '" + scheme.value().word() + "', by which no certificate is believed, expected a scheme with SHA-256 or better"));
        return new ChainDemands(leastBits, signatures.stream().map(Located::value).toList(), section.get(CertificateGrammar.POLICIES).orElse(List.of()));
    }

    private static List<CertificateRef> references(Section side, Key<List<Located<CertificateRef>>> key, Path folder) {
        return side.get(key).orElse(List.of()).stream().map(each -> absolute(each.value(), folder)).toList();
    }

    static CertificateRef absolute(CertificateRef ref, Path folder) {
        return ref instanceof CertificateRef.FromFile file ? new CertificateRef.FromFile(folder.resolve(file.path()).normalize()) : ref;
    }

    static SecretRef absolute(SecretRef ref, Path folder) {
        return ref instanceof SecretRef.FromFile file ? new SecretRef.FromFile(folder.resolve(file.path()).normalize()) : ref;
    }

    /** Whether {@code side} shows a certificate: it signs, itself or below its password, or an EAP method does. */
    static boolean signs(Side side, Side other) {
        return side.auth() == Auth.PUBKEY || side.auth() == Auth.XAUTH && other.auth() == Auth.PUBKEY || side.eap().hasCertificates();
    }

    /** Keys that say something of what these sides do not have. */
    static void check(Peer peer, Section local, Section remote) {
        if (!signs(peer.local(), peer.remote())) {
            List.of(CertificateGrammar.CERTIFICATE, CertificateGrammar.PUBLIC_KEY, CertificateGrammar.KEY, CertificateGrammar.SIGNATURES,
                            CertificateGrammar.SHOW_CERTIFICATE)
                    .forEach(key -> isForPubkey(key, local, peer.local()));
        }
        if (!signs(peer.remote(), peer.local())) {
            List.of(CertificateGrammar.CERTIFICATE, CertificateGrammar.PUBLIC_KEY, CertificateGrammar.VOUCHING, CertificateGrammar.REVOCATION, CertificateGrammar.CHAIN,
                            CertificateGrammar.SIGNATURES,
                            CertificateGrammar.REQUEST_CERTIFICATE)
                    .forEach(key -> isForPubkey(key, remote, peer.remote()));
        }
        List.of(CertificateGrammar.VOUCHING, CertificateGrammar.REVOCATION, CertificateGrammar.CHAIN).forEach(key ->
                isOfTheOther(key, local, "is about whom we believe", "the remote side"));
        isOfTheOther(CertificateGrammar.REQUEST_CERTIFICATE, local, "is about what the peer shows", "the remote side");
        isOfTheOther(CertificateGrammar.SHOW_CERTIFICATE, remote, "is about what we show", "our own side");
        isOfTheOther(CertificateGrammar.KEY, remote, "is a private key, which only its owner has", "our own side");
        List.of(CertificateGrammar.CERTIFICATE, CertificateGrammar.PUBLIC_KEY).forEach(named ->
                List.of(CertificateGrammar.VOUCHING, CertificateGrammar.REVOCATION, CertificateGrammar.CHAIN).forEach(key -> isBeside(named, key, remote)));
        isBeside(CertificateGrammar.PUBLIC_KEY, CertificateGrammar.CERTIFICATE, local);
        isBeside(CertificateGrammar.PUBLIC_KEY, CertificateGrammar.CERTIFICATE, remote);
        if (remote.has(CertificateGrammar.PUBLIC_KEY) && peer.remote().id() instanceof Identity.Any) {
            remote.where(CertificateGrammar.PUBLIC_KEY).problem(remote.at(CertificateGrammar.PUBLIC_KEY),
                    "stands beside an 'id' that anybody may have, expected whose key it is: nothing else says so");
        }
        List.of(local, remote).forEach(side -> schemes(side, peer.ike()));
    }

    private static void isForPubkey(Key<?> key, Section section, Side side) {
        if (section.has(key)) {
            section.where(key).problem(section.at(key), "is of no use with 'auth: " + side.auth().word() + "', expected it beside 'auth: "
                    + Auth.PUBKEY.word() + "'");
        }
    }

    private static void isBeside(Key<?> named, Key<?> key, Section side) {
        if (side.has(named) && side.has(key)) {
            side.where(key).problem(side.at(key), "stands beside '" + named.name() + "', which is believed as it is, expected one of the two");
        }
    }

    private static void isOfTheOther(Key<?> key, Section section, String what, String whose) {
        if (section.has(key)) {
            section.where(key).problem(section.at(key), what + ", expected it at " + whose);
        }
    }

    /** The forms of signatures without an AlgorithmIdentifier are IKEv1's; IKEv2 finds them by the key where a peer has no others. */
    private static void schemes(Section side, IkeVersion ike) {
        boolean v2 = ike.hasV2();
        for (Located<SignatureScheme> scheme : side.get(CertificateGrammar.SIGNATURES).orElse(List.of())) {
            if (scheme.value().identifier().isPresent() != v2) {
                side.where(CertificateGrammar.SIGNATURES).problem(scheme.at(), "is '" + scheme.value().word() + "', which 'ike: " + ike.word()
                        + "' does not have, expected " + Text.or(List.of(SignatureScheme.values()).stream()
                                .filter(each -> each.identifier().isPresent() == v2).map(SignatureScheme::word).toList()));
            }
        }
    }
}
