package org.xfrmagent.it.scenarios;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.parity.Parity;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;

/**
 * What a daemon was asked by swanctl, and what that printed: the same questions to another daemon can be compared with it.
 *
 * @param host where it runs
 * @param answers by the question, in the order in which they were asked
 */
record Interview(Host host, Control control, Map<String, Answer> answers) {
    static Interview of(Host host, Control control) {
        return new Interview(host, control, new LinkedHashMap<>());
    }

    /** Asks, as often as it likes: the second answer to a question is another answer. */
    void ask(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.add("--pretty");
        Result swanctl = control.swanctl(line.toArray(String[]::new));
        note(String.join(" ", words), Answer.parse(swanctl.out()).with("exit", Integer.toString(swanctl.status())));
    }

    /** The same, printed with {@code --raw}. */
    void askRaw(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.add("--raw");
        note(String.join(" ", line), Answer.parseRaw(control.swanctl(line.toArray(String[]::new)).out()));
    }

    /** The same as people read it, line by line: which entry comes first is chance. */
    void askPlain(String... words) {
        List<String> lines = control.swanctl(words).out().lines().filter(line -> !line.isBlank()).sorted().toList();
        note(String.join(" ", words) + " (plain)", new Answer(lines.stream().map(line -> new Answer.Field("line " + line, line)).toList()));
    }

    /** Something else that was learned. */
    void note(String question, Answer answer) {
        String key = question;
        for (int again = 2; answers.containsKey(key); again++) {
            key = question + " (" + again + ")";
        }
        answers.put(key, answer);
    }

    /** A swanctl that goes on until {@link #end}. */
    Running start(String words) {
        // Its output is no terminal, and would be held back until the end.
        return host.start("stdbuf", "-oL", "swanctl", words, "--pretty", "--uri", "unix://" + control.socket());
    }

    void end(String words, Running swanctl) {
        swanctl.interrupt();
        swanctl.awaitExit(Scenario.SOON);
        note(words, kinds(swanctl.output()));
    }

    /** What a long-running swanctl has printed: each kind of event once, whatever their number and order. */
    private static Answer kinds(String pretty) {
        Map<String, Answer> kinds = new TreeMap<>();
        for (String event : pretty.split("(?m)^(?=[a-z-]+ event \\{|log \\{)|^disconnecting")) {
            Answer answer = Answer.parse(event);
            // A line of the log may be about no IKE SA: not those.
            if (!answer.fields().isEmpty() && !(event.startsWith("log") && !event.contains("ikesa-name"))) {
                boolean up = answer.fields().getFirst().path().endsWith("/up");
                String name = answer.fields().getFirst().path();
                kinds.putIfAbsent(name.substring(0, name.indexOf('/')) + (up ? " up" : ""), answer);
            }
        }
        return new Answer(kinds.values().stream().flatMap(answer -> answer.fields().stream()).toList());
    }

    /** Whether no SA is left that another has replaced, and none is on its way. */
    boolean isSettled() {
        List<IkeSa> sas = control.sas();
        List<IkeSa.Child> children = sas.stream().flatMap(sa -> sa.children().stream()).toList();
        return !sas.isEmpty() && sas.stream().allMatch(IkeSa::isEstablished) && children.stream().allMatch(IkeSa.Child::isInstalled)
                && sas.stream().map(IkeSa::name).distinct().count() == sas.size()
                && children.stream().map(IkeSa.Child::name).distinct().count() == sas.size();
    }

    /** The SPI of the installed child, the newest if there are several; nothing without one. */
    String childSpi(String name) {
        return control.sas().stream().flatMap(sa -> sa.children().stream()).filter(child -> child.name().equals(name) && child.isInstalled())
                .map(IkeSa.Child::spiIn).reduce("", (_, newest) -> newest);
    }

    String ikeSpi(String name) {
        return control.sas().stream().filter(sa -> sa.name().equals(name) && sa.isEstablished())
                .map(sa -> sa.values().getOrDefault("initiator-spi", "")).reduce("", (_, newest) -> newest);
    }

    /** Where another daemon's answers are not this one's, a line each. */
    List<String> differences(Interview other, Parity parity) {
        return answers.entrySet().stream()
                .flatMap(each -> parity.differences(each.getKey(), each.getValue(), other.answers.getOrDefault(each.getKey(), new Answer(List.of()))).stream())
                .toList();
    }
}
