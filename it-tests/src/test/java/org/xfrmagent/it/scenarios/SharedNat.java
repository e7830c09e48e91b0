package org.xfrmagent.it.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Link;
import org.xfrmagent.it.netns.Nat;
import org.xfrmagent.it.peers.SwanctlConf;

/**
 * Two hosts behind one NAT, each with a network of its own, and a gateway that sees one address for both.
 *
 * <pre>
 *   anna 172.16.1.2, 10.1.1.1 ──┐
 *                               ├── router 192.0.2.1 ════ 192.0.2.2, 10.2.0.1 sun
 *   bert 172.16.2.2, 10.1.2.1 ──┘
 * </pre>
 *
 * Each has a tunnel between the networks, and transport mode for TCP to a port of sun's. bert would like anna's port too.
 */
record SharedNat(Lab lab, Ike ike, List<Client> clients, Host router, Host sun, Link wire) implements AutoCloseable {
    static final String ROUTER = "192.0.2.1";
    static final String SUN = "192.0.2.2";
    static final String SUN_INSIDE = "10.2.0.1";
    private static final String PSK = "a shared secret that only these hosts of the lab know";
    private static final int ANNAS_PORT = 7001;

    /** What the hosts speak: in the agent's words, and in strongSwan's. */
    enum Ike {
        V2("", "version = 2\nproposals = aes256gcm16-prfsha384-x25519\n"),
        V1("    ike: v1-main\n    proposals: [aes256-sha256-modp2048]\n", "version = 1\nproposals = aes256-sha256-modp2048\n");

        private final String yaml;
        private final String connection;

        Ike(String yaml, String connection) {
            this.yaml = yaml;
            this.connection = connection;
        }
    }

    /** One of the hosts behind the NAT: the {@code number}th. */
    record Client(Host host, int number) {
        String outside() {
            return "172.16.%d.2".formatted(number);
        }

        String inside() {
            return "10.1.%d.1".formatted(number);
        }

        String tunnel() {
            return host.name() + "-net";
        }

        String transport() {
            return host.name() + "-port";
        }

        /** The port of sun's that its transport mode covers. */
        int port() {
            return ANNAS_PORT + number - 1;
        }
    }

    /** The name of bert's wish for anna's port. */
    static final String TAKEN = "bert-taken";

