package org.xfrmagent.agent.credentials;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestCrl;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Side;

/**
 * Octets in the place of a certificate, of what an authority that is believed has signed as the body of one, of a list, an answer or a key:
 * believed, refused with a sentence, or not read.
 */
public final class CertificateTarget {
    private static final Holder ROOT = TestPki.authority("CN=Root").key(KeyKind.P256).selfSigned();
    private static final Identity SUN = Identity.parse("sun.example.org");
    private static final Peer PEER = Peer.of("sun", new Side(List.of(Host.any()), 500, Identity.parse("moon"), Auth.PSK),
            new Side(List.of(Host.any()), 500, SUN, Auth.PUBKEY, Optional.empty(), new Certification(
                    List.of(), List.of(), List.of("root"), Revocation.RELAXED, List.of(),
                    new ChainDemands(Map.of(SignatureScheme.Key.ECDSA, 256), List.of(), List.of("1.2.3")), true)));
    private static final CredentialStore STORE = store();

    private CertificateTarget() {}

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        Bytes octets = Bytes.of(data);
        shown(octets);
        shown(signed(data));
        RevocationList.read(octets).ifPresent(list -> list.standing(parsed(ROOT), parsed(ROOT), TestPki.NOW));
        new OcspQuestion(parsed(ROOT), parsed(ROOT), Bytes.wrap(new byte[32])).read(octets, TestPki.NOW);
        List.<Runnable>of(() -> CertificateFacts.read(data), () -> CertificateFacts.crl(data), () -> PublicKeyFile.read(data), () -> PrivateKeyFile.read(data),
                        () -> PrivateKeyFile.read(data, Optional.of(Secret.take(new byte[] {'x'}))))
                .forEach(reader -> {
                    try {
                        reader.run();
                    } catch (IllegalArgumentException none) {
                        // The only way out for what is none.
                    }
                });
    }

    private static void shown(Bytes der) {
        try {
            VerifyingKeys.ofCertificate(der);
        } catch (UnusableKey none) {
            // Nothing that a signature could be verified with.
        }
        STORE.objection(PEER, SUN, List.of(der, ROOT.der()));
    }

    /** A certificate with this body, rightly signed by the authority. */
    static Bytes signed(byte[] body) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(ROOT.keys().getPrivate());
            signature.update(body);
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            content.write(body);
            content.write(new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256).getEncoded());
            content.write(new DERBitString(signature.sign()).getEncoded());
            int length = content.size();
            byte[] header = length < 0x80 ? new byte[] {0x30, (byte) length}
                    : new byte[] {0x30, (byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length};
            byte[] shortest = length >= 0x80 && length < 0x100 ? new byte[] {0x30, (byte) 0x81, (byte) length}
                    : length >= 0x100 && length < 0x10000 ? new byte[] {0x30, (byte) 0x82, (byte) (length >> 8), (byte) length} : header;
            return Bytes.concat(Bytes.wrap(shortest), Bytes.wrap(content.toByteArray()));
        } catch (GeneralSecurityException | IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Whole certificates and lists, and bodies of certificates with every extension that is looked at. */
    public static List<byte[]> seeds() {
        TestPki full = TestPki.end("CN=sun").dns("sun.example.org").ip("192.0.2.2").email("sun@example.org").key(KeyKind.P256)
                .purposes(KeyPurposeId.id_kp_serverAuth).crlAt("http://192.0.2.9/crl").ocspAt("http://192.0.2.9/ocsp")
                .extension(Extension.certificatePolicies, false, new CertificatePolicies(new PolicyInformation(new ASN1ObjectIdentifier("1.2.3"))));
        TestPki authority = TestPki.authority("CN=Middle").extension(Extension.nameConstraints, true, new NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "example.org"))}, null));
        List<byte[]> seeds = new ArrayList<>();
        for (Holder holder : List.of(full.issuedBy(ROOT), authority.issuedBy(ROOT), TestPki.end("CN=rsa").key(KeyKind.RSA_2048).issuedBy(ROOT),
                TestPki.end("CN=ed").key(KeyKind.ED25519).dns("sun.example.org").issuedBy(ROOT))) {
            seeds.add(holder.der().toArray());
            seeds.add(body(holder));
            seeds.add(holder.keys().getPublic().getEncoded());
        }
        seeds.add(TestCrl.of(ROOT).der().toArray());
        return seeds;
    }

    private static byte[] body(Holder holder) {
        try {
            return Certificate.getInstance(ASN1Primitive.fromByteArray(holder.der().toArray())).getTBSCertificate().getEncoded();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static ParsedCertificate parsed(Holder holder) {
        return ParsedCertificate.read(holder.der()).orElseThrow();
    }

    private static CredentialStore store() {
        Authority root = new Authority("root", new CertificateRef.FromFile(Path.of("root.pem")), List.of(), List.of());
        CredentialStore.Source source = new CredentialStore.Source() {
            @Override
            public Secret secret(SecretRef ref) {
                throw new AssertionError("there is no secret here");
            }

            @Override
            public Secret privateKey(SecretRef ref) {
                throw new AssertionError("there is no key here");
            }

            @Override
            public byte[] certificate(CertificateRef ref) {
                return ROOT.pem().getBytes(StandardCharsets.US_ASCII);
            }
        };
        Fetching nobody = new Fetching() {
            @Override
            public Bytes fetch(java.net.URI place, Optional<Bytes> question, int most, java.time.Duration patience) throws IOException {
                throw new IOException("is not there");
            }

            @Override
            public void close() {}
        };
        try {
            return CredentialStore.load(new PolicySet(List.of(PEER), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN,
                    new PublicKeys(List.of(root), List.of(), List.of(), List.of())), source, Clock.fixed(TestPki.NOW, ZoneOffset.UTC), new RevocationMemory(), nobody);
        } catch (PskStore.Unreadable impossible) {
            throw new AssertionError(impossible.problems().toString());
        }
    }

    /** Somewhere in a copy: other octets, another length, a piece left out or doubled. */
    static byte[] mutant(byte[] seed, java.util.Random random) {
        byte[] copy = seed.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(copy.length);
            copy = switch (random.nextInt(4)) {
                case 0 -> {
                    copy[at] ^= (byte) (1 << random.nextInt(8));
                    yield copy;
                }
                case 1 -> {
                    copy[at] = (byte) new int[] {0, 0x7f, 0x80, 0xff, 0x84, 0x30}[random.nextInt(6)];
                    yield copy;
                }
                case 2 -> concat(Arrays.copyOf(copy, at), Arrays.copyOfRange(copy, Math.min(copy.length, at + 1 + random.nextInt(9)), copy.length));
                default -> concat(Arrays.copyOf(copy, at), Arrays.copyOfRange(copy, Math.max(0, at - random.nextInt(40)), copy.length));
            };
            if (copy.length == 0) {
                return seed.clone();
            }
        }
        return copy;
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
