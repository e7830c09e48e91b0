package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.TestAttributes;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.EapTerms;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.Side;

/** RFC 5755: an authority for attributes says of which groups sun, who shows a certificate, is a member. */
class MembershipsTest extends StoreFixture {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String NOBODY = "the owner of the certificate 'O=Example, CN=sun' is a member of no group";

    private final Holder aa = TestPki.end("O=Example, CN=AA").usage(KeyUsage.digitalSignature).selfSigned();
    private final Holder otherAa = TestPki.end("O=Example, CN=Other AA").selfSigned();

    private static Peer peer(Revocation revocation, EapTerms eap, String... groups) {
        Side remote = new Side(List.of(Host.any()), 500, Identity.parse("sun.example.org"), Auth.PUBKEY, Optional.empty(),
                new Certification(List.of(), List.of("root"), revocation, List.of()), List.of(), eap, List.of(groups));
        return peer(side("moon.example.org", certification(List.of("moon.pem"))), remote);
    }

    private static Peer peer(String... groups) {
        return peer(Revocation.RELAXED, EapTerms.NONE, groups);
    }

    private CredentialStore store(Peer peer, Bytes... known) throws PskStore.Unreadable {
        files.put("root.pem", root.pem()).put("middle.pem", middle.pem()).put("moon.pem", moon.pem()).put("moon.key", moon.keyPem())
                .put("aa.pem", aa.pem()).put("known.pem", String.join("", Arrays.stream(known).map(TestAttributes::pem).toList()));
        return store(new PolicySet(List.of(peer), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN, new PublicKeys(
                List.of(authority("root")), List.of(file("middle.pem")), List.of(), List.of(key("moon.key")), List.of(),
                known.length == 0 ? List.of() : List.of(file("known.pem")), List.of(file("aa.pem")))));
    }

    private Optional<String> objection(Peer peer, List<Bytes> shown, Bytes... known) throws PskStore.Unreadable {
        List<Bytes> all = new ArrayList<>(List.of(sun.der(), middle.der()));
        all.addAll(shown);
        try (CredentialStore store = store(peer, known)) {
            return store.objection(peer, Identity.parse("sun.example.org"), all);
        }
    }

