package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.CredentialStore;
import org.xfrmagent.agent.credentials.PskStore;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.policies.convert.ConversionMemory;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TokenUri;
import org.xfrmagent.policies.plan.Change;
import org.xfrmagent.policies.plan.Plan;
import org.xfrmagent.policies.secrets.Resolution;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;
import org.xfrmagent.policies.yaml.Problem;
import org.xfrmagent.policies.yaml.ReadingMemory;
import org.xfrmagent.policies.yaml.Source;

/**
 * The policy files as read, and what clients have loaded, with the secrets they refer to.
 *
 * @param loaded the peers that clients have loaded
 * @param alone whether nothing is part of it that may change without a client's loading something: no file, and no token
 * @param memory of how it was read
 */
record Configuration(PolicySet policies, CredentialStore keys, Set<String> loaded, boolean alone, Memory memory) implements AutoCloseable {
    /**
     * What the configuration in force was made of: of the next only what differs is converted and read.
     *
     * @param said warnings about what clients have loaded, which are not repeated with everything else that they load
     */
    record Memory(ConversionMemory conversion, ReadingMemory reading, Set<Problem> said) {
        static final Memory NOTHING = new Memory(ConversionMemory.NOTHING, ReadingMemory.NOTHING, Set.of());
    }

    /** What clients have loaded as texts. */
    private record Texts(List<Source> sources, ConversionMemory memory) {}

    /**
     * The policies of the files come first, then those of what is loaded.
     *
     * @param tokens those that the agent has spoken with before too
     * @param revocations what others have said about certificates, before this too
     * @param before of the configuration in force
     * @throws StartupFailure with every problem of every file, as {@code file:line:column: message}
     */
    static Configuration load(
            List<Path> files, Loaded loaded, Map<String, String> environment, RevocationMemory revocations, Tokens tokens, Memory before, EventLog log)
            throws StartupFailure {
        SecretReader secrets = new SecretReader(environment, loaded::key, loaded::privateKey);
        Texts texts = texts(loaded, before.conversion, log);
        PolicyReader.Result result = new PolicyReader(secrets).read(files, texts.sources, before.reading);
        result.warnings().stream().filter(warning -> !before.said.contains(warning)).forEach(warning -> log.warning("policies", warning.toString()));
        return switch (result) {
            case PolicyReader.Refused refused ->
                throw new StartupFailure(refused.problems().stream().map(Problem::toString).toList());
            case PolicyReader.Accepted accepted -> {
                if (accepted.policies().policies().size() > Priorities.MOST_POLICIES) {
                    throw new StartupFailure("there are " + accepted.policies().policies().size() + " policies, the most is "
                            + Priorities.MOST_POLICIES);
                }
                yield new Configuration(accepted.policies(), keys(accepted.policies(), new References(secrets, loaded, tokens), revocations),
                        Set.copyOf(loaded.connections().keySet()), files.isEmpty() && isOfLoaded(accepted.policies()), new Memory(
                                texts.memory, accepted.memory(), accepted.warnings().stream().filter(Problem::isAboutLoaded).collect(Collectors.toUnmodifiableSet())));
            }
        };
    }

    /** Whether every certificate and key was loaded itself, and not named by where it is. */
    private static boolean isOfLoaded(PolicySet policies) {
        PublicKeys keys = policies.publicKeys();
        Stream<CertificateRef> certificates = Stream.concat(
                Stream.of(keys.certificates(), keys.crls(), keys.attributeCertificates(), keys.attributeAuthorities(), keys.authorities().stream().map(Authority::certificate).toList())
                        .flatMap(List::stream),
                policies.peers().stream().flatMap(peer -> Stream.of(peer.local(), peer.remote())).map(Side::certification)
                        .flatMap(each -> Stream.concat(each.certificates().stream(), each.publicKeys().stream())));
        return certificates.allMatch(CertificateRef.Loaded.class::isInstance)
                && keys.containers().isEmpty() && keys.keys().stream().map(PrivateKeyRef::from).allMatch(SecretRef.Loaded.class::isInstance);
    }

