package org.xfrmagent.agent.daemon;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.convert.Settings;

/**
 * What clients of the control socket have loaded, besides the policy files: connections and pools in swanctl.conf's words, and secrets.
 * It lasts as long as the agent runs. A change makes another one.
 *
 * @param connections by name, in the order in which they came
 * @param pools by name
 * @param secrets pre-shared keys by the client's id for them
 */
public record Loaded(Map<String, Settings> connections, Map<String, Settings> pools, Map<String, Shared> secrets) {
    public static final Loaded NOTHING = new Loaded(Map.of(), Map.of(), Map.of());

    /**
     * A pre-shared key.
     *
     * @param owners whose it is; empty = anybody's
     */
    public record Shared(List<String> owners, Secret octets) {
        public Shared {
            owners = List.copyOf(owners);
        }
    }

    /** A connection more, or another in the place of the one of that name. */
    public Loaded withConnection(String name, Settings connection) {
        return new Loaded(changed(connections, map -> map.put(name, connection)), pools, secrets);
    }

    public Loaded withoutConnection(String name) {
        return new Loaded(changed(connections, map -> map.remove(name)), pools, secrets);
    }

    public Loaded withPool(String name, Settings pool) {
        return new Loaded(connections, changed(pools, map -> map.put(name, pool)), secrets);
    }

    public Loaded withoutPool(String name) {
        return new Loaded(connections, changed(pools, map -> map.remove(name)), secrets);
    }

    public Loaded withSecret(String id, Shared secret) {
        return new Loaded(connections, pools, changed(secrets, map -> map.put(id, secret)));
    }

    public Loaded withoutSecret(String id) {
        return new Loaded(connections, pools, changed(secrets, map -> map.remove(id)));
    }

    public Loaded withoutSecrets() {
        return new Loaded(connections, pools, Map.of());
    }

    private static <V> Map<String, V> changed(Map<String, V> map, Consumer<Map<String, V>> change) {
        Map<String, V> copy = new LinkedHashMap<>(map);
        change.accept(copy);
        return copy;
    }

    boolean isEmpty() {
        return connections.isEmpty() && pools.isEmpty() && secrets.isEmpty();
    }

    /** All of it in the words of a policy file. */
    LoadedConversion.Outcome convert() {
        Map<String, List<String>> owners = new LinkedHashMap<>();
        secrets.forEach((id, secret) -> owners.put(id, secret.owners()));
        return LoadedConversion.convert(connections, pools, owners);
    }

    /** A copy of a key, which whoever asks wipes. */
    Optional<byte[]> key(String id) {
        return Optional.ofNullable(secrets.get(id)).map(secret -> secret.octets().copy());
    }

    /** Wipes those keys that {@code next} does not have. */
    void wipeWhatIsNotIn(Loaded next) {
        // By identity: an equal key of another object is another copy in memory.
        Set<Secret> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        next.secrets.values().forEach(shared -> kept.add(shared.octets()));
        secrets.values().stream().map(Shared::octets).filter(mine -> !kept.contains(mine)).forEach(Secret::wipe);
    }
}