    @Test
    void aMemberOfOneOfTheGroupsIsBelieved() throws PskStore.Unreadable {
        Bytes staff = TestAttributes.of(sun, "staff", "night shift").issuedBy(aa);
        assertThat(objection(peer("admins", "Night Shift"), List.of(), staff)).as("we have it").isEmpty();
        assertThat(objection(peer("admins", "staff"), List.of(staff))).as("it shows it").isEmpty();
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(sun, "staff").byName().issuedBy(aa))).as("of its name").isEmpty();
        assertThat(objection(peer("guests"), List.of(), TestAttributes.of(sun).utf8("guests").issuedBy(aa))).isEmpty();
        assertThat(objection(peer("1.3.6.1.4.1.32473.7"), List.of(), TestAttributes.of(sun).object("1.3.6.1.4.1.32473.7").issuedBy(aa))).isEmpty();
    }

    @Test
    void aMemberOfNoneIsNot() throws PskStore.Unreadable {
        assertThat(objection(peer("staff"), List.of())).contains(NOBODY + ", peer sun has members of [staff]");
        assertThat(objection(peer("staff", "admins"), List.of(), TestAttributes.of(sun, "guests").issuedBy(aa)))
                .contains("the owner of the certificate 'O=Example, CN=sun' is a member of [guests], peer sun has members of [staff, admins]");
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(moon, "staff").issuedBy(aa))).as("another's").contains(NOBODY + ", peer sun has members of [staff]");
    }

    @Test
    void whoIsNotAskedForGroupsNeedsNone() throws PskStore.Unreadable {
        assertThat(objection(peer(), List.of())).isEmpty();
        EapTerms radius = new EapTerms(List.of(EapKind.RADIUS), true, Optional.empty());
        assertThat(objection(peer(Revocation.RELAXED, radius, "staff"), List.of())).as("the server says of which its user is one").isEmpty();
    }

    @Test
    void whatNobodyWhoIsBelievedHasSaidDoesNotCount() throws PskStore.Unreadable {
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(sun, "staff").issuedBy(otherAa)).orElseThrow())
                .startsWith(NOBODY + " (an attribute certificate of 'O=Example, CN=Other AA' is by nobody who is believed about groups)");
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(sun, "staff").issuedBy(root)).orElseThrow())
                .as("who vouches for certificates").contains("is by nobody who is believed about groups");
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(sun, "staff").signed(aa, otherAa)).orElseThrow())
                .contains("is not signed with the key of its issuer");
    }

    @Test
    void whatIsOverOrWeakOrNotUnderstoodDoesNotCount() throws PskStore.Unreadable {
        TestAttributes over = TestAttributes.of(sun, "staff").validity(TestPki.NOW.minus(HOUR.multipliedBy(2)), TestPki.NOW.minus(HOUR));
        assertThat(objection(peer("staff"), List.of(), over.issuedBy(aa)).orElseThrow()).contains("is valid from 2026-05-31T22:00:00Z until 2026-05-31T23:00:00Z, and now is");
        assertThat(objection(peer("staff"), List.of(), TestAttributes.of(sun, "staff").signedWith("SHA1withECDSA").issuedBy(aa)).orElseThrow())
                .contains("expected SHA-256 or better");
        TestAttributes aimed = TestAttributes.of(sun, "staff").extension(new ASN1ObjectIdentifier("2.5.29.55"), true, DERNull.INSTANCE);
        assertThat(objection(peer("staff"), List.of(), aimed.issuedBy(aa)).orElseThrow()).contains("has the critical extensions [2.5.29.55]");
    }

    /** An issuer that can take it back is not asked whether it has. */
    @Test
    void whoIsStrictBelievesOnlyWhatIsNeverRevoked() throws PskStore.Unreadable {
        Bytes revocable = TestAttributes.of(sun, "staff").revocable().issuedBy(aa);
        assertThat(objection(peer("staff"), List.of(), revocable)).isEmpty();
        Memberships memberships = new Memberships(List.of(AttributeCertificate.read(revocable).orElseThrow()), List.of(ParsedCertificate.read(aa.der()).orElseThrow()));
        ParsedCertificate end = ParsedCertificate.read(sun.der()).orElseThrow();
        assertThat(memberships.objection(peer(Revocation.STRICT, EapTerms.NONE, "staff"), end, List.of(), TestPki.NOW).orElseThrow())
                .contains("with 'revocation: strict' has to say that it never is (noRevAvail)");
    }

    @Test
    void whatIsNoneIsSaidWhereItIsRead() throws PskStore.Unreadable {
        files.put("root.pem", root.pem()).put("middle.pem", middle.pem()).put("moon.pem", moon.pem()).put("moon.key", moon.keyPem())
                .put("aa.pem", aa.pem()).put("known.pem", moon.pem());
        assertThat(problems(new PolicySet(List.of(peer("staff")), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN, new PublicKeys(
                List.of(authority("root")), List.of(file("middle.pem")), List.of(), List.of(key("moon.key")), List.of(), List.of(file("known.pem")), List.of(file("aa.pem"))))))
                .containsExactly("the attribute certificate file:known.pem has none in it");
    }

    @Test
    void whateverComesIsOneOrNone() {
        Random random = new Random(5);
        Bytes good = TestAttributes.of(sun, "staff").issuedBy(aa);
        ParsedCertificate end = ParsedCertificate.read(sun.der()).orElseThrow();
        ParsedCertificate authority = ParsedCertificate.read(aa.der()).orElseThrow();
        for (int i = 0; i < 3_000; i++) {
            byte[] octets = good.toArray();
            octets[random.nextInt(octets.length)] ^= (byte) (1 + random.nextInt(255));
            Bytes mutant = Bytes.wrap(octets).slice(0, random.nextInt(4) == 0 ? random.nextInt(octets.length) : octets.length);
            Optional<AttributeCertificate> read = AttributeCertificate.read(mutant);
            assertThat(read.filter(each -> each.isOf(end) && each.objection(List.of(authority), true, TestPki.NOW).isEmpty())).isEmpty();
        }
    }
}
