package org.xfrmagent.agent.daemon;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.credentials.PrivateKeyFile;
import org.xfrmagent.agent.credentials.PublicKeyFile;
import org.xfrmagent.policies.convert.ConversionMemory;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.convert.LoadedConversion.Origin;
import org.xfrmagent.policies.convert.Settings;

/**
 * What clients of the control socket have loaded, besides the policy files: connections and pools in swanctl.conf's words, secrets, certificates and private keys.
 * It lasts as long as the agent runs. A change makes another one.
 *
 * @param connections by name, in the order in which they came
 * @param names of policies, and the children that have them or had them once
 * @param traps children that were installed (true) or uninstalled by command, whatever their connections say
 * @param pools by name
 * @param retired those that were unloaded, and stay with the connections that still name them: swanctl unloads pools before connections
 * @param secrets by the client's id for them; pre-shared keys, and passwords, which become users where a connection asks for them
 * @param publicKeys certificates and private keys
 */
public record Loaded(
        Map<String, Settings> connections, Map<String, Origin> names, Map<Origin, Boolean> traps, Map<String, Settings> pools,
        Set<String> retired, Map<String, Shared> secrets, LoadedPublicKeys publicKeys) {
    public static final Loaded NOTHING = new Loaded(Map.of(), Map.of(), Map.of(), Map.of(), Set.of(), Map.of(), LoadedPublicKeys.NOTHING);

    /** What a shared secret is for. */
    public enum Use {
        /** A pre-shared key. */
        IKE,
        /** A password of EAP. */
        EAP,
        /** A password of XAuth. */
        XAUTH,
        /** A postquantum pre-shared key. */
        PPK
    }

    /**
     * A shared secret.
     *
     * @param owners whose it is; of a pre-shared key empty = anybody's
     */
    public record Shared(Use use, List<String> owners, Secret octets) {
        public Shared {
            owners = List.copyOf(owners);
        }
    }

    /** A connection more, or another in the place of the one of that name; the same one again changes nothing. */
    public Loaded withConnection(String name, Settings connection) {
        return connection.equals(connections.get(name))
                ? this
                : with(changed(connections, map -> map.put(name, connection)), name);
    }

    public Loaded withoutConnection(String name) {
        return with(changed(connections, map -> map.remove(name)), name);
    }

    private Loaded with(Map<String, Settings> next, String changed) {
        Map<String, Settings> kept = changed(pools, map -> map.keySet().removeIf(pool -> retired.contains(pool) && !isNamed(pool, next)));
        // Of the others every child has its name already.
        Map<String, Settings> one = next.containsKey(changed) ? Map.of(changed, next.get(changed)) : Map.of();
        return new Loaded(next, changed(names, map -> map.putAll(LoadedConversion.origins(names, one))), trapsWithout(changed), kept,
                kept.keySet().stream().filter(retired::contains).collect(Collectors.toUnmodifiableSet()), secrets, publicKeys.keeping(() -> references(next)));
    }

    /** Whatever connections say of certificates and public keys. */
    private static Set<String> references(Map<String, Settings> connections) {
        return connections.values().stream().flatMap(connection -> connection.sections().values().stream())
                .flatMap(round -> Stream.of("certs", "cacerts", "pubkeys").flatMap(key -> round.value(key).stream()))
                .flatMap(value -> Arrays.stream(value.text().split(","))).collect(Collectors.toUnmodifiableSet());
    }

    /** A certificate more, of a certain use. */
    public Loaded withCertificate(CertificateFacts facts, LoadedPublicKeys.Use use) {
        return with(publicKeys.withCertificate(facts, use));
    }

    /** A public key more, of a certain use. */
    public Loaded withPublicKey(PublicKeyFile key, LoadedPublicKeys.Use use) {
        return with(publicKeys.withPublicKey(key, use));
    }

    public Loaded withAttributes(Bytes der) {
        return with(publicKeys.withAttributes(der));
    }

    public Loaded withCrl(Bytes crl) {
        return with(publicKeys.withCrl(crl));
    }

    public Loaded withKey(PrivateKeyFile key) {
        return with(publicKeys.withKey(key));
    }

    /** A private key that stays in its token. */
    public Loaded withTokenKey(String id, Secret place) {
        return with(publicKeys.withTokenKey(id, place));
    }

    public Loaded withoutKey(String id) {
        return with(publicKeys.withoutKey(id));
    }

    public Loaded withAuthority(String name, LoadedPublicKeys.Authority authority) {
        return with(publicKeys.withAuthority(name, authority));
    }

    public Loaded withoutAuthority(String name) {
        return with(publicKeys.withoutAuthority(name).keeping(() -> references(connections)));
    }

    private Loaded with(LoadedPublicKeys changed) {
        return new Loaded(connections, names, traps, pools, retired, secrets, changed);
    }

    /** The children there are, by their names as policies, in the order in which they came. */
    public Map<String, Origin> children() {
        return LoadedConversion.origins(names, connections);
    }

    /** The same, and then those that there were: SAs of them may be left. */
    public Map<String, Origin> origins() {
        Map<String, Origin> origins = new LinkedHashMap<>(children());
        names.forEach(origins::putIfAbsent);
        return Collections.unmodifiableMap(origins);
    }

    private Map<Origin, Boolean> trapsWithout(String connection) {
        return changed(traps, map -> map.keySet().removeIf(origin -> origin.connection().equals(connection)));
    }

    /** A child whose traffic brings its tunnel up from now on, or does not any more. */
    public Loaded withTrap(Origin child, boolean wanted) {
        return new Loaded(connections, names, changed(traps, map -> map.put(child, wanted)), pools, retired, secrets, publicKeys);
    }

    /** Whether a child's traffic brings its tunnel up. */
    public boolean isTrapped(Origin child) {
        return Optional.ofNullable(traps.get(child)).orElseGet(() -> Optional.ofNullable(connections.get(child.connection()))
                .filter(connection -> LoadedConversion.isTrap(connection, child.child())).isPresent());
    }

    public Loaded withPool(String name, Settings pool) {
        return new Loaded(connections, names, traps, changed(pools, map -> map.put(name, pool)), with(retired, name, false), secrets, publicKeys);
    }

    public Loaded withoutPool(String name) {
        boolean named = isNamed(name, connections);
        return new Loaded(connections, names, traps, named ? pools : changed(pools, map -> map.remove(name)), with(retired, name, named), secrets, publicKeys);
    }

    private static boolean isNamed(String pool, Map<String, Settings> connections) {
        return connections.values().stream().flatMap(connection -> connection.value("pools").stream())
                .anyMatch(value -> Arrays.asList(value.text().split("\\s*,\\s*")).contains(pool));
    }

    private static Set<String> with(Set<String> names, String name, boolean in) {
        Set<String> copy = new LinkedHashSet<>(names);
        boolean _ = in ? copy.add(name) : copy.remove(name);
        return Collections.unmodifiableSet(copy);
    }

    public Loaded withSecret(String id, Shared secret) {
        return new Loaded(connections, names, traps, pools, retired, changed(secrets, map -> map.put(id, secret)), publicKeys);
    }

    public Loaded withoutSecret(String id) {
        return new Loaded(connections, names, traps, pools, retired, changed(secrets, map -> map.remove(id)), publicKeys);
    }

    /** Without secrets, private keys and certificates, but for those that connections and authorities name. */
    public Loaded withoutCredentials() {
        return new Loaded(connections, names, traps, pools, retired, Map.of(), publicKeys.cleared().keeping(() -> references(connections)));
    }

    private static <K, V> Map<K, V> changed(Map<K, V> map, Consumer<Map<K, V>> change) {
        Map<K, V> copy = new LinkedHashMap<>(map);
        change.accept(copy);
        return Collections.unmodifiableMap(copy);
    }

    boolean isEmpty() {
        return connections.isEmpty() && pools.isEmpty() && secrets.isEmpty() && publicKeys.isEmpty();
    }

    /**
     * All of it in the words of a policy file.
     *
     * @param memory of what is in force
     */
    LoadedConversion.Outcome convert(ConversionMemory memory) {
        // As with charon, what came as a password of EAP serves XAuth too.
        Map<String, List<String>> keys = owners(Set.of(Use.IKE));
        Map<String, List<String>> passwords = owners(Set.of(Use.XAUTH, Use.EAP));
        Map<String, Settings> effective = new LinkedHashMap<>(connections);
        traps.forEach((child, wanted) -> effective.computeIfPresent(child.connection(),
                (_, connection) -> LoadedConversion.withTrap(connection, child.child(), wanted)));
        return LoadedConversion.convert(effective, names, pools, keys, owners(Set.of(Use.PPK)), passwords, publicKeys.convert(), memory);
    }

    private Map<String, List<String>> owners(Set<Use> uses) {
        Map<String, List<String>> owners = new LinkedHashMap<>();
        secrets.forEach((id, secret) -> {
            if (uses.contains(secret.use())) {
                owners.put(id, secret.owners());
            }
        });
        return owners;
    }

    /** A copy of a key, which whoever asks wipes. */
    Optional<byte[]> key(String id) {
        return Optional.ofNullable(secrets.get(id)).map(secret -> secret.octets().copy());
    }

    /** A copy of a private key, PKCS #8, which whoever asks wipes. */
    Optional<byte[]> privateKey(String id) {
        return Optional.ofNullable(publicKeys.keys().get(id)).map(Secret::copy);
    }

    /** The DER of a certificate or of a list of revoked ones, by its hash. */
    Optional<Bytes> certificate(String hash) {
        return publicKeys.der(hash);
    }

    /** Wipes those keys that {@code next} does not have. */
    void wipeWhatIsNotIn(Loaded next) {
        // By identity: an equal key of another object is another copy in memory.
        Set<Secret> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        next.kept().forEach(kept::add);
        kept().filter(mine -> !kept.contains(mine)).forEach(Secret::wipe);
    }

    private Stream<Secret> kept() {
        return Stream.concat(secrets.values().stream().map(Shared::octets), publicKeys.keys().values().stream());
    }
}
