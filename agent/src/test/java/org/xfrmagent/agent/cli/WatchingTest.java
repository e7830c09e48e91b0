package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.control.FakeAgent;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.agent.control.Vici;
import org.xfrmagent.agent.control.ViciServer;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;
import picocli.CommandLine;

/** Commands that go on until the agent ends, and those that write for the shell and for man. */
@Timeout(60)
final class WatchingTest {
    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final ChildSa child = session.children().getFirst();

    @TempDir
    private Path folder = Path.of("");

    /** Runs a command, lets things happen over and over until it has told of {@code all}, and ends the agent. It may begin to listen in the middle. */
    private Shell watch(List<String> all, String... words) throws Exception {
        List<Event> happening = List.of(new Event.IkeUp(true), new Event.ChildUp(child), new Event.Entered("established", "authenticated b.lab as a.lab"),
                new Event.ChildDown(child, "deleted", Event.End.OURS));
        return watch(_ -> happening, all, words);
    }

    /** @param happening what happens again and again, by what the command has printed */
    private Shell watch(Function<String, List<Event>> happening, List<String> all, String... words) throws Exception {
        Path socket = folder.resolve("control.vici");
        String[] line = Stream.concat(Stream.of(words), Stream.of("--control", socket.toString())).toArray(String[]::new);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = CommandLines.create().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        ViciServer server = Vici.serve(agent.with(Samples.NOW, session), socket);
        try {
            CompletableFuture<Integer> running = CompletableFuture.supplyAsync(() -> command.execute(line));
            while (!running.isDone() && !all.stream().allMatch(out.toString()::contains)) {
                happening.apply(out.toString()).forEach(event -> agent.emit(session, event));
                TimeUnit.MILLISECONDS.sleep(1);
            }
            server.close();
            return new Shell(running.get(30, TimeUnit.SECONDS), out.toString(), err.toString());
        } finally {
            server.close();
        }
    }

    /** What was told, each thing once and without the time. */
    private static List<String> told(Shell shell) {
        return shell.out().lines().map(line -> line.replaceFirst("^\\d\\d:\\d\\d:\\d\\d ", "")).distinct().toList();
    }

    @Test
    void theLogIsOneLineForEverythingThatHappens() throws Exception {
        Shell log = watch(List.of("IKE SA up", "child SA up", "authenticated", "child SA down"), "log", "--peer", "ab");
        assertThat(told(log)).hasSize(4).contains("ab[1]: established: authenticated b.lab as a.lab", "ab[1]: net{1}: child SA down: deleted");
        assertThat(log.err()).contains("closed the connection");
        assertThat(told(watch(List.of("IKE SA up", "child SA up", "child SA down"), "log", "--level", "0"))).hasSize(3).noneMatch(line -> line.contains("authenticated"));
    }

    @Test
    void eventsAreTunnelsThatComeAndGo() throws Exception {
        assertThat(told(watch(List.of("ab[1] up", "{1} up", "{1} down"), "events"))).containsExactlyInAnyOrder(
                "ab[1] up: a.lab === b.lab at 10.9.0.2",
                "ab[1]/net{1} up: 10.1.0.0/24 === 10.2.0.0/24, in c9b1f824 out c1cc59cb",
                "ab[1]/net{1} down: 10.1.0.0/24 === 10.2.0.0/24, in c9b1f824 out c1cc59cb");
        assertThat(told(watch(List.of("ike-updown", "\"child-updown\", \"what\": \"up\"", "\"down\""), "events", "--json"))).hasSize(3)
                .allMatch(line -> line.startsWith("{") && line.endsWith("}") && line.contains("\"peer\": \"ab\""));
    }

    @Test
    void aRekeyingIsShownUntilItIsDoneOrCannotBe() throws Exception {
        Event begun = new Event.Entered("rekeying", "the user wants fresh keys");
        Shell child = watch(printed -> List.of(printed.isEmpty() ? begun : new Event.ChildRekeyed(child(1), child(2))), List.of("net has fresh keys"), "rekey", "net");
        assertThat(child.exit()).isZero();
        assertThat(child.out()).contains("ab: rekeying: the user wants fresh keys\n").endsWith("net has fresh keys\n");
        assertThat(watch(_ -> List.of(begun, new Event.IkeUp(false)), List.of("ab is reauthenticated"), "rekey", "--reauth", "--quiet", "ab").out())
                .isEqualTo("ab is reauthenticated\n");

        Shell gone = watch(printed -> List.of(printed.isEmpty() ? begun : new Event.IkeDown("deleted", session, Event.End.OURS)), List.of("until it ends"), "rekey", "ab");
        assertThat(gone.err()).contains("the IKE SA with ab is gone");
        assertThat(gone.exit()).isOne();
    }

    private ChildSa child(int serial) {
        return new ChildSa(serial, child.profile(), child.suite(), child.mode(), child.inbound(), child.outbound(), Optional.empty(), child.local(), child.remote(),
                List.of(), child.since(), child.limits(), ChildSa.State.INSTALLED, OptionalInt.empty());
    }

    @Test
    void theStatusIsShownAgainAndAgain() throws Exception {
        Shell status = watch(List.of("POLICY"), "status", "--watch", "1");
        assertThat(status.out()).contains("net", "ab");
        assertThat(Shell.run("status", "--watch", "0").err()).contains("--watch is 0, expected at least 1 second");
    }

    @Test
    void completionIsAScriptOfBashThatZshCanReadToo() {
        assertThat(Shell.run("completion").out()).contains("complete -F", "ZSH_VERSION", "--dataplane", "events");
    }

    @Test
    void everyCommandHasAManualPage() {
        assertThat(Shell.run("man").out()).startsWith(".TH \"XFRM-AGENT\"").contains(".SH NAME", ".SH COMMANDS", "status");
        for (String command : CommandLines.create().getSubcommands().keySet()) {
            assertThat(Shell.run("man", command).out()).contains(".SH NAME\nxfrm\\-agent\\-" + command, ".SH SYNOPSIS", ".SH OPTIONS");
        }
        assertThat(Shell.run("man", "stauts").err()).contains("did you mean 'status'?");
    }
}
