package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.SharedNat.Client;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** Several hosts behind one NAT, in tunnel and in transport mode (RFC 7296, sections 2.23 and 2.23.1). */
@Tag("netns")
@Tag("lab")
@Tag("long")
class SharedNatTest {
    private static final int TRANSFERRED_KIB = 64;

    /** Who is behind the NAT, and who is not. */
    record Meeting(Kind clients, Kind sun, Plane plane) {
        /** kernel-libipsec knows no transport mode. */
        boolean transport() {
            return plane == Plane.KERNEL || clients == Kind.AGENT && sun == Kind.AGENT;
        }

        @Override
        public String toString() {
            return clients + " → " + sun + ", " + plane;
        }
    }

    static List<Meeting> meetings() {
        return Plane.best() == Plane.KERNEL
                ? List.of(new Meeting(Kind.STRONGSWAN, Kind.AGENT, Plane.KERNEL), new Meeting(Kind.AGENT, Kind.STRONGSWAN, Plane.KERNEL))
                : List.of(new Meeting(Kind.AGENT, Kind.AGENT, Plane.USERSPACE), new Meeting(Kind.STRONGSWAN, Kind.AGENT, Plane.USERSPACE),
                        new Meeting(Kind.AGENT, Kind.STRONGSWAN, Plane.USERSPACE));
    }

    /** A daemon, and the control socket that all daemons here have. */
    private record Daemon(Peer peer, Control control) {
        static Daemon start(SharedNat nat, Kind kind, Host host, Plane plane, String yaml, String connections) {
            Daemon daemon = switch (kind) {
                case AGENT -> {
                    SharedNat.writeSecret(host);
                    Agent agent = nat.lab().closing(new Agent(host, plane)).start(yaml);
                    yield new Daemon(agent, agent.control());
                }
                case STRONGSWAN -> {
                    StrongSwan charon = nat.lab().closing(new StrongSwan(host, plane)).start(connections);
                    yield new Daemon(charon, charon.control());
                }
            };
            nat.lab().evidence(host + ": log", daemon.peer::log);
            return daemon;
        }
    }

    @ParameterizedTest
    @MethodSource("meetings")
    void eachHasSasOfItsOwnWithTheSameGateway(Meeting meeting) {
        try (SharedNat nat = SharedNat.open(SharedNat.Ike.V2)) {
            try {
                play(meeting, nat);
            } catch (Throwable failure) {
                System.err.println(nat.lab().report());
                throw failure;
            }
        }
    }

    private static void play(Meeting meeting, SharedNat nat) {
        boolean transport = meeting.transport();
        Daemon sun = Daemon.start(nat, meeting.sun, nat.sun(), meeting.plane, nat.yaml(transport), nat.connections(transport));
        List<Daemon> clients = new ArrayList<>();
        for (Client client : nat.clients()) {
            clients.add(Daemon.start(nat, meeting.clients, client.host(), meeting.plane, nat.yaml(client, transport),
                    nat.connections(client, transport)));
            nat.sun().start("socat", "-d", "-d", "TCP4-LISTEN:" + client.port() + ",fork,reuseaddr", "EXEC:sha256sum")
                    .awaitOutput("listening on", SOON);
        }
        Capture wire = nat.eavesdrop();
        for (Client client : nat.clients()) {
            Control control = clients.get(client.number() - 1).control;
            control.initiate(client.tunnel()).orFail();
            if (transport) {
                control.initiate(client.transport()).orFail();
            }
        }
        int each = transport ? 2 : 1;
        Await.until("sun has the children of both", SOON, () -> children(sun) == 2L * each, nat.lab()::report);

        List<Running> pings = nat.clients().stream().map(client -> client.host()
                .start("ping", "-n", "-c", "5", "-i", "0.3", "-W", "5", "-I", client.inside(), SharedNat.SUN_INSIDE)).toList();
        pings.forEach(ping -> {
            ping.awaitExit(SOON);
            assertThat(ping.output()).contains(" 0% packet loss");
        });
        nat.clients().forEach(client -> nat.sun()
                .run("ping", "-n", "-c", "2", "-i", "0.3", "-W", "5", "-I", SharedNat.SUN_INSIDE, client.inside()).orFail());
        if (transport) {
            nat.clients().forEach(client -> transfer(client).orFail());
            if (meeting.sun == Kind.AGENT) {
                // To sun, both are one host: packets for one of them would go to the other.
                assertThat(clients.getLast().control.initiate(SharedNat.TAKEN).ok()).as("bert gets anna's port").isFalse();
                sun.peer.awaitLog(SOON, "another host behind the NAT at " + SharedNat.ROUTER);
                nat.clients().forEach(client -> transfer(client).orFail());
            }
        }

        Capture.Wire seen = wire.stop().onlyEspOrIke();
        assertSas(seen, each);
        Capture later = nat.eavesdrop();
        for (Client client : nat.clients()) {
            Control control = clients.get(client.number() - 1).control;
            rekey(nat, control, sun.control, client.tunnel());
            rekey(nat, sun.control, control, client.tunnel());
            if (transport) {
                rekey(nat, control, sun.control, client.transport());
                rekey(nat, sun.control, control, client.transport());
            }
        }
        clients.forEach(client -> Await.until("all that was replaced is gone", SOON, () -> listed(client) == each, nat.lab()::report));
        Await.until("sun has no child that was replaced", SOON, () -> listed(sun) == 2L * each, nat.lab()::report);
        nat.clients().forEach(client -> client.host()
                .run("ping", "-n", "-c", "2", "-i", "0.3", "-W", "5", "-I", client.inside(), SharedNat.SUN_INSIDE).orFail());
        if (transport) {
            nat.clients().forEach(client -> transfer(client).orFail());
        }
        later.stop().onlyEspOrIke();
        Encounters.note(clients.getFirst().peer, sun.peer, Mode.TUNNEL, Protocol.ESP, Family.IPV4, "several hosts behind one NAT");
        if (transport) {
            Encounters.note(clients.getFirst().peer, sun.peer, Mode.TRANSPORT, Protocol.ESP, Family.IPV4, "several hosts behind one NAT");
        }
    }

