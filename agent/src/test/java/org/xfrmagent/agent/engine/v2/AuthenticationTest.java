package org.xfrmagent.agent.engine.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.TokenSignatures;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.engine.v2.Authentication.Ours;
import org.xfrmagent.agent.engine.v2.Authentication.Theirs;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.agent.wire.AuthMethod;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.CertEncoding;
import org.xfrmagent.agent.wire.CertPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Side;

/** AUTH of one side as the other sees it, with peers that our own IKE_SA_INIT is not like. */
class AuthenticationTest {
    private static final Identity MOON = new Identity.Fqdn("moon.example.org");
    private static final Identity SUN = new Identity.Fqdn("sun.example.org");
    private static final Bytes NI = Bytes.hex("01".repeat(32));
    private static final Bytes NR = Bytes.hex("02".repeat(32));

    private final Holder root = TestPki.authority("CN=Root").selfSigned();

    /** Of somebody from before RFC 7427, or not. */
    private static Bytes init(boolean response, boolean hashes) {
        List<Payload> payloads = new ArrayList<>(List.of(new NoncePayload(response ? NR : NI)));
        if (hashes) {
            payloads.add(Signatures.announcement());
        }
        return MessageCodec.encode(Header.of(1, response ? 2 : 0, ExchangeType.IKE_SA_INIT, !response, response, 0), payloads);
    }

    private static Authentication of(boolean initiator, Credentials credentials, boolean hashes, SignatureScheme... schemes) {
        Identity own = initiator ? MOON : SUN;
        Identity other = initiator ? SUN : MOON;
        Peer peer = Peer.of("peer", side(own, schemes), side(other, schemes));
        Proposal suite = ((ProposalParser.Accepted) ProposalParser.parse(Protocol.IKE, "aes256gcm16-prfsha256-x25519")).proposal();
        IkeSa sa = new IkeSa(
                1, 2, initiator, suite, Keys.initial(suite, Secret.take(new byte[32]), NI, NR, 1, 2), 0,
                new Window(1, Optional.empty(), 1, Optional.empty(), false), true);
        return new Authentication(
                new Profile(peer, List.of()), own, other, credentials, sa, new Transcript(init(false, hashes), init(true, hashes), NI, NR),
                TokenSignatures.NONE);
    }

    private static Side side(Identity id, SignatureScheme... schemes) {
        return new Side(
                List.of(Host.any()), 500, id, Auth.PUBKEY, Optional.empty(),
                new Certification(List.of(), List.of(), Defaults.REVOCATION, List.of(schemes)));
    }

