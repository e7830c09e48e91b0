package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.convert.Options.Remark;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Defaults;

/** One connection of a swanctl.conf(5) as a peer, its children as policies. */
final class ConnectionConversion {
    private static final String INTERFACE_ID = "%unique(-dir)?|[0-9]+|0x[0-9a-fA-F]+";

    /**
     * What became of a connection. Nobody changes the lists any more.
     *
     * @param peers lines under {@code peers}
     * @param policies in the order of its children
     * @param absences what is said of what is not in the file at all
     * @param remarks those that stand in {@code peers} as well
     */
    record Piece(YamlText peers, List<ChildConversion.Converted> policies, List<Remark> absences, List<Remark> remarks) {}

    private final CredentialFolders folders;
    private final AuthorityConversion authorities;
    private final Map<String, Settings> pools;
    private final PolicyNames policyNames;
    private final YamlText peers = new YamlText();
    private final List<ChildConversion.Converted> policies = new ArrayList<>();
    private final List<Remark> absences = new ArrayList<>();
    private final List<Remark> remarks = new ArrayList<>();

    private ConnectionConversion(CredentialFolders folders, AuthorityConversion authorities, Map<String, Settings> pools, PolicyNames policyNames) {
        this.folders = folders;
        this.authorities = authorities;
        this.pools = pools;
        this.policyNames = policyNames;
    }

    /**
     * @param authorities learn of those that the connection names
     * @param pools that it may name
     * @param policyNames of its children
     */
    static Piece convert(
            String name, Settings connection, CredentialFolders folders, AuthorityConversion authorities, Map<String, Settings> pools, PolicyNames policyNames) {
        return new ConnectionConversion(folders, authorities, pools, policyNames).piece(name, connection);
    }

    /** Whether its users are asked for passwords. */
    static boolean asksForPasswords(Settings connection) {
        AuthenticationConversion authentication = new AuthenticationConversion(connection);
        return authentication.hindrance().isEmpty() && authentication.usesPasswords();
    }

    /** The connection and its children, in the order of the file. */
    private Piece piece(String name, Settings connection) {
        Options options = new Options("connections." + name, connection);
        connection.sections().keySet().forEach(key -> {
            if (!AuthenticationConversion.isRound(key) && !key.equals("children")) {
                options.remark(key, "this section has no equal");
            }
        });
        Map<String, Settings> children = connection.section("children").map(Settings::sections).orElse(Map.of());
        boolean onlyShunts = !children.isEmpty() && children.values().stream()
                .allMatch(child -> child.value("mode").filter(mode -> mode.text().matches("pass|drop")).isPresent());
        List<String> leased = List.of();
        if (!onlyShunts) {
            AuthenticationConversion authentication = new AuthenticationConversion(connection, folders, authorities);
            Optional<String> hindrance = authentication.hindrance();
            if (hindrance.isPresent()) {
                absences.add(Remark.loss(options.name() + ": " + hindrance.get() + "; this connection and its children are left out"));
                return new Piece(peers, policies, absences, remarks);
            }
            leased = peer(name, options, authentication);
        }
        // Whichever the peer gives.
        List<String> asked = new AuthenticationConversion(connection).virtualAddresses().stream()
                .map(address -> AddressRange.all(address.family()).toString())
                .distinct()
                .toList();
        TrafficEnd.Ends ours = ends(connection, "local_addrs", asked, "vips");
        TrafficEnd.Ends theirs = ends(connection, "remote_addrs", leased, "pools");
        ChildConversion.InterfaceIds interfaceIds = new ChildConversion.InterfaceIds(interfaceId(connection, "if_id_in"), interfaceId(connection, "if_id_out"),
                children.size() > 1);
        for (Map.Entry<String, Settings> child : children.entrySet()) {
            Options its = new Options(options.name() + ".children." + child.getKey(), child.getValue());
            policies.add(ChildConversion.convert(policyNames.of(name, child.getKey()), name, its, ours, theirs, interfaceIds));
        }
        return new Piece(peers, policies, absences, remarks);
    }

    private static Optional<String> interfaceId(Settings connection, String key) {
        return connection.value(key).map(Settings.Value::text).filter(id -> !id.equals("0"));
    }

