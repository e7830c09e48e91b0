package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.LoadedConversion.Text;
import org.xfrmagent.policies.convert.Options.Remark;

/**
 * What became of each loaded connection, so that one is converted again only where something has changed of which that depends. It goes
 * with what is loaded: names of policies that were never accepted must not come back by it.
 */
public final class ConversionMemory {
    public static final ConversionMemory NOTHING = new ConversionMemory(Map.of(), Map.of());

    private final Map<String, Entry> connections;
    private final Map<Secret, Text> secrets;

    private ConversionMemory(Map<String, Entry> connections, Map<Secret, Text> secrets) {
        this.connections = connections;
        this.secrets = secrets;
    }

    /**
     * What a policy file says of a secret.
     *
     * @param kind the key under which it stands there
     * @param id by which clients know it
     */
    record Secret(String kind, String id, List<String> owners) {}

    /**
     * A connection, all that its conversion depends on, and what came of it.
     *
     * @param pools those it names, where there are any
     * @param authorities names that it was given, by certificate
     */
    private record Entry(
            Settings connection, List<Optional<Settings>> pools, Map<String, String> authorities, boolean passwords, Text text) {}

    /** One conversion of all connections. */
    static final class Conversion {
        private final ConversionMemory before;
        private final Map<String, Entry> after = new LinkedHashMap<>();
        private final Map<Secret, Text> secrets = new LinkedHashMap<>();
        private final List<Remark> fresh = new ArrayList<>();
        private final PolicyNames names;
        private final Map<String, Settings> pools;
        private final CredentialFolders folders;

        /** @param names of all children */
        Conversion(ConversionMemory memory, PolicyNames names, Map<String, Settings> pools, CredentialFolders folders) {
            this.before = memory;
            this.names = names;
            this.pools = pools;
            this.folders = folders;
        }

        /** In the order in which they were loaded: which policy of equal rank comes first follows from that, and what authorities are called. */
        void add(String name, Settings connection, AuthorityConversion authorities) {
            Entry known = before.connections.get(name);
            List<Optional<Settings>> given = given(connection);
            if (known != null && known.connection.equals(connection) && known.pools.equals(given)
                    && known.authorities.entrySet().stream().allMatch(each -> authorities.name(each.getKey()).equals(each.getValue()))) {
                after.put(name, known);
                return;
            }
            var _ = authorities.asked();
            ConnectionConversion.Piece piece = ConnectionConversion.convert(name, connection, folders, authorities, pools, names);
            fresh.addAll(piece.absences());
            fresh.addAll(piece.remarks());
            piece.policies().forEach(policy -> fresh.addAll(policy.remarks()));
            after.put(name, new Entry(connection, given, authorities.asked(), ConnectionConversion.asksForPasswords(connection), text(piece)));
        }

        private List<Optional<Settings>> given(Settings connection) {
            return connection.value("pools").map(value -> Options.parts(value.text()).stream().map(pool -> Optional.ofNullable(pools.get(pool))).toList())
                    .orElse(List.of());
        }

        private static Text text(ConnectionConversion.Piece piece) {
            YamlText yaml = new YamlText();
            SwanctlConversion.section(yaml, "peers", piece.peers());
            List<ChildConversion.Converted> policies = piece.policies().stream().filter(policy -> !policy.yaml().isEmpty()).toList();
            SwanctlConversion.section(yaml, "policies", SwanctlConversion.policies(policies));
            return new Text(yaml.toString(), policies.stream().map(ChildConversion.Converted::rank).sorted().toList());
        }

        void add(Secret secret) {
            secrets.put(secret, Optional.ofNullable(before.secrets.get(secret)).orElseGet(() -> text(secret)));
        }

        private static Text text(Secret secret) {
            YamlText yaml = new YamlText().line(0, "secrets:").line(1, "- " + secret.kind + ": " + YamlText.scalar(LoadedConversion.reference(secret.id)));
            if (!secret.owners.isEmpty()) {
                yaml.line(2, "ids: " + YamlText.list(secret.owners));
            }
            return new Text(yaml.toString(), List.of());
        }

        boolean asksForPasswords() {
            return after.values().stream().anyMatch(Entry::passwords);
        }

        /** Of connections, then of secrets. */
        List<Text> texts() {
            return Stream.concat(after.values().stream().map(Entry::text).filter(text -> !text.yaml().isEmpty()), secrets.values().stream()).toList();
        }

        /** What is said of connections that were not converted like that before. */
        List<Remark> remarks() {
            return List.copyOf(fresh);
        }

        ConversionMemory memory() {
            return new ConversionMemory(Collections.unmodifiableMap(after), Collections.unmodifiableMap(secrets));
        }
    }

    /** Whether it is known, and nothing has to be looked for in its words. */
    boolean has(String name, Settings connection) {
        Entry known = connections.get(name);
        return known != null && known.connection.equals(connection);
    }

    boolean has(Secret secret) {
        return secrets.containsKey(secret);
    }
}
