package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.TokenUri;

/** The pre-shared keys, passwords, certificates, public and private keys of one policy set. */
public final class CredentialStore implements Credentials, AutoCloseable {
    /** What is said about a certificate of ours that ends sooner. */
    static final Duration SOON = Duration.ofDays(30);

    /** Certificates that a peer may show (R7), and octets of all of them. */
    static final int MOST_SHOWN = 16;

    static final int MOST_OCTETS = 64 << 10;

    /** As many authorities as a request for certificates names. */
    private static final int MOST_ANCHORS = 20;

    private final PolicySet policies;
    private final PskStore secrets;
    private final CertificateFiles files;
    private final OwnCertificates own;
    private final RevocationChecks revocation;
    private final Memberships memberships;
    private final Clock clock;
    private final Map<TokenUri, String> absent;

    private CredentialStore(PolicySet policies, PskStore secrets, CertificateFiles files, OwnCertificates own, RevocationChecks revocation, Clock clock,
            Map<TokenUri, String> absent) {
        this.policies = policies;
        this.secrets = secrets;
        this.files = files;
        this.own = own;
        this.revocation = revocation;
        this.memberships = new Memberships(files.attributes(), files.meant(policies.publicKeys().attributeAuthorities()));
        this.clock = clock;
        this.absent = Map.copyOf(absent);
    }

    /** Where the octets of references come from. */
    public interface Source extends OwnCertificates.Source {
        /**
         * Certificates, a public key or a CRL, as PEM or DER.
         *
         * @throws IOException with the rest of a sentence that begins with the reference
         */
        byte[] certificate(CertificateRef ref) throws IOException;
    }

    /**
     * Reads everything that {@code policies} refers to, each once.
     *
     * @param clock by which certificates are valid
     * @param memory of what others have said about certificates
     * @throws PskStore.Unreadable with all problems at once; the secrets that could be read are wiped
     */
    public static CredentialStore load(PolicySet policies, Source source, Clock clock, RevocationMemory memory) throws PskStore.Unreadable {
        return load(policies, source, clock, memory, new HttpFetching());
    }

    static CredentialStore load(PolicySet policies, Source source, Clock clock, RevocationMemory memory, Fetching fetching) throws PskStore.Unreadable {
        List<String> problems = new ArrayList<>();
        Map<TokenUri, String> absent = new LinkedHashMap<>();
        CertificateFiles read = CertificateFiles.read(policies, source::certificate, absent, problems);
        Map<PrivateKeyRef, ContainerFile> containers = ContainerFile.read(policies.publicKeys().containers(), source, problems);
        CertificateFiles files = read.with(containers.values().stream().flatMap(container -> container.certificates().stream()).toList());
        OwnCertificates own = OwnCertificates.read(policies, files, containers, source, absent, problems);
        policies.publicKeys().authorities().forEach(authority -> check(authority, files, problems));
        try {
            PskStore secrets = PskStore.load(policies, source::secret);
            if (problems.isEmpty()) {
                return new CredentialStore(policies, secrets, files, own, new RevocationChecks(files.crls(), fetching, memory), clock, absent);
            }
            secrets.close();
        } catch (PskStore.Unreadable unreadable) {
            problems.addAll(0, unreadable.problems());
        }
        own.close();
        throw new PskStore.Unreadable(problems);
    }

    private static void check(Authority authority, CertificateFiles files, List<String> problems) {
        files.meant(List.of(authority.certificate())).stream()
                .filter(certificate -> !certificate.isAuthority())
                .forEach(certificate -> problems.add("authority '" + authority.name() + "': " + certificate + " in " + authority.certificate()
                        + " is no authority's, expected one with CA in basicConstraints and keyCertSign in keyUsage"));
    }

    @Override
    public Optional<Secret> psk(Identity local, Identity remote) {
        return secrets.psk(local, remote);
    }

    @Override
    public Optional<Secret> ppk(Identity id) {
        return secrets.ppk(id);
    }

    @Override
    public boolean hasPpk() {
        return secrets.hasPpk();
    }

    @Override
    public Optional<Secret> password(String user) {
        return secrets.password(user);
    }