    static SharedNat open(Ike ike) {
        Lab lab = Lab.open();
        try {
            Host router = lab.host("router");
            Host sun = lab.host("sun");
            List<Client> clients = List.of(new Client(lab.host("anna"), 1), new Client(lab.host("bert"), 2));
            for (Client client : clients) {
                String gateway = "172.16.%d.1".formatted(client.number);
                lab.link(client.host, List.of(client.outside() + "/24"), router, List.of(gateway + "/24"));
                lab.ip(client.host, "addr add " + client.inside() + "/24 dev lo");
                lab.ip(client.host, "route add default via " + gateway);
            }
            Link wire = lab.link(router, List.of(ROUTER + "/24"), sun, List.of(SUN + "/24"));
            lab.ip(sun, "addr add " + SUN_INSIDE + "/24 dev lo");
            lab.ip(sun, "route add default via " + ROUTER);
            lab.up();
            Nat.masquerade(router, sun);
            return new SharedNat(lab, ike, clients, router, sun, wire);
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    Capture eavesdrop() {
        return lab.closing(Capture.on(wire));
    }

    /** The secret, beside the agent's policies. */
    static void writeSecret(Host host) {
        host.write("/etc/xfrm-agent/lab.psk", PSK + "\n");
    }

    private static final String SECRETS = """
            secrets:
              - psk: file:lab.psk
                ids: [anna.lab, bert.lab, sun.lab]
            policies:
            """;

    /** The agent's policies on a client. */
    String yaml(Client client, boolean transport) {
        String peer = """
                peers:
                  sun:
                    local: { address: %s, id: %s.lab, auth: psk }
                    remote: { address: %s, id: sun.lab, auth: psk }
                """.formatted(client.outside(), client.host, SUN) + ike.yaml;
        String policies = tunnel(client.tunnel(), "sun", client.inside() + "/32", "10.2.0.0/16");
        if (transport) {
            policies += transport(client.transport(), "sun", "remote-port: " + client.port());
            policies += client.number == 2 ? transport(TAKEN, "sun", "remote-port: " + ANNAS_PORT) : "";
        }
        return peer + SECRETS + policies;
    }

    /** The agent's policies on sun. */
    String yaml(boolean transport) {
        String peers = clients.stream().map(client -> """
                  %1$s:
                    local: { address: %2$s, id: sun.lab, auth: psk }
                    remote: { id: %1$s.lab, auth: psk }
                """.formatted(client.host, SUN) + ike.yaml).collect(Collectors.joining("", "peers:\n", ""));
        String tunnels = clients.stream()
                .map(client -> tunnel(client.tunnel(), client.host.name(), "10.2.0.0/16", client.inside() + "/32"))
                .collect(Collectors.joining());
        String transports = Stream.concat(
                        clients.stream().map(client -> transport(client.transport(), client.host.name(), "local-port: " + client.port())),
                        Stream.of(transport(TAKEN, "bert", "local-port: " + ANNAS_PORT)))
                .collect(Collectors.joining());
        return peers + SECRETS + tunnels + (transport ? transports : "");
    }

    private static String tunnel(String name, String peer, String local, String remote) {
        return """
                  - name: %s
                    match: { local: %s, remote: %s }
                    action: protect
                    peer: %s
                    esp: [aes256gcm16]
                    start: by-peer
                """.formatted(name, local, remote, peer);
    }

    private static String transport(String name, String peer, String port) {
        return """
                  - name: %s
                    match: { protocol: tcp, %s }
                    action: protect
                    peer: %s
                    mode: transport
                    esp: [aes256gcm16]
                    start: by-peer
                """.formatted(name, port, peer);
    }

    /** The same for a client in strongSwan's words. */
    String connections(Client client, boolean transport) {
        List<String> children = new ArrayList<>(List.of(child(client.tunnel(), client.inside() + "/32", "10.2.0.0/16", "tunnel")));
        if (transport) {
            children.add(child(client.transport(), "dynamic[tcp]", "dynamic[tcp/" + client.port() + "]", "transport"));
            if (client.number == 2) {
                children.add(child(TAKEN, "dynamic[tcp]", "dynamic[tcp/" + ANNAS_PORT + "]", "transport"));
            }
        }
        return conf(List.of(connection("sun", new SwanctlConf.End(client.outside(), client.host + ".lab"), new SwanctlConf.End(SUN, "sun.lab"), children)));
    }

    /** The same for sun. */
    String connections(boolean transport) {
        return conf(clients.stream().map(client -> {
            String tunnel = child(client.tunnel(), "10.2.0.0/16", client.inside() + "/32", "tunnel");
            return connection(client.host.name(), new SwanctlConf.End(SUN, "sun.lab"), new SwanctlConf.End("%any", client.host + ".lab"),
                    transport ? List.of(tunnel, child(client.transport(), "dynamic[tcp/" + client.port() + "]", "dynamic[tcp]", "transport")) : List.of(tunnel));
        }).toList());
    }

    private static String conf(List<String> connections) {
        return SwanctlConf.of(connections, List.of(SwanctlConf.secret("lab", List.of("anna.lab", "bert.lab", "sun.lab"), PSK)));
    }

    private String connection(String name, SwanctlConf.End local, SwanctlConf.End remote, List<String> children) {
        return SwanctlConf.connection(name, local, remote, ike.connection + SwanctlConf.children(children));
    }

    private static String child(String name, String local, String remote, String mode) {
        return SwanctlConf.child(name, """
                local_ts = %s
                remote_ts = %s
                mode = %s
                esp_proposals = aes256gcm16
                """.formatted(local, remote, mode));
    }

    @Override
    public void close() {
        lab.close();
    }
}
