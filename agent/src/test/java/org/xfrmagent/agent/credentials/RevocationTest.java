package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.credentials.PathFinder.Path;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestCrl;
import org.xfrmagent.agent.pki.TestOcsp;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Revocation;

/** Whether a certificate was revoked (RFC 5280, section 6.3; RFC 6960). */
class RevocationTest {
    private static final String LIST = "http://crl.example.org/root.crl";
    private static final String RESPONDER = "http://ocsp.example.org/";
    private static final Instant NOW = TestPki.NOW;

    private final Holder root = TestPki.authority("CN=Root").selfSigned();
    private final Holder other = TestPki.authority("CN=Root").keyNamed("other").selfSigned();
    private final Holder silent = TestPki.end("CN=silent").issuedBy(root);
    private final Holder listed = TestPki.end("CN=listed").crlAt(LIST).issuedBy(root);
    private final Holder answered = TestPki.end("CN=answered").ocspAt(RESPONDER).issuedBy(root);
    private final Network network = new Network();

    /** Everybody who can be asked. */
    private static final class Network implements Fetching {
        private final Map<String, UnaryOperator<Bytes>> places = new HashMap<>();
        private final List<String> asked = new ArrayList<>();

        Network at(String place, Bytes octets) {
            places.put(place, _ -> octets);
            return this;
        }

        Network responder(TestOcsp responder) {
            places.put(RESPONDER, responder::answer);
            return this;
        }

        @Override
        public Bytes fetch(URI place, Optional<Bytes> question, int most, Duration patience) throws IOException {
            asked.add(place.toString());
            UnaryOperator<Bytes> answer = places.get(place.toString());
            if (answer == null) {
                throw new IOException("cannot be asked");
            }
            return answer.apply(question.orElse(Bytes.empty()));
        }

        @Override
        public void close() {
            places.clear();
        }
    }

    private static ParsedCertificate parsed(Holder holder) {
        return ParsedCertificate.read(holder.der()).orElseThrow();
    }

    private Path path(Holder... path) {
        return new Path(List.of(path).stream().map(RevocationTest::parsed).toList(), parsed(root));
    }

    private static List<RevocationList> local(TestCrl... lists) {
        return List.of(lists).stream().map(list -> RevocationList.read(list.der()).orElseThrow()).toList();
    }

    private String objection(List<RevocationList> local, Revocation policy, Holder... path) {
        return new RevocationChecks(local, network, new RevocationMemory()).objection(path(path), List.of(), policy, NOW).orElse("none");
    }

    private String strict(TestCrl list, Holder end) {
        return objection(local(list), Revocation.STRICT, end);
    }

    // ---- what the policy says

    @Test
    void whoIsNotKnownOfIsBelievedAsThePolicySays() {
        assertThat(objection(List.of(), Revocation.RELAXED, silent)).isEqualTo("none");
        assertThat(objection(List.of(), Revocation.IF_URI, silent)).isEqualTo("none");
        assertThat(objection(List.of(), Revocation.STRICT, silent)).isEqualTo("nobody says that the certificate 'CN=silent' was not revoked: "
                + "there is no CRL of the certificate 'CN=Root', and no place to ask");
        assertThat(objection(List.of(), Revocation.RELAXED, listed)).isEqualTo("none");
        assertThat(objection(List.of(), Revocation.IF_URI, listed))
                .isEqualTo("nobody says that the certificate 'CN=listed' was not revoked: " + LIST + " cannot be asked");
        assertThat(objection(List.of(), Revocation.IF_URI, answered)).contains(RESPONDER + " cannot be asked");
    }

    @Test
    void aRevokedOneIsNeverBelieved() {
        for (Revocation policy : Revocation.values()) {
            assertThat(objection(local(TestCrl.of(root, silent)), policy, silent))
                    .isEqualTo("the certificate 'CN=silent' was revoked by the certificate 'CN=Root', says a CRL of 2026-05-31T00:00:00Z");
            network.at(LIST, TestCrl.of(root, listed).der()).responder(TestOcsp.by(root).says(TestOcsp.Status.REVOKED));
            assertThat(objection(List.of(), policy, listed)).contains("was revoked by");
            assertThat(objection(List.of(), policy, answered)).isEqualTo(
                    "the certificate 'CN=answered' was revoked by the certificate 'CN=Root', says an OCSP responder");
        }
    }

