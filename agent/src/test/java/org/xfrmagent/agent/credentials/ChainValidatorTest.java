package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.credentials.ChainValidator.Verdict;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.ChainDemands;

/** Which certificates are believed (RFC 5280, section 6; RFC 4945, section 5.1). */
class ChainValidatorTest {
    private final Holder root = TestPki.authority("CN=Root").selfSigned();
    private final Holder middle = TestPki.authority("CN=Middle").issuedBy(root);
    private final Holder moon = TestPki.end("CN=moon").dns("moon.example.org").issuedBy(middle);

    private static ParsedCertificate parsed(Holder holder) {
        return ParsedCertificate.read(holder.der()).orElseThrow();
    }

    private static Verdict judge(Holder end, Holder anchor, Holder... between) {
        return ChainValidator.judge(parsed(end), List.of(parsed(anchor)), Arrays.stream(between).map(ChainValidatorTest::parsed).toList(), ChainDemands.NONE, TestPki.NOW);
    }

    private static String sentence(Holder end, Holder anchor, Holder... between) {
        return switch (judge(end, anchor, between)) {
            case Verdict.Valid _ -> "valid";
            case Verdict.Refused(String sentence) -> sentence;
        };
    }

    @Test
    void aChainThatLeadsToAnAuthorityIsBelieved() {
        assertThat(judge(moon, root, middle)).isInstanceOfSatisfying(Verdict.Valid.class, valid -> {
            assertThat(valid.path().certificates()).containsExactly(parsed(moon), parsed(middle));
            assertThat(valid.path().anchor()).isEqualTo(parsed(root));
        });
        assertThat(sentence(moon, middle)).as("an authority need not be a root").isEqualTo("valid");
        assertThat(sentence(moon, root, root, moon, middle)).as("in any order").isEqualTo("valid");
    }

    @Test
    void oneThatLeadsNowhereIsNot() {
        Holder other = TestPki.authority("CN=Other").selfSigned();
        Holder namesake = TestPki.authority("CN=Root").keyNamed("another key").selfSigned();
        assertThat(sentence(moon, other, middle)).isEqualTo("the certificate 'CN=moon', issued by 'CN=Middle', does not lead to an authority that is believed: 'CN=Other'");
        assertThat(sentence(moon, root)).contains("does not lead to");
        assertThat(sentence(moon, namesake, middle, root)).contains("does not lead to");
        assertThat(sentence(TestPki.end("CN=moon").selfSigned(), root)).contains("does not lead to");
    }

    @Test
    void everyKindOfKeyMayVouch() {
        for (KeyKind kind : List.of(KeyKind.RSA_2048, KeyKind.P256, KeyKind.P384, KeyKind.P521, KeyKind.ED25519, KeyKind.ED448)) {
            Holder authority = TestPki.authority("CN=" + kind).key(kind).selfSigned();
            assertThat(sentence(TestPki.end("CN=end").issuedBy(authority), authority)).as(kind.name()).isEqualTo("valid");
        }
        Holder rsa = TestPki.authority("CN=RSA").key(KeyKind.RSA_2048).selfSigned();
        assertThat(sentence(TestPki.end("CN=end").signedWith("SHA256withRSAandMGF1").issuedBy(rsa), rsa)).isEqualTo("valid");
    }

    @Test
    void weakSignaturesAndKeysAreNotBelieved() {
        Holder rsa = TestPki.authority("CN=RSA").key(KeyKind.RSA_2048).selfSigned();
        assertThat(sentence(TestPki.end("CN=end").signedWith("SHA1withRSA").issuedBy(rsa), rsa)).contains("expected SHA-256 or better");
        assertThat(sentence(TestPki.end("CN=end").signedWith("SHA1withECDSA").issuedBy(root), root)).contains("expected SHA-256 or better");
        assertThat(sentence(TestPki.end("CN=end").key(KeyKind.RSA_1024).issuedBy(root), root)).contains("its RSA key has 1024 bits");
        Holder weak = TestPki.authority("CN=weak").key(KeyKind.RSA_1024).selfSigned();
        assertThat(sentence(TestPki.end("CN=end").issuedBy(weak), weak)).contains("does not lead to");
    }