    @Override
    public Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
        return own.find(peer, local, asked);
    }

    @Override
    public List<Anchor> anchors(Peer peer) {
        return isPinned(peer)
                ? List.of()
                : believed(peer).stream().limit(MOST_ANCHORS).map(anchor -> new Anchor(anchor.subject(), anchor.keyHash())).toList();
    }

    private static boolean isPinned(Peer peer) {
        Certification certification = peer.remote().certification();
        return !certification.certificates().isEmpty() || certification.isByPublicKey();
    }

    private List<Authority> authorities(Peer peer) {
        List<String> names = peer.remote().certification().authorities();
        return policies.publicKeys().authorities().stream().filter(authority -> names.isEmpty() || names.contains(authority.name())).toList();
    }

    private List<ParsedCertificate> believed(Peer peer) {
        return files.meant(authorities(peer).stream().map(Authority::certificate).toList());
    }

    @Override
    public List<Bytes> known(Peer peer, Identity remote) {
        if (peer.remote().certification().isByPublicKey()) {
            return files.keys(peer.remote().certification().publicKeys()).stream().map(PublicKeyFile::der).toList();
        }
        Stream<ParsedCertificate> candidates = isPinned(peer)
                ? files.meant(peer.remote().certification().certificates()).stream()
                : Stream.concat(files.meant(policies.publicKeys().certificates()).stream(), files.contained().stream());
        return candidates.filter(certificate -> CertifiedIdentities.isOf(certificate, remote)).map(ParsedCertificate::der).toList();
    }

    @Override
    public Optional<Judges> radius() {
        return secrets.radius();
    }

    @Override
    public List<Identity> named(Bytes certificate) {
        return ParsedCertificate.read(certificate).map(CertifiedIdentities::of).orElse(List.of());
    }

    @Override
    public Optional<String> objection(Peer peer, Identity remote, List<Bytes> certificates) {
        try {
            return judge(peer, remote, certificates);
        } catch (IllegalArgumentException | IllegalStateException | ClassCastException misshapen) {
            // What a certificate's extensions hold is read late: what cannot be read is not believed.
            return Optional.of("a certificate of peer '" + peer.name() + "' has something in it that cannot be read");
        }
    }

    private Optional<String> judge(Peer peer, Identity remote, List<Bytes> shown) {
        if (shown.isEmpty()) {
            return Optional.of("no certificate was shown, and none is known of '" + remote + "'");
        }
        if (shown.size() > MOST_SHOWN || shown.stream().mapToInt(Bytes::length).sum() > MOST_OCTETS) {
            return Optional.of(shown.size() + " certificates of " + shown.stream().mapToInt(Bytes::length).sum() + " octets were shown, the most is "
                    + MOST_SHOWN + " of " + MOST_OCTETS);
        }
        if (peer.remote().certification().isByPublicKey()) {
            return known(peer, remote).contains(shown.getFirst())
                    ? Optional.empty()
                    : Optional.of("its key is none of those that peer '" + peer.name() + "' may have: " + text(peer.remote().certification().publicKeys()));
        }
        Optional<ParsedCertificate> first = ParsedCertificate.read(shown.getFirst());
        if (first.isEmpty()) {
            return Optional.of("what was shown is no X.509 certificate");
        }
        ParsedCertificate end = first.get();
        return ChainValidator.objectionToIdentity(end, remote).or(() -> isPinned(peer) ? pinned(peer, end) : vouched(peer, end, shown))
                .or(() -> memberships.objection(peer, end, shown, clock.instant()));
    }

    private Optional<String> pinned(Peer peer, ParsedCertificate end) {
        Certification certification = peer.remote().certification();
        return files.meant(certification.certificates()).contains(end)
                ? end.objectionToTime(clock.instant())
                : Optional.of(end + " is not the one that peer '" + peer.name() + "' may show: "
                        + text(certification.certificates()));
    }

    private static String text(List<CertificateRef> refs) {
        return String.join(", ", refs.stream().map(CertificateRef::toString).toList());
    }

    private Optional<String> vouched(Peer peer, ParsedCertificate end, List<Bytes> shown) {
        Instant now = clock.instant();
        List<ParsedCertificate> between = Stream.concat(
                        shown.stream().skip(1).flatMap(der -> ParsedCertificate.read(der).stream()), files.all().stream())
                .distinct()
                .toList();
        return switch (ChainValidator.judge(end, believed(peer), between, peer.remote().certification().chain(), now)) {
            case ChainValidator.Verdict.Refused(String sentence) -> Optional.of(sentence);
            case ChainValidator.Verdict.Valid(var path) -> revocation.objection(path,
                    authorities(peer).stream().filter(each -> files.meant(List.of(each.certificate())).contains(path.anchor())).toList(),
                    peer.remote().certification().revocation(), now);
        };
    }

    /** Tokens that could not be had, and without whose keys and certificates it has to go: a sentence each. */
    public Map<TokenUri, String> absent() {
        return absent;
    }

    /** What the operator should know: certificates of ours that end soon or have ended, a sentence each. */
    public List<String> warnings() {
        Instant now = clock.instant();
        return own.certificates().stream()
                .flatMap(certificate -> certificate.objectionToTime(now)
                        .or(() -> certificate.objectionToTime(now.plus(SOON)).map(_ -> certificate + " ends on " + certificate.x509().getNotAfter().toInstant()))
                        .map(sentence -> "of ours: " + sentence)
                        .stream())
                .toList();
    }

    /** Whether every reference stands for the same octets in both. */
    public boolean holdsTheKeysOf(CredentialStore other) {
        return secrets.holdsTheKeysOf(other.secrets) && own.hasTheKeysOf(other.own);
    }

    /** Whether every reference to a certificate or CRL stands for the same in both. */
    public boolean holdsTheCertificatesOf(CredentialStore other) {
        return files.equals(other.files);
    }

    /** Wipes all keys. Afterwards no key is found. */
    @Override
    public void close() {
        secrets.close();
        own.close();
        revocation.close();
    }

    @Override
    public String toString() {
        return "CredentialStore[" + secrets + ", " + own.certificates().size() + " certificates]";
    }
}