    private static Texts texts(Loaded loaded, ConversionMemory before, EventLog log) throws StartupFailure {
        if (loaded.isEmpty()) {
            return new Texts(List.of(), ConversionMemory.NOTHING);
        }
        LoadedConversion.Outcome outcome = loaded.convert(before);
        List<String> refusals = Stream.concat(outcome.refusals().stream(), KernelLabels.OF_THIS_HOST.refusals(loaded).stream()).toList();
        if (!refusals.isEmpty()) {
            throw new StartupFailure(refusals);
        }
        outcome.notes().forEach(note -> log.notice("loaded", note));
        return new Texts(outcome.texts().stream().map(text -> Source.loaded(text.yaml(), text.ranks())).toList(), outcome.memory());
    }

    private static CredentialStore keys(PolicySet policies, References references, RevocationMemory revocations) throws StartupFailure {
        try {
            return CredentialStore.load(policies, references, Clock.systemUTC(), revocations);
        } catch (PskStore.Unreadable unreadable) {
            throw new StartupFailure(new ArrayList<>(unreadable.problems()));
        }
    }

    /** Files, credentials of systemd and the environment, tokens, and what clients have loaded. */
    private record References(SecretReader secrets, Loaded loaded, Tokens tokens) implements CredentialStore.Source {
        /** Lists of revoked certificates can be long. */
        private static final int LONGEST = 16 << 20;

        @Override
        public Secret secret(SecretRef ref) throws IOException {
            return found("the secret " + ref, secrets.resolve(ref));
        }

        @Override
        public Secret privateKey(SecretRef ref) throws IOException {
            return found("the key " + ref, secrets.privateKey(ref));
        }

        @Override
        public TokenKey token(TokenUri uri, Optional<Secret> pin) throws IOException {
            return tokens.key(uri, pin);
        }

        private static Secret found(String subject, Resolution resolution) throws IOException {
            return switch (resolution) {
                case Resolution.Found found -> Secret.take(found.octets());
                case Resolution.Refused(String sentence) -> throw new IOException(subject + " " + sentence);
                case Resolution.Elsewhere(String sentence) -> throw new IOException(subject + " " + sentence);
            };
        }

        @Override
        public byte[] certificate(CertificateRef ref) throws IOException {
            return switch (ref) {
                case CertificateRef.FromFile(Path path) -> file(path);
                case CertificateRef.InToken(TokenUri uri) -> tokens.certificateAsKnown(uri).toArray();
                case CertificateRef.Loaded(String hash) -> loaded.certificate(hash)
                        .orElseThrow(() -> new IOException("cannot be had: nobody has loaded it over the control socket")).toArray();
            };
        }

        private static byte[] file(Path path) throws IOException {
            try (InputStream in = Files.newInputStream(path)) {
                byte[] octets = in.readNBytes(LONGEST + 1);
                if (octets.length > LONGEST) {
                    throw new IOException("has more than " + LONGEST + " octets");
                }
                return octets;
            } catch (FileSystemException unreadable) {
                throw new IOException("cannot be read: " + unreadable.getClass().getSimpleName() + " for " + path, unreadable);
            }
        }
    }

    /** What differs in {@code next}, a line each; nothing where the two say the same, keys included. */
    List<String> changesTo(Configuration next) {
        List<String> changes = new ArrayList<>(Plan.between(policies, next.policies).stream().map(Change::summary).toList());
        if (!next.keys.holdsTheKeysOf(keys) && policies.secrets().equals(next.policies.secrets())
                && policies.publicKeys().keys().equals(next.policies.publicKeys().keys())
                && policies.publicKeys().containers().equals(next.policies.publicKeys().containers())) {
            changes.add("~ keys");
        }
        if (!next.keys.holdsTheCertificatesOf(keys) && policies.publicKeys().equals(next.policies.publicKeys())) {
            changes.add("~ certificates");
        }
        return List.copyOf(changes);
    }

    @Override
    public void close() {
        keys.close();
    }
}