    /** What sun cannot carry it refuses in the place of HASH(2): the host is not left with a child that carries nothing back. */
    @Test
    void quickModeRefusesWhatAnotherHostHas() {
        Meeting meeting = Plane.best() == Plane.KERNEL
                ? new Meeting(Kind.STRONGSWAN, Kind.AGENT, Plane.KERNEL)
                : new Meeting(Kind.AGENT, Kind.AGENT, Plane.USERSPACE);
        try (SharedNat nat = SharedNat.open(SharedNat.Ike.V1)) {
            try {
                playV1(meeting, nat);
            } catch (Throwable failure) {
                System.err.println(nat.lab().report());
                throw failure;
            }
        }
    }

    private static void playV1(Meeting meeting, SharedNat nat) {
        Daemon sun = Daemon.start(nat, meeting.sun, nat.sun(), meeting.plane, nat.yaml(true), nat.connections(true));
        List<Daemon> clients = nat.clients().stream()
                .map(client -> Daemon.start(nat, meeting.clients, client.host(), meeting.plane, nat.yaml(client, true), nat.connections(client, true)))
                .toList();
        for (Client client : nat.clients()) {
            nat.sun().start("socat", "-d", "-d", "TCP4-LISTEN:" + client.port() + ",fork,reuseaddr", "EXEC:sha256sum")
                    .awaitOutput("listening on", SOON);
            clients.get(client.number() - 1).control.initiate(client.transport()).orFail();
        }
        Await.until("sun has the children of both", SOON, () -> children(sun) == 2, nat.lab()::report);
        nat.clients().forEach(client -> transfer(client).orFail());

        Daemon bert = clients.getLast();
        assertThat(bert.control.initiate(SharedNat.TAKEN).ok()).as("bert gets anna's port").isFalse();
        sun.peer.awaitLog(SOON, "another host behind the NAT at " + SharedNat.ROUTER);
        bert.peer.awaitLog(SOON, "NO_PROPOSAL_CHOSEN", "NO_PROP");
        assertThat(spis(bert.control, SharedNat.TAKEN)).as("children that carry nothing back").isEmpty();
        nat.clients().forEach(client -> transfer(client).orFail());
        Encounters.note(bert.peer, sun.peer, Mode.TRANSPORT, Protocol.ESP, Family.IPV4, "IKEv1 main mode, several hosts behind one NAT");
    }

    private static void assertSas(Capture.Wire seen, int each) {
        for (String source : List.of(SharedNat.ROUTER, SharedNat.SUN)) {
            List<Content.Esp> esp = seen.espFrom(source);
            assertThat(esp).allMatch(Content.Esp::inUdp);
            assertThat(esp.stream().map(Content.Esp::spi).collect(Collectors.toSet())).as("SAs from " + source).hasSize(2 * each);
        }
    }

    /** {@code who} asks for fresh keys. What is replaced is listed for 5 s as deleted, since its SAs take what comes late. */
    private static void rekey(SharedNat nat, Control who, Control other, String child) {
        Set<String> before = spis(who, child);
        who.request("rekey", Map.of("child", child)).orFail();
        Await.until("both have the next " + child + " alone", SOON, () -> {
            Set<String> now = spis(who, child);
            return now.size() == 2 && now.equals(spis(other, child)) && now.stream().noneMatch(before::contains);
        }, nat.lab()::report);
    }

    private static Set<String> spis(Control control, String child) {
        return control.sas().stream()
                .flatMap(sa -> sa.children().stream())
                .filter(one -> one.name().equals(child) && !one.state().equals("DELETED"))
                .flatMap(one -> Stream.of(one.spiIn(), one.spiOut()))
                .collect(Collectors.toSet());
    }

    private static long children(Daemon daemon) {
        return daemon.control.sas().stream().flatMap(sa -> sa.children().stream()).filter(child -> child.isInstalled()).count();
    }

    private static long listed(Daemon daemon) {
        return daemon.control.sas().stream().mapToLong(sa -> sa.children().size()).sum();
    }

    /** Sends octets to the client's port of sun, and compares the sum that comes back. */
    private static Result transfer(Client client) {
        return client.host().run("bash", "-ec", """
                head -c %dK /dev/urandom >/run/sent
                expected=$(sha256sum </run/sent)
                received=$(socat -t 60 - TCP4:%s:%d,connect-timeout=30 </run/sent)
                [ "$received" = "$expected" ]
                """.formatted(TRANSFERRED_KIB, SharedNat.SUN, client.port()));
    }
}