    private Credentials showing(KeyKind kind) {
        Holder moon = TestPki.end("CN=moon").dns("moon.example.org").key(kind).issuedBy(root);
        return new Credentials() {
            @Override
            public Optional<Secret> psk(Identity local, Identity remote) {
                return Optional.empty();
            }

            @Override
            public Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
                return Optional.of(new Own(List.of(moon.der()), key(moon)));
            }
        };
    }

    private static SigningKey key(Holder holder) {
        try {
            return SigningKeys.of(holder.pkcs8());
        } catch (UnusableKey impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static IdPayload id() {
        return new IdPayload(Role.INITIATOR, MOON.wireType(), Bytes.of(MOON.wireData()));
    }

    private static List<Payload> shown(Authentication moon) {
        return moon.ours(List.of()) instanceof Ours.Ready(Proof proof) ? moon.show(proof, id()) : List.of();
    }

    private static Stream<Arguments> methods() {
        return Stream.of(
                Arguments.of(KeyKind.RSA_2048, AuthMethod.RSA_DIGITAL_SIGNATURE),
                Arguments.of(KeyKind.P256, AuthMethod.ECDSA_SHA256_P256),
                Arguments.of(KeyKind.P384, AuthMethod.ECDSA_SHA384_P384),
                Arguments.of(KeyKind.P521, AuthMethod.ECDSA_SHA512_P521));
    }

    /** RFC 7296, section 3.8, and RFC 4754. */
    @ParameterizedTest
    @MethodSource("methods")
    void withoutRfc7427EachKindOfKeyHasItsMethod(KeyKind kind, AuthMethod method) {
        Credentials credentials = showing(kind);
        List<Payload> payloads = shown(of(true, credentials, false));
        assertThat(Payload.first(payloads, AuthPayload.class).orElseThrow().method()).isEqualTo(method.number());
        assertThat(of(false, credentials, false).theirs(id(), payloads)).isEqualTo(new Theirs.Claimed(
                Payload.all(payloads, CertPayload.class).stream().map(CertPayload::data).toList()));
    }

    @Test
    void withoutRfc7427ThereIsNoEd25519() {
        assertThat(of(true, showing(KeyKind.ED25519), false).ours(List.of())).isInstanceOfSatisfying(Ours.Lacking.class, lacking ->
                assertThat(lacking.what()).contains("ED25519", "the peer does not know RFC 7427"));
    }

    /** Who can do RFC 7427 has better than SHA-1. */
    @Test
    void sha1IsForThoseWhoHaveNothingBetter() {
        Credentials credentials = showing(KeyKind.RSA_2048);
        List<Payload> payloads = shown(of(true, credentials, false));
        assertThat(of(false, credentials, true).theirs(id(), payloads)).isInstanceOf(Theirs.Disproved.class);
        assertThat(of(false, credentials, false, SignatureScheme.RSA_PSS_SHA256).theirs(id(), payloads)).isInstanceOfSatisfying(
                Theirs.Disproved.class, refused -> assertThat(refused.why()).contains("which peer peer may not use"));
    }

    /** Section 3.6 has other encodings: what is behind a URL is not fetched, and not taken for the certificate itself. */
    @Test
    void aHashAndAUrlAreNoCertificate() {
        Credentials credentials = showing(KeyKind.P256);
        List<Payload> payloads = shown(of(true, credentials, true)).stream()
                .map(payload -> payload instanceof CertPayload(int _, Bytes data)
                        ? new CertPayload(CertEncoding.HASH_AND_URL_X509.number(), data)
                        : payload)
                .toList();
        assertThat(of(false, credentials, true).theirs(id(), payloads)).isInstanceOfSatisfying(
                Theirs.Disproved.class, refused -> assertThat(refused.why()).contains("it shows no certificate, and we have none of it"));
    }

    /** RFC 5755: of encoding 10. It is behind the certificates wherever it stood, and proves nothing alone. */
    @Test
    void anAttributeCertificateIsShownBesideTheOthers() {
        Credentials credentials = showing(KeyKind.P256);
        CertPayload attributes = new CertPayload(CertEncoding.X509_ATTRIBUTE.number(), Bytes.hex("3003020101"));
        List<Payload> payloads = Stream.concat(Stream.of(attributes), shown(of(true, credentials, true)).stream()).toList();
        Bytes certificate = Payload.all(payloads, CertPayload.class).getLast().data();
        assertThat(of(false, credentials, true).theirs(id(), payloads)).isEqualTo(new Theirs.Claimed(List.of(certificate, attributes.data())));
        List<Payload> alone = payloads.stream().filter(payload -> payload.equals(attributes) || !(payload instanceof CertPayload)).toList();
        assertThat(of(false, credentials, true).theirs(id(), alone)).isInstanceOf(Theirs.Disproved.class);
    }

    @Test
    void octetsThatAreNoCertificateAreNoBug() {
        Credentials credentials = showing(KeyKind.P256);
        List<Payload> payloads = shown(of(true, credentials, true)).stream()
                .map(payload -> payload instanceof CertPayload(int encoding, Bytes data)
                        ? new CertPayload(encoding, data.slice(0, data.length() / 2))
                        : payload)
                .toList();
        assertThat(of(false, credentials, true).theirs(id(), payloads)).isInstanceOf(Theirs.Disproved.class);
    }

    /** Every octet that AUTH covers counts. */
    @Test
    void anAuthOfAnotherIkeSaOrIdentityIsNone() {
        Credentials credentials = showing(KeyKind.P256);
        List<Payload> payloads = shown(of(true, credentials, true));
        IdPayload eve = new IdPayload(Role.INITIATOR, MOON.wireType(), Bytes.of(new Identity.Fqdn("eve.example.org").wireData()));
        assertThat(of(false, credentials, true).theirs(eve, payloads)).isInstanceOf(Theirs.Disproved.class);
        Authentication sun = of(false, credentials, true);
        Authentication another = new Authentication(
                sun.profile(), sun.local(), sun.remote(), credentials, sun.sa(), new Transcript(init(false, true), init(true, true), NI, NI), TokenSignatures.NONE);
        assertThat(another.theirs(id(), payloads)).isInstanceOf(Theirs.Disproved.class);
    }
}
