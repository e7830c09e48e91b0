package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.ChainDemands;

/** What a policy asks of a path besides that it is valid, and paths that would cost whoever validates them too much. */
class ChainDemandsTest {
    private static final String GOLD = "1.3.6.1.4.1.32473.1";
    private static final String SILVER = "1.3.6.1.4.1.32473.2";
    private static final String ANY = "2.5.29.32.0";
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Holder root = TestPki.authority("CN=Root").key(KeyKind.RSA_2048).selfSigned();

    private static String sentence(Holder end, Holder anchor, ChainDemands demands, Holder... between) {
        return switch (ChainValidator.judge(parsed(end), List.of(parsed(anchor)), Arrays.stream(between).map(ChainDemandsTest::parsed).toList(), demands, TestPki.NOW)) {
            case ChainValidator.Verdict.Valid _ -> "valid";
            case ChainValidator.Verdict.Refused(String sentence) -> sentence;
        };
    }

    private static ParsedCertificate parsed(Holder holder) {
        return ParsedCertificate.read(holder.der()).orElseThrow();
    }

    private static ChainDemands bits(Map<SignatureScheme.Key, Integer> least) {
        return new ChainDemands(least, List.of(), List.of());
    }

    private static ChainDemands signedBy(SignatureScheme... schemes) {
        return new ChainDemands(Map.of(), List.of(schemes), List.of());
    }

    private static ChainDemands under(String... policies) {
        return new ChainDemands(Map.of(), List.of(), List.of(policies));
    }

    @Test
    void everyKeyOfAPathHasToBeLongEnough() {
        Holder end = TestPki.end("CN=end").key(KeyKind.RSA_3072).issuedBy(root);
        assertThat(sentence(end, root, bits(Map.of(SignatureScheme.Key.RSA, 2048)))).isEqualTo("valid");
        assertThat(sentence(end, root, bits(Map.of(SignatureScheme.Key.RSA, 3072)))).isEqualTo(
                "the certificate 'CN=Root' has a key of RSA 2048, expected RSA from 3072");
        Holder curve = TestPki.end("CN=curve").key(KeyKind.P256).issuedBy(root);
        assertThat(sentence(curve, root, bits(Map.of(SignatureScheme.Key.RSA, 2048)))).isEqualTo(
                "the certificate 'CN=curve' has a key of ECDSA 256, expected RSA from 2048");
        assertThat(sentence(curve, root, bits(Map.of(SignatureScheme.Key.RSA, 2048, SignatureScheme.Key.ECDSA, 256)))).isEqualTo("valid");
        assertThat(sentence(curve, root, bits(Map.of(SignatureScheme.Key.RSA, 2048, SignatureScheme.Key.ECDSA, 384)))).isEqualTo(
                "the certificate 'CN=curve' has a key of ECDSA 256, expected ECDSA from 384 or RSA from 2048");
    }

    /** That of the authority itself counts for nothing: nobody looks at it. */
    @Test
    void everySignatureBelowTheAuthorityHasToBeOfThoseAskedFor() {
        Holder middle = TestPki.authority("CN=Middle").key(KeyKind.P384).issuedBy(root);
        Holder end = TestPki.end("CN=end").issuedBy(middle);
        assertThat(sentence(end, root, signedBy(SignatureScheme.ECDSA_SHA384, SignatureScheme.RSA_SHA256), middle)).isEqualTo("valid");
        assertThat(sentence(end, middle, signedBy(SignatureScheme.ECDSA_SHA384))).isEqualTo("valid");
        assertThat(sentence(end, root, signedBy(SignatureScheme.ECDSA_SHA384), middle)).isEqualTo(
                "the certificate 'CN=Middle' is signed with rsa-sha256, expected ecdsa-sha384");
    }

    private static CertificatePolicies policies(String... identifiers) {
        return new CertificatePolicies(Arrays.stream(identifiers).map(each -> new PolicyInformation(new ASN1ObjectIdentifier(each))).toArray(PolicyInformation[]::new));
    }

    private static TestPki with(TestPki pki, String... identifiers) {
        return pki.extension(Extension.certificatePolicies, false, policies(identifiers));
    }

    @Test
    void aPolicyIsThePathsIfEveryCertificateBelowTheAuthorityHasIt() {
        Holder middle = with(TestPki.authority("CN=Middle"), GOLD).issuedBy(root);
        Holder end = with(TestPki.end("CN=end"), GOLD, SILVER).issuedBy(middle);
        assertThat(sentence(end, root, under(GOLD), middle)).as("a root need not have it").isEqualTo("valid");
        assertThat(sentence(end, root, under(SILVER), middle)).isEqualTo(
                "the certificate 'CN=end' is not issued under the certificate policy " + SILVER);
        assertThat(sentence(end, root, under(GOLD, SILVER), middle)).as("all of them").contains(SILVER);
        assertThat(sentence(TestPki.end("CN=bare").issuedBy(middle), root, under(GOLD), middle)).contains("is not issued under");
        Holder generous = with(TestPki.authority("CN=Generous"), ANY).issuedBy(root);
        assertThat(sentence(with(TestPki.end("CN=end"), GOLD, SILVER).issuedBy(generous), root, under(GOLD, SILVER), generous)).isEqualTo("valid");
    }

