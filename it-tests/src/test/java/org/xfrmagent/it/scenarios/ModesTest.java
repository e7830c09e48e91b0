package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * The SAs of RFC 4301 in every combination: mode, protocol, address families inside and outside, AH with each of its algorithms. All of
 * them stand side by side between two daemons, first brought up by one, then by the other.
 */
@Tag("netns")
@Tag("lab")
class ModesTest {
    private static final String WHAT = "every combination: ping, TCP";

    /** The agent at moon, somebody at sun. */
    record Meeting(Plane plane, Kind sun, Plane sunsPlane) {
        /** kernel-libipsec knows no AH and no transport mode. */
        List<Combination> combinations() {
            boolean all = sun == Kind.AGENT || sunsPlane == Plane.KERNEL;
            return Combination.all().stream().filter(each -> all || each.mode() == Mode.TUNNEL && each.protocol() == Protocol.ESP).toList();
        }

        @Override
        public String toString() {
            return "AGENT " + plane + " ↔ " + sun + " " + sunsPlane;
        }
    }

    static List<Meeting> meetings() {
        return Plane.best() == Plane.KERNEL
                ? List.of(new Meeting(Plane.KERNEL, Kind.STRONGSWAN, Plane.KERNEL),
                        new Meeting(Plane.USERSPACE, Kind.STRONGSWAN, Plane.KERNEL),
                        new Meeting(Plane.KERNEL, Kind.AGENT, Plane.KERNEL))
                : List.of(new Meeting(Plane.USERSPACE, Kind.STRONGSWAN, Plane.USERSPACE),
                        new Meeting(Plane.USERSPACE, Kind.AGENT, Plane.USERSPACE));
    }

    /** A daemon, and the control socket that all daemons here have. */
    private record Gateway(Peer peer, Control control) {
        static Gateway start(Matrix matrix, Kind kind, Host host, Plane plane) {
            boolean atMoon = host == matrix.moon();
            return switch (kind) {
                case AGENT -> {
                    Matrix.writeSecret(host);
                    Agent agent = matrix.lab().closing(new Agent(host, plane));
                    matrix.lab().evidence(host + ": log of the agent", agent::log);
                    yield new Gateway(agent.start(matrix.yaml(atMoon)), agent.control());
                }
                case STRONGSWAN -> {
                    StrongSwan charon = matrix.lab().closing(new StrongSwan(host, plane));
                    matrix.lab().evidence(host + ": log of charon", charon::log);
                    yield new Gateway(charon.start(matrix.connections(atMoon)), charon.control());
                }
            };
        }

        /** The installed children by name. */
        Map<String, IkeSa.Child> children() {
            Map<String, IkeSa.Child> children = new HashMap<>();
            control.sas().stream().flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled)
                    .forEach(child -> children.put(child.name(), child));
            return children;
        }
    }

    @ParameterizedTest
    @MethodSource("meetings")
    void everyCombinationCarriesTrafficWhoeverInitiates(Meeting meeting) {
        try (Matrix matrix = Matrix.of(meeting.combinations())) {
            try {
                Gateway sun = Gateway.start(matrix, meeting.sun, matrix.sun(), meeting.sunsPlane);
                Gateway moon = Gateway.start(matrix, Kind.AGENT, matrix.moon(), meeting.plane);
                matrix.listen();
                everyCombination(matrix, moon, sun, moon, sun);
                if (meeting.sun != Kind.AGENT) {
                    matrix.peers().keySet().forEach(peer -> moon.control.terminateIke(peer).orFail());
                    moon.peer.awaitNoSas(Scenario.SOON);
                    sun.peer.awaitNoSas(Scenario.SOON);
                    everyCombination(matrix, sun, moon, moon, sun);
                }
            } catch (Throwable failure) {
                System.err.println(matrix.lab().report());
                throw failure;
            }
        }
    }

    private static void everyCombination(Matrix matrix, Gateway initiator, Gateway responder, Gateway moon, Gateway sun) {
        Capture wire = matrix.eavesdrop();
        SoftAssertions softly = new SoftAssertions();
        List<Combination> up = new ArrayList<>();
        for (Combination each : matrix.combinations()) {
            softly.assertThatCode(() -> {
                initiator.control.initiate(each.name()).orFail();
                up.add(each);
            }).as("%s comes up", each).doesNotThrowAnyException();
        }
        Await.holds(Scenario.SOON, () -> responder.children().size() >= up.size());

        Map<Combination, String> troubles = matrix.talk();
        troubles.forEach((each, trouble) -> System.err.println(each + ": " + trouble));

        Map<String, IkeSa.Child> moons = moon.children();
        Map<String, IkeSa.Child> suns = sun.children();
        Map<String, String> modes = sun.control.childValues("mode");
        Map<String, String> protocols = sun.control.childValues("protocol");
        Capture.Wire seen = wire.stop();
        for (Combination each : up) {
            softly.assertThatCode(() -> {
                IkeSa.Child atMoon = child(moons, each);
                IkeSa.Child atSun = child(suns, each);
                assertThat(troubles.getOrDefault(each, "")).isEmpty();
                assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
                assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());
                assertThat(modes.get(each.name())).isEqualTo(each.mode().name());
                assertThat(protocols.get(each.name())).isEqualTo(each.protocol().name());
                assertThat(atMoon.bytesOut()).isGreaterThan(Matrix.TRANSFERRED);
                assertThat(atSun.bytesIn()).isGreaterThan(Matrix.TRANSFERRED);
                assertThat(atMoon.packetsIn()).isGreaterThan(3);
                assertThat(atSun.packetsOut()).isGreaterThan(3);
                assertThat(carried(seen, each, each.moon(), atMoon.spiOut())).isGreaterThan(3);
                assertThat(carried(seen, each, each.sun(), atMoon.spiIn())).isGreaterThan(3);
                Encounters.note(initiator.peer, responder.peer, each.mode(), each.protocol(), each.family(), WHAT);
                if (each.protocol() == Protocol.AH) {
                    String with = "AH with " + each.proposal();
                    Encounters.note(initiator.peer, responder.peer, each.mode(), each.protocol(), each.family(), with);
                }
            }).as(each.toString()).doesNotThrowAnyException();
        }
        softly.assertThatCode(seen::onlyEspAhOrIke).doesNotThrowAnyException();
        softly.assertAll();
    }

    private static IkeSa.Child child(Map<String, IkeSa.Child> children, Combination combination) {
        return Optional.ofNullable(children.get(combination.name()))
                .orElseThrow(() -> new AssertionError("there is no such child, only " + children.keySet()));
    }

    /** How many packets of an SA its sender put on the wire; fails if one is not what the combination says. */
    private static long carried(Capture.Wire seen, Combination combination, String source, String spi) {
        List<Packet> packets = seen.from(source).packets().stream()
                .filter(packet -> switch (packet.content()) {
                    case Content.Esp esp -> "%08x".formatted(esp.spi()).equals(spi);
                    case Content.Ah ah -> "%08x".formatted(ah.spi()).equals(spi);
                    default -> false;
                })
                .toList();
        assertThat(packets).as("%s from %s with SPI %s", combination, source, spi).allSatisfy(packet -> {
            switch (packet.content()) {
                case Content.Ah ah -> {
                    assertThat(combination.protocol()).isEqualTo(Protocol.AH);
                    assertThat(ah.nextHeader() == combination.tunnelledHeader()).isEqualTo(combination.mode() == Mode.TUNNEL);
                }
                default -> assertThat(combination.protocol()).isEqualTo(Protocol.ESP);
            }
        });
        return packets.size();
    }
}
