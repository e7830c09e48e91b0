package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.Radius;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.User;

/**
 * The pre-shared keys of one policy set, and the passwords of its users. Which key fits two identities best is decided by {@link PolicySet#psk}: a key whose owners
 * are exactly this pair beats one that names a single side, and that beats a key that is anybody's.
 */
public final class PskStore implements Credentials, AutoCloseable {
    private final PolicySet policies;
    private final Map<SecretRef, Secret> keys;

    private PskStore(PolicySet policies, Map<SecretRef, Secret> keys) {
        this.policies = policies;
        this.keys = Map.copyOf(keys);
    }

    /** Where the octets of a reference come from. */
    @FunctionalInterface
    public interface Source {
        /** @throws IOException with a sentence that names the reference and never the secret */
        Secret read(SecretRef ref) throws IOException;
    }

    /** Some secrets cannot be read: a sentence for each. */
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<String> problems;

        Unreadable(List<String> problems) {
            super(String.join("\n", problems));
            this.problems = List.copyOf(problems);
        }

        public List<String> problems() {
            return problems;
        }
    }

    /**
     * Reads every secret that {@code policies} refers to, each once.
     *
     * @throws Unreadable with all problems at once; those that could be read are wiped
     */
    public static PskStore load(PolicySet policies, Source source) throws Unreadable {
        Map<SecretRef, Secret> keys = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (SecretRef ref : Stream.of(
                        policies.secrets().stream().map(PskSecret::ref), policies.users().stream().map(User::password),
                        policies.radius().servers().stream().map(Radius.Server::secret))
                .flatMap(refs -> refs)
                .distinct()
                .toList()) {
            try {
                keys.put(ref, source.read(ref));
            } catch (IOException unreadable) {
                problems.add(unreadable.getMessage() == null ? ref + ": " + unreadable : unreadable.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            keys.values().forEach(Secret::wipe);
            throw new Unreadable(problems);
        }
        return new PskStore(policies, keys);
    }

    @Override
    public Optional<Secret> psk(Identity local, Identity remote) {
        return policies.psk(local, remote).map(PskSecret::ref).flatMap(this::read);
    }

    @Override
    public Optional<Secret> ppk(Identity id) {
        return policies.ppk(id).map(PskSecret::ref).flatMap(this::read);
    }

    @Override
    public boolean hasPpk() {
        return policies.secrets().stream().anyMatch(PskSecret::postquantum);
    }

    @Override
    public Optional<Secret> password(String user) {
        return policies.user(user).map(User::password).flatMap(this::read);
    }

    @Override
    public Optional<Credentials.Judges> radius() {
        List<RadiusServer> servers = policies.radius().servers().stream()
                .flatMap(server -> read(server.secret()).stream().map(secret -> new RadiusServer(
                        new InetSocketAddress(server.address(), server.port()), new InetSocketAddress(server.address(), server.accountingPort()), secret)))
                .toList();
        return servers.isEmpty() ? Optional.empty() : Optional.of(new Credentials.Judges(servers, policies.radius().nasIdentifier(), policies.radius().groupsFrom(),
                policies.radius().accounting()));
    }

    private Optional<Secret> read(SecretRef ref) {
        return Optional.ofNullable(keys.get(ref)).filter(secret -> !secret.isWiped());
    }

    /** Whether every reference stands for the same octets in both. */
    public boolean holdsTheKeysOf(PskStore other) {
        return keys.equals(other.keys);
    }

    /** Wipes all keys. Afterwards no key is found. */
    @Override
    public void close() {
        keys.values().forEach(Secret::wipe);
    }

    @Override
    public String toString() {
        return "PskStore[" + keys.size() + " keys]";
    }
}