    /** Each of n policies mapped to all n, in each of the certificates between: n to the power of their number. */
    @Test
    void aTreeOfPoliciesThatExplodesIsNotGrown() {
        String[] many = IntStream.range(0, 20).mapToObj(i -> "1.2.3." + i).toArray(String[]::new);
        List<ASN1Encodable> mappings = new ArrayList<>();
        for (String from : many) {
            for (String to : many) {
                mappings.add(new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(from), new ASN1ObjectIdentifier(to)}));
            }
        }
        List<Holder> chain = new ArrayList<>(List.of(root));
        for (int i = 0; i < 6; i++) {
            chain.add(with(TestPki.authority("CN=Bomb " + i).key(KeyKind.P256), many)
                    .extension(Extension.policyMappings, false, new DERSequence(mappings.toArray(ASN1Encodable[]::new))).issuedBy(chain.getLast()));
        }
        Holder end = with(TestPki.end("CN=end"), many).issuedBy(chain.getLast());
        assertQuick(() -> assertThat(sentence(end, root, ChainDemands.NONE, chain.subList(1, chain.size()).toArray(Holder[]::new)))
                .contains("maps certificate policies to so many others that this is not computed"));
    }

    @Test
    void thousandsOfPoliciesAndNamesAreComputedOrNotRead() {
        String[] many = IntStream.range(0, 1000).mapToObj(i -> "1.2.3." + i).toArray(String[]::new);
        Holder policies = with(TestPki.authority("CN=Policies").key(KeyKind.P256), many).issuedBy(root);
        Holder end = with(TestPki.end("CN=end"), many).issuedBy(policies);
        assertQuick(() -> assertThat(sentence(end, root, under("1.2.3.999"), policies)).isEqualTo("valid"));

        GeneralSubtree[] subtrees = IntStream.range(0, 300).mapToObj(i -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, "n" + i + ".example")))
                .toArray(GeneralSubtree[]::new);
        Holder constrained = TestPki.authority("CN=Names").key(KeyKind.P256)
                .extension(Extension.nameConstraints, true, new NameConstraints(subtrees, subtrees)).issuedBy(root);
        Holder again = TestPki.authority("CN=Names again").key(KeyKind.P256)
                .extension(Extension.nameConstraints, true, new NameConstraints(subtrees, null)).issuedBy(constrained);
        GeneralName[] names = IntStream.range(0, 700).mapToObj(i -> new GeneralName(GeneralName.dNSName, "n" + i + ".example")).toArray(GeneralName[]::new);
        Holder named = TestPki.end("CN=named").extension(Extension.subjectAlternativeName, false, new GeneralNames(names)).issuedBy(again);
        assertQuick(() -> assertThat(sentence(named, root, ChainDemands.NONE, constrained, again)).isNotEqualTo("valid"));
    }

    /** Deep nesting in the place of an extension, an endless length, an RSA key that nobody could verify with in time. */
    @Test
    void whatIsDeepOrHugeIsNotRead() {
        byte[] deep = new byte[12_000];
        for (int i = 0; i + 4 <= deep.length; i += 4) {
            int length = deep.length - i - 4;
            deep[i] = 0x30;
            deep[i + 1] = (byte) 0x82;
            deep[i + 2] = (byte) (length >> 8);
            deep[i + 3] = (byte) length;
        }
        assertQuick(() -> assertThat(ParsedCertificate.read(Bytes.wrap(deep))).isEmpty());
        byte[] indefinite = new byte[4000];
        Arrays.fill(indefinite, (byte) 0x30);
        for (int i = 1; i < indefinite.length; i += 2) {
            indefinite[i] = (byte) 0x80;
        }
        assertQuick(() -> assertThat(ParsedCertificate.read(Bytes.wrap(indefinite))).isEmpty());
        Holder end = TestPki.end("CN=end").key(KeyKind.RSA_2048).issuedBy(root);
        assertQuick(() -> assertThat(sentence(end, root, ChainDemands.NONE, Collections.nCopies(16, root).toArray(Holder[]::new))).isEqualTo("valid"));
    }

    private static void assertQuick(Runnable work) {
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(LONGEST, work::run);
    }
}