    @Test
    void allOfAPathIsAskedAbout() {
        Holder middle = TestPki.authority("CN=Middle").issuedBy(root);
        Holder end = TestPki.end("CN=end").issuedBy(middle);
        TestCrl good = TestCrl.of(middle);
        assertThat(objection(local(good, TestCrl.of(root, middle)), Revocation.RELAXED, end, middle)).contains("'CN=Middle' was revoked");
        assertThat(objection(local(good, TestCrl.of(root)), Revocation.STRICT, end, middle)).isEqualTo("none");
        assertThat(objection(local(good), Revocation.STRICT, end, middle)).contains("nobody says that the certificate 'CN=Middle'");
        assertThat(objection(local(TestCrl.of(middle, end), TestCrl.of(root)), Revocation.STRICT, end, middle)).contains("'CN=end' was revoked");
    }

    // ---- lists

    @Test
    void aListIsItsIssuersOwnAndOfToday() {
        assertThat(strict(TestCrl.of(root), silent)).isEqualTo("none");
        assertThat(strict(TestCrl.of(root).signedBy(other), silent)).contains("the signature of a CRL is not that of");
        assertThat(strict(TestCrl.of(other), silent)).as("a namesake's").contains("the signature of a CRL is not that of");
        assertThat(strict(TestCrl.of(root).until(NOW.minusSeconds(1)), silent)).contains("the CRL of the certificate 'CN=Root' is from");
        assertThat(strict(TestCrl.of(root).from(NOW.plusSeconds(1)), silent)).contains("and now is");
        assertThat(strict(TestCrl.of(root).forever(), silent)).contains("until nobody says when");
        assertThat(strict(TestCrl.of(root).signedWith("SHA1withECDSA"), silent)).contains("the signature of a CRL is not that of");
        Holder mute = TestPki.authority("CN=Root").usage(KeyUsage.keyCertSign).selfSigned();
        Standing standing = local(TestCrl.of(mute)).getFirst().standing(parsed(silent), parsed(mute), NOW);
        assertThat(standing).as("its issuer has no cRLSign").isInstanceOf(Standing.Unknown.class);
    }

    @Test
    void aRevokedOneOnAListThatIsNotGoodIsNotKnownOf() {
        assertThat(objection(local(TestCrl.of(root, silent).signedBy(other)), Revocation.RELAXED, silent)).isEqualTo("none");
    }

