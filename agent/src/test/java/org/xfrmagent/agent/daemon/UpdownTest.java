package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.NameServers;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.TrafficSelector;

@Timeout(60)
final class UpdownTest {
    @TempDir
    private Path folder = Path.of("");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final EventLog log = new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true);
    private final Session session = Samples.tunnel(Samples.settings(Samples.policies()));

    private Path script(String text) throws IOException {
        return Files.setPosixFilePermissions(Files.writeString(folder.resolve("updown"), "#!/bin/sh\n" + text), PosixFilePermissions.fromString("rwx------"));
    }

    /** The sample's child under a policy with an updown program. */
    private ChildSa child(Path program, String... arguments) {
        ChildSa plain = session.children().getFirst();
        Action.Protect usual = plain.profile().protect();
        List<String> command = Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList();
        Action.Protect protect = new Action.Protect(usual.peer(), usual.mode(), usual.tunnelFallback(), usual.protocol(), usual.proposals(), usual.start(), usual.endings(),
                usual.lifetimes(), usual.reqid(), usual.marks(), usual.interfaceIds(), usual.replayWindow(), usual.ownInterface(), usual.routes(),
                usual.tunnelHeader(), usual.tfcPadding(), command, usual.spdEntry(), usual.sadEntry());
        Policy policy = new Policy(plain.name(), plain.profile().policy().match(), protect);
        return plain.withProfile(new ChildProfile(policy, protect, 1, 1000), List.of());
    }

    private AgentEvent happened(Event event, Session to) {
        return new AgentEvent(Instant.EPOCH, to, event);
    }

    private String lines() throws IOException {
        return Files.readString(folder.resolve("lines"));
    }

    @Test
    void theProgramIsToldInStrongSwansVariablesAndNothingElseOfUs() throws IOException {
        assertThat(PlutoEnvironment.of(session, session.children().getFirst(), true, "net", Optional.of("eth0"), InnerAddresses.none())).containsExactly(Map.ofEntries(
                Map.entry("PLUTO_VERSION", "1.1"), Map.entry("PLUTO_VERB", "up-client"), Map.entry("PLUTO_CONNECTION", "net"),
                Map.entry("PLUTO_INTERFACE", "eth0"), Map.entry("PLUTO_REQID", "1"), Map.entry("PLUTO_PROTO", "esp"), Map.entry("PLUTO_UNIQUEID", "1"),
                Map.entry("PLUTO_ME", "10.9.0.1"), Map.entry("PLUTO_MY_ID", "a.lab"), Map.entry("PLUTO_MY_CLIENT", "10.1.0.0/24"),
                Map.entry("PLUTO_MY_PORT", "0"), Map.entry("PLUTO_MY_PROTOCOL", "0"), Map.entry("PLUTO_PEER", "10.9.0.2"),
                Map.entry("PLUTO_PEER_ID", "b.lab"), Map.entry("PLUTO_PEER_CLIENT", "10.2.0.0/24"), Map.entry("PLUTO_PEER_PORT", "0"),
                Map.entry("PLUTO_PEER_PROTOCOL", "0")));
        Path program = script("echo $PLUTO_VERB $PLUTO_CONNECTION $PLUTO_PEER_CLIENT $1 ${HOME:-no home} >>" + folder.resolve("lines") + "\n");
        try (Updown updown = new Updown(log, name -> name + "-as-loaded")) {
            updown.heard(happened(new Event.ChildUp(child(program, "$(touch x)")), session));
            updown.heard(happened(new Event.ChildDown(child(program, "$(touch x)"), "deleted", Event.End.OURS), session.withChildren(List.of())));
        }
        assertThat(lines()).isEqualTo("""
                up-client net-as-loaded 10.2.0.0/24 $(touch x) no home
                down-client net-as-loaded 10.2.0.0/24 $(touch x) no home
                """);
    }

    /** strongSwan's script lets IPIP pass then: so come packets that were too short to be compressed. */
    @Test
    void theProgramIsToldOfCompression() {
        ChildSa child = Samples.compressed(session.children().getFirst());
        assertThat(PlutoEnvironment.of(session, child, true, "net", Optional.empty(), InnerAddresses.none()).getFirst()).containsEntry("PLUTO_IPCOMP", "1");
    }

    /** strongSwan's script takes ip6tables then, whatever the tunnel goes over. */
    @Test
    void theProgramIsToldTheFamilyOfTheSelectors() {
        ChildSa child = session.children().getFirst();
        ChildSa both = new ChildSa(1, child.profile(), child.suite(), child.mode(), child.inbound(), child.outbound(), child.encapsulation(),
                List.of(child.local().getFirst(), TrafficSelector.of(AddressRange.parse("fd01::/64"))),
                List.of(child.remote().getFirst(), TrafficSelector.of(AddressRange.parse("fd02::/64"))),
                List.of(), 0, child.limits(), child.state(), OptionalInt.empty());
        assertThat(PlutoEnvironment.of(session, both, false, "net", Optional.empty(), InnerAddresses.none()))
                .extracting(told -> told.get("PLUTO_VERB"), told -> told.get("PLUTO_MY_CLIENT"), told -> told.get("PLUTO_ME"))
                .containsExactly(tuple("down-client", "10.1.0.0/24", "10.9.0.1"), tuple("down-client-v6", "fd01::/64", "10.9.0.1"));
    }

    /** strongSwan's names for addresses inside the tunnel, and for name servers there; also at the end, when the session has none any more. */
    @Test
    void theProgramIsToldTheAddressesThatGoWithTheTunnel() throws IOException {
        List<InetAddress> both = List.of(Samples.address("10.3.0.1"), Samples.address("fd03::1"));
        NameServers servers = new NameServers(List.of(Samples.address("10.2.0.53"), Samples.address("10.2.0.54"), Samples.address("fd02::53")), List.of());
        assertThat(of(new InnerAddresses.Given(both, servers))).isEqualTo(Map.of(
                "PLUTO_MY_SOURCEIP", "10.3.0.1", "PLUTO_MY_SOURCEIP4_1", "10.3.0.1", "PLUTO_MY_SOURCEIP6_1", "fd03::1",
                "PLUTO_DNS4_1", "10.2.0.53", "PLUTO_DNS4_2", "10.2.0.54", "PLUTO_DNS6_1", "fd02::53"));
        assertThat(of(InnerAddresses.lent(List.of(new Lease("staff", both.getLast()))))).isEqualTo(Map.of(
                "PLUTO_PEER_SOURCEIP", "fd03::1", "PLUTO_PEER_SOURCEIP6_1", "fd03::1"));
        ChildSa child = child(script("echo $PLUTO_VERB $PLUTO_PEER_SOURCEIP4_1 >>" + folder.resolve("lines") + "\n"));
        Phase.Established up = (Phase.Established) session.phase();
        Session lending = session.withPhase(up.with(InnerAddresses.lent(List.of(new Lease("staff", both.getFirst())))));
        try (Updown updown = new Updown(log, name -> name)) {
            updown.heard(happened(new Event.ChildUp(child), lending));
            updown.heard(happened(new Event.ChildDown(child, "deleted", Event.End.OURS), session.withChildren(List.of())));
        }
        assertThat(lines()).isEqualTo("up-client 10.3.0.1\ndown-client 10.3.0.1\n");
    }

    /** What is there because of {@code inner}. */
    private Map<String, String> of(InnerAddresses inner) {
        ChildSa child = session.children().getFirst();
        Map<String, String> all = new HashMap<>(PlutoEnvironment.of(session, child, true, "net", Optional.empty(), inner).getFirst());
        all.keySet().removeAll(PlutoEnvironment.of(session, child, true, "net", Optional.empty(), InnerAddresses.none()).getFirst().keySet());
        return all;
    }

    @Test
    void aSuccessorIsNoEvent() throws IOException {
        Path program = script("echo $PLUTO_VERB >>" + folder.resolve("lines") + "\n");
        ChildSa old = child(program);
        ChildSa fresh = new ChildSa(2, old.profile(), old.suite(), old.mode(), old.inbound(), old.outbound(), old.encapsulation(), old.local(), old.remote(),
                List.of(), 0, old.limits(), ChildSa.State.INSTALLED, OptionalInt.of(old.serial()));
        Session after = session.withChildren(List.of(fresh));
        try (Updown updown = new Updown(log, name -> name)) {
            updown.heard(happened(new Event.ChildRekeyed(old, fresh), after));
            updown.heard(happened(new Event.ChildDown(old, "replaced", Event.End.OURS), after));
            updown.heard(happened(new Event.ChildDown(fresh, "deleted", Event.End.OURS), session.withChildren(List.of())));
        }
        assertThat(lines()).isEqualTo("down-client\n");
    }

    @Test
    void whoDoesNotEndIsEndedAndWhoFailsIsLogged() throws IOException {
        Path program = script("echo stuck; sleep 1000\n");
        try (Updown updown = new Updown(log, name -> name, Duration.ofMillis(200))) {
            updown.heard(happened(new Event.ChildUp(child(program)), session));
            updown.heard(happened(new Event.ChildUp(child(Path.of("/no/such/program"))), session));
        }
        assertThat(written.toString(StandardCharsets.UTF_8)).contains("stuck", "did not end within", "cannot be run");
    }
}