    private static TrafficEnd.Ends ends(Settings connection, String addresses, List<String> given, String giving) {
        List<String> hosts = connection.value(addresses).map(value -> Options.parts(value.text())).orElse(List.of()).stream()
                .filter(address -> address.matches("[0-9a-fA-F.:]+"))
                .toList();
        return new TrafficEnd.Ends(given, hosts, given.isEmpty() && connection.value(giving).isPresent());
    }

    /** Returns the addresses that the peer may get from us, if any. */
    private List<String> peer(String name, Options options, AuthenticationConversion authentication) {
        YamlText lines = new YamlText();
        lines.line(1, YamlText.scalar(name) + ":");
        options.check("send_cert", "ifasked|always|never", "ifasked, always or never");
        options.check("send_certreq", Options.FLAG, "yes or no");
        authentication.write(options, lines);
        version(options, authentication, lines);
        List<String> proposals = options.proposals("proposals", Defaults.IKE_PROPOSALS);
        if (!proposals.isEmpty()) {
            lines.line(2, "proposals: " + YamlText.list(proposals));
        }
        LifetimeConversion.ike(options, lines);
        lines.line(2, "liveness: " + options.text("dpd_delay").orElse("0s"));
        options.text("unique").ifPresent(word -> lines.line(2, "unique: " + YamlText.scalar(word)));
        options.text("childless").ifPresent(word -> lines.line(2, "childless: " + YamlText.scalar(word)));
        if (options.flag("encap", false)) {
            lines.line(2, "force-encapsulation: true");
        }
        if (!options.flag("mobike", true)) {
            lines.line(2, "mobike: false");
        }
        options.word("fragmentation", "yes", "accept", "force", "no").filter(word -> !word.equals("yes")).ifPresent(word -> {
            if (word.equals("no")) {
                lines.line(2, "fragmentation: false");
            } else {
                options.note("fragmentation", "'" + word + "' has no equal; messages are fragmented if the peer can");
            }
        });
        PeerOptionConversion.write(options, authentication, lines);
        // The children's, where they have none of their own.
        options.check("if_id_in", INTERFACE_ID, "a number, %unique or %unique-dir");
        options.check("if_id_out", INTERFACE_ID, "a number, %unique or %unique-dir");
        options.drop("if_id_in", "if_id_out");
        List<String> from = pools(options);
        if (!from.isEmpty()) {
            lines.line(2, "pool: " + YamlText.oneOrMore(from));
        }
        boolean pulled = options.flag("pull", true);
        if (!pulled && authentication.mayBeV1() && !(from.isEmpty() && authentication.virtualAddresses().isEmpty())) {
            lines.line(2, "config: push");
        }
        options.remarks().forEach(remark -> {
            remarks.add(remark);
            peers.comment(1, remark.text());
        });
        peers.append(lines);
        return from.stream().flatMap(its -> Optional.ofNullable(pools.get(its)).stream())
                .flatMap(its -> PoolConversion.addresses(its).stream())
                .distinct()
                .toList();
    }

    /** The pools of this file that its users get their addresses from. */
    private List<String> pools(Options options) {
        List<String> wanted = options.list("pools").stream().distinct().toList();
        List<String> missing = wanted.stream().filter(name -> !pools.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            options.remark("pools", "pools of this file can be used, and '" + String.join(", ", missing) + "' is not in it");
        }
        return wanted.stream().filter(name -> !missing.contains(name)).toList();
    }

    private static void version(Options options, AuthenticationConversion authentication, YamlText lines) {
        options.check("version", "\\d+", "0, 1 or 2");
        String version = options.text("version").orElse("0");
        boolean aggressive = options.flag("aggressive", false);
        switch (version) {
            case "1" -> {
                lines.line(2, "ike: " + (aggressive ? "v1-aggressive" : "v1-main"));
                // Whoever has it keeps it, and is told what it means: here, and in the log whenever the policy is loaded.
                if (aggressive && authentication.usesPreSharedKeys()) {
                    lines.line(2, "accept-crackable-psk: true");
                    options.note("aggressive", "everybody who asks or listens gets a hash to try pre-shared keys against; use IKEv2 if the peer can");
                }
            }
            case "2" -> {}
            default -> {
                // There is no EAP in IKEv1: charon, too, could answer nobody by it. And no key that is required may be left out by it.
                if (authentication.mayBeV1()) {
                    lines.line(2, "ike: any");
                }
                if (aggressive) {
                    options.note("aggressive", "a peer that speaks either version may call in main mode; write version = 1 if it can only call in aggressive mode");
                }
            }
        }
    }
}