    @Test
    void listsForSomeOnlyAreNotForAll() {
        assertThat(strict(TestCrl.of(root).extension(Extension.deltaCRLIndicator, true, new ASN1Integer(1)), silent)).contains("for some certificates or reasons only");
        assertThat(strict(scoped(false, false, true), silent)).as("indirect").contains("for some certificates or reasons only");
        assertThat(strict(scoped(false, true, false), silent)).as("authorities").contains("for some certificates or reasons only");
        assertThat(strict(scoped(true, false, false), silent)).as("ends").isEqualTo("none");
        assertThat(strict(TestCrl.of(root).extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), true, DERNull.INSTANCE), silent)).contains("is not known");
        IssuingDistributionPoint part = new IssuingDistributionPoint(new DistributionPointName(new GeneralNames(
                new GeneralName(GeneralName.uniformResourceIdentifier, LIST))), false, false, null, false, false);
        TestCrl list = TestCrl.of(root).extension(Extension.issuingDistributionPoint, true, part);
        assertThat(strict(list, silent)).as("a part that the certificate does not name").contains("for some certificates or reasons only");
        assertThat(strict(list, listed)).isEqualTo("none");
    }

    private TestCrl scoped(boolean ends, boolean authorities, boolean indirect) {
        return TestCrl.of(root).extension(Extension.issuingDistributionPoint, true, new IssuingDistributionPoint(null, ends, authorities, null, indirect, false));
    }

    @Test
    void aListIsFetchedOnceUntilItEnds() {
        network.at(LIST, TestCrl.of(root).until(NOW.plusSeconds(60)).der());
        RevocationMemory memory = new RevocationMemory();
        RevocationChecks checks = new RevocationChecks(List.of(), network, memory);
        for (long later : new long[] {0, 10, 59}) {
            assertThat(checks.objection(path(listed), List.of(), Revocation.STRICT, NOW.plusSeconds(later))).isEmpty();
        }
        assertThat(network.asked).containsExactly(LIST);
        network.at(LIST, TestCrl.of(root, listed).until(NOW.plusSeconds(120)).der());
        assertThat(checks.objection(path(listed), List.of(), Revocation.STRICT, NOW.plusSeconds(61)).orElseThrow()).contains("was revoked");
        assertThat(network.asked).containsExactly(LIST, LIST);
        memory.forget();
        assertThat(checks.objection(path(listed), List.of(), Revocation.STRICT, NOW.plusSeconds(62)).orElseThrow()).contains("was revoked");
        assertThat(network.asked).hasSize(3);
    }

    @Test
    void whoDoesNotAnswerIsLeftInPeaceForAWhile() {
        RevocationChecks checks = new RevocationChecks(List.of(), network, new RevocationMemory());
        for (long later : new long[] {0, 10, 29}) {
            assertThat(checks.objection(path(listed), List.of(), Revocation.STRICT, NOW.plusSeconds(later)).orElseThrow()).contains("cannot be asked");
        }
        assertThat(network.asked).hasSize(1);
        network.at(LIST, TestCrl.of(root).der());
        assertThat(checks.objection(path(listed), List.of(), Revocation.STRICT, NOW.plusSeconds(31))).isEmpty();
    }

    @Test
    void anAuthoritysEntryNamesMorePlaces() {
        Authority authority = new Authority("root", new CertificateRef.Loaded("00"), List.of(URI.create("http://more.example.org/crl")), List.of(URI.create(RESPONDER)));
        network.at("http://more.example.org/crl", TestCrl.of(root, silent).der());
        RevocationChecks checks = new RevocationChecks(List.of(), network, new RevocationMemory());
        assertThat(checks.objection(path(silent), List.of(authority), Revocation.RELAXED, NOW).orElseThrow()).contains("was revoked");
        assertThat(network.asked).as("who knows best is asked first").containsExactly(RESPONDER, "http://more.example.org/crl");
    }

    @Test
    void whatIsNoListIsNone() {
        for (Bytes octets : List.of(Bytes.empty(), Bytes.hex("3000"), Bytes.hex("68656c6c6f"), root.der())) {
            network.at(LIST, octets);
            assertThat(objection(List.of(), Revocation.STRICT, listed)).contains("has no list of revoked certificates");
        }
    }

    // ---- OCSP

    private String strict(TestOcsp responder) {
        network.responder(responder);
        return objection(List.of(), Revocation.STRICT, answered);
    }

    private static TestPki delegate() {
        return TestPki.end("CN=responder").purposes(KeyPurposeId.id_kp_OCSPSigning);
    }

    @Test
    void anAnswerIsTheIssuersOrItsDelegates() {
        assertThat(strict(TestOcsp.by(root))).isEqualTo("none");
        assertThat(strict(TestOcsp.by(root).withoutCertificate())).isEqualTo("none");
        assertThat(strict(TestOcsp.by(delegate().issuedBy(root)))).isEqualTo("none");
        assertThat(strict(TestOcsp.by(delegate().key(KeyKind.RSA_2048).issuedBy(root)))).isEqualTo("none");
        String foreign = "is signed neither by the certificate 'CN=Root' nor by one whom that allows to";
        assertThat(strict(TestOcsp.by(other))).contains(foreign);
        assertThat(strict(TestOcsp.by(TestPki.end("CN=responder").issuedBy(root)))).as("without the purpose").contains(foreign);
        assertThat(strict(TestOcsp.by(delegate().issuedBy(other)))).as("another's delegate").contains(foreign);
        assertThat(strict(TestOcsp.by(answered))).as("the certificate itself").contains(foreign);
        assertThat(strict(TestOcsp.by(delegate().validity(NOW.minusSeconds(9), NOW.minusSeconds(1)).issuedBy(root)))).contains(foreign);
        assertThat(strict(TestOcsp.by(delegate().issuedBy(root)).withoutCertificate())).contains(foreign);
    }

    @Test
    void anAnswerIsToOurQuestionAndOfToday() {
        assertThat(strict(TestOcsp.by(root).says(TestOcsp.Status.UNKNOWN))).contains("does not know the certificate 'CN=answered'");
        assertThat(strict(TestOcsp.by(root).withoutNonce())).as("made beforehand").isEqualTo("none");
        assertThat(strict(TestOcsp.by(root).withAnotherNonce())).contains("its nonce is not ours");
        Bytes another = new OcspQuestion(parsed(silent), parsed(root), Bytes.hex("00")).encoded();
        assertThat(strict(TestOcsp.by(root).withoutNonce().replaying(another))).contains("is not about the certificate 'CN=answered'");
        Bytes namesake = new OcspQuestion(parsed(answered), parsed(other), Bytes.hex("00")).encoded();
        assertThat(strict(TestOcsp.by(root).withoutNonce().replaying(namesake))).contains("is not about");
        assertThat(strict(TestOcsp.by(root).valid(NOW.minusSeconds(900), Optional.of(NOW.minusSeconds(600))))).contains("and now is");
        assertThat(strict(TestOcsp.by(root).valid(NOW.plusSeconds(600), Optional.of(NOW.plusSeconds(900))))).contains("and now is");
        assertThat(strict(TestOcsp.by(root).valid(NOW, Optional.empty()))).isEqualTo("none");
        assertThat(strict(TestOcsp.by(root).valid(NOW.minusSeconds(3600), Optional.empty()))).contains("and now is");
        for (Bytes octets : List.of(Bytes.empty(), Bytes.hex("3000"), Bytes.hex("30030a0106"), root.der())) {
            network.at(RESPONDER, octets);
            assertThat(objection(List.of(), Revocation.STRICT, answered)).contains("OCSP responder");
        }
    }

    @Test
    void anAnswerIsRememberedUntilItEnds() {
        network.responder(TestOcsp.by(root).valid(NOW, Optional.of(NOW.plusSeconds(60))));
        RevocationChecks checks = new RevocationChecks(List.of(), network, new RevocationMemory());
        assertThat(checks.objection(path(answered), List.of(), Revocation.STRICT, NOW)).isEmpty();
        assertThat(checks.objection(path(answered), List.of(), Revocation.STRICT, NOW.plusSeconds(59))).isEmpty();
        assertThat(network.asked).hasSize(1);
        assertThat(checks.objection(path(answered), List.of(), Revocation.STRICT, NOW.plusSeconds(61))).isEmpty();
        assertThat(network.asked).hasSize(2);
    }

    @Test
    void whereAResponderDoesNotKnowAListMay() {
        Holder both = TestPki.end("CN=both").ocspAt(RESPONDER).crlAt(LIST).issuedBy(root);
        network.responder(TestOcsp.by(root).says(TestOcsp.Status.UNKNOWN)).at(LIST, TestCrl.of(root).der());
        assertThat(objection(List.of(), Revocation.STRICT, both)).isEqualTo("none");
        assertThat(network.asked).containsExactly(RESPONDER, LIST);
    }

    @Test
    @DisplayName("R15: what is remembered is known by all of a certificate")
    void aNamesakeHasItsOwnAnswer() {
        Holder namesake = TestPki.end("CN=answered").ocspAt(RESPONDER).dns("x.example.org").issuedBy(root);
        RevocationChecks checks = new RevocationChecks(List.of(), network, new RevocationMemory());
        network.responder(TestOcsp.by(root));
        assertThat(checks.objection(path(answered), List.of(), Revocation.STRICT, NOW)).isEmpty();
        network.responder(TestOcsp.by(root).says(TestOcsp.Status.REVOKED));
        assertThat(checks.objection(path(namesake), List.of(), Revocation.STRICT, NOW)).isPresent();
    }

    @Test
    @DisplayName("R15: what is remembered is bounded")
    void soMuchIsRememberedAndNoMore() {
        Remembered<Integer, String> remembered = new Remembered<>(3);
        for (int i = 0; i < 100; i++) {
            remembered.put(i, "x", NOW.plusSeconds(1));
            assertThat(remembered.get(0, NOW)).as("what is asked for stays").isPresent();
        }
        assertThat(remembered.size()).isEqualTo(3);
        assertThat(remembered.get(0, NOW.plusSeconds(1))).isEmpty();
    }
}