    @Test
    void timeCountsForAllOfThem() {
        var past = TestPki.NOW.minus(Duration.ofDays(1));
        var future = TestPki.NOW.plus(Duration.ofDays(1));
        assertThat(sentence(TestPki.end("CN=old").validity(past.minusSeconds(9), past).issuedBy(root), root))
                .isEqualTo("the certificate 'CN=old' was valid until 2026-05-31T00:00:00Z, and now is 2026-06-01T00:00:00Z");
        assertThat(sentence(TestPki.end("CN=new").validity(future, future.plusSeconds(9)).issuedBy(root), root)).contains("is valid from");
        Holder old = TestPki.authority("CN=Old").validity(past.minusSeconds(9), past).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(old), root, old)).contains("'CN=Old' was valid until");
        Holder ended = TestPki.authority("CN=Ended").validity(past.minusSeconds(9), past).selfSigned();
        assertThat(sentence(TestPki.end("CN=end").issuedBy(ended), ended)).contains("'CN=Ended' was valid until");
    }

    @Test
    void onlyAnAuthorityVouches() {
        Holder end = TestPki.end("CN=End").issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(end), root, end)).as("no basicConstraints").contains("does not lead to");
        Holder no = TestPki.authority("CN=No").extension(Extension.basicConstraints, true, new BasicConstraints(false)).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(no), root, no)).contains("does not lead to");
        Holder mute = TestPki.authority("CN=Mute").usage(KeyUsage.digitalSignature | KeyUsage.cRLSign).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(mute), root, mute)).as("no keyCertSign").contains("does not lead to");
        Holder shallow = TestPki.authority("CN=Shallow").extension(Extension.basicConstraints, true, new BasicConstraints(0)).selfSigned();
        Holder below = TestPki.authority("CN=Below").issuedBy(shallow);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(below), shallow, below)).as("an anchor's path length").contains("breaks RFC 5280");
    }

    @Test
    void whatIsCriticalAndUnknownFails() {
        ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");
        assertThat(sentence(TestPki.end("CN=end").extension(unknown, true, DERNull.INSTANCE).issuedBy(root), root)).contains("breaks RFC 5280");
        assertThat(sentence(TestPki.end("CN=end").extension(unknown, false, DERNull.INSTANCE).issuedBy(root), root)).isEqualTo("valid");
        Holder odd = TestPki.authority("CN=Odd").extension(unknown, true, DERNull.INSTANCE).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").issuedBy(odd), root, odd)).contains("breaks RFC 5280");
    }

    @Test
    void aCertificateThatSaysWhatItIsForIsForThat() {
        assertThat(sentence(TestPki.end("CN=end").usage(KeyUsage.keyEncipherment).issuedBy(root), root)).contains("not for signatures by its keyUsage");
        assertThat(sentence(TestPki.end("CN=end").usage(KeyUsage.nonRepudiation).issuedBy(root), root)).isEqualTo("valid");
        assertThat(sentence(TestPki.end("CN=end").usage(KeyUsage.digitalSignature).issuedBy(root), root)).isEqualTo("valid");
        assertThat(sentence(TestPki.end("CN=end").purposes(KeyPurposeId.id_kp_emailProtection).issuedBy(root), root)).contains("not for IKE by its extendedKeyUsage");
        assertThat(sentence(TestPki.end("CN=end").purposes(KeyPurposeId.id_kp_codeSigning, KeyPurposeId.id_kp_ipsecIKE).issuedBy(root), root)).isEqualTo("valid");
        assertThat(sentence(TestPki.end("CN=end").purposes(KeyPurposeId.anyExtendedKeyUsage).issuedBy(root), root)).isEqualTo("valid");
        assertThat(sentence(TestPki.end("CN=end").purposes(KeyPurposeId.id_kp_serverAuth).issuedBy(root), root)).isEqualTo("valid");
    }

    // ---- R16

    private static NameConstraints permitted(GeneralName... names) {
        return new NameConstraints(Arrays.stream(names).map(GeneralSubtree::new).toArray(GeneralSubtree[]::new), null);
    }

    private static NameConstraints excluded(GeneralName... names) {
        return new NameConstraints(null, Arrays.stream(names).map(GeneralSubtree::new).toArray(GeneralSubtree[]::new));
    }

    private static GeneralName otherName(String value) {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"));
        parts.add(new DERTaggedObject(true, 0, new DERUTF8String(value)));
        return new GeneralName(GeneralName.otherName, new DERSequence(parts));
    }

    @Test
    @DisplayName("R16: name constraints hold, those of an anchor too")
    void nameConstraintsHold() {
        NameConstraints example = permitted(new GeneralName(GeneralName.dNSName, "example.org"));
        for (Holder anchor : List.of(TestPki.authority("CN=Constrained").extension(Extension.nameConstraints, true, example).selfSigned(), root)) {
            Holder authority = anchor.equals(root) ? TestPki.authority("CN=Constrained").extension(Extension.nameConstraints, true, example).issuedBy(root) : anchor;
            assertThat(sentence(TestPki.end("CN=end").dns("moon.example.org").issuedBy(authority), anchor, authority)).isEqualTo("valid");
            assertThat(sentence(TestPki.end("CN=end").dns("moon.example.com").issuedBy(authority), anchor, authority)).contains("breaks RFC 5280");
        }
        Holder not = TestPki.authority("CN=Not").extension(Extension.nameConstraints, true, excluded(new GeneralName(GeneralName.iPAddress, "192.0.2.0/24"))).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").ip("192.0.2.1").issuedBy(not), root, not)).contains("breaks RFC 5280");
        assertThat(sentence(TestPki.end("CN=end").ip("198.51.100.1").issuedBy(not), root, not)).isEqualTo("valid");
    }

    @Test
    @DisplayName("R16: a constraint of a kind that nobody compares fails where a name of that kind is")
    void unknownNameConstraintsFailClosed() {
        for (NameConstraints constraints : List.of(permitted(otherName("moon@example.org")), excluded(otherName("sun@example.org")))) {
            Holder authority = TestPki.authority("CN=Odd").extension(Extension.nameConstraints, true, constraints).issuedBy(root);
            Holder end = TestPki.end("CN=end").extension(Extension.subjectAlternativeName, false,
                    new GeneralNames(otherName("moon@example.org"))).issuedBy(authority);
            assertThat(sentence(end, root, authority)).isNotEqualTo("valid");
        }
    }

    @Test
    @DisplayName("R16: constraints of an authority that is no root are not passed over")
    void anAnchorWithConstraintsThatIsNoRootIsRefused() {
        Holder authority = TestPki.authority("CN=Constrained")
                .extension(Extension.nameConstraints, true, permitted(new GeneralName(GeneralName.dNSName, "example.org"))).issuedBy(root);
        assertThat(sentence(TestPki.end("CN=end").dns("moon.example.org").issuedBy(authority), authority)).contains("expected the root as the authority");
    }

    @Test
    @DisplayName("R7: many certificates of one name do not keep us busy")
    void theSearchForAPathIsBounded() {
        List<Holder> crowd = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            crowd.add(TestPki.authority("CN=Same").keyNamed("same").serial(i + 1L).keyNamed("same").selfSigned());
        }
        Holder end = TestPki.end("CN=end").issuedBy(crowd.getFirst());
        long began = System.nanoTime();
        assertThat(sentence(end, root, crowd.toArray(Holder[]::new))).contains("does not lead to");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    @DisplayName("R7: a chain is of eight certificates at most")
    void aLongChainIsNotFollowed() {
        List<Holder> chain = new ArrayList<>();
        Holder last = root;
        for (int i = 0; i < 8; i++) {
            last = TestPki.authority("CN=Level " + i).issuedBy(last);
            chain.add(last);
            Holder end = TestPki.end("CN=end").issuedBy(last);
            assertThat(sentence(end, root, chain.toArray(Holder[]::new)).equals("valid")).isEqualTo(i + 3 <= PathFinder.LONGEST);
        }
    }
}
