package org.xfrmagent.it.parity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.xfrmagent.it.parity.Answer.Field;

/**
 * Compares the agent's answers with charon's: the same fields, in the same order, with the same values. What may differ is accepted by
 * name and with a reason; everything else is a difference.
 */
public final class Parity {
    /** Numbers and names that no two SAs, or no two starts, have in common: that they are there, and where, is compared all the same. */
    private static final Set<String> OF_THEIR_OWN = Set.of(
            // Chosen at random, or counted by each daemon in its own way: charon gives an IKE SA another number when it is rekeyed.
            "initiator-spi", "responder-spi", "spi-in", "spi-out", "reqid", "uniqueid", "ikesa-uniqueid", "PLUTO_REQID", "PLUTO_UNIQUEID",
            // Of the moment at which they are asked for, and of a jitter.
            "established", "rekey-time", "life-time", "install-time", "use-in", "use-out", "running", "since",
            // Who it is: scripts tell the daemons by these.
            "daemon", "plugins",
            // A log has its own lines.
            "group", "level", "msg", "thread",
            // charon may tell the peer of addresses that come and go with its TUN device.
            "info-out-req", "info-in-resp");

    /**
     * The same, by path: how many threads a daemon has, how long its queues are at a moment, what it plans and what memory it holds is its
     * own; the version is that of the daemon.
     */
    private static final Pattern OF_ITS_OWN =
            Pattern.compile("stats reply/((workers|queues|mallinfo)/.*|scheduled)|version reply/version");

    /**
     * A difference that is meant.
     *
     * @param question as asked
     * @param path a regular expression for the field's path
     * @param reason why the agent does not do as charon does
     */
    public record Accepted(String question, String path, String reason) {
        boolean covers(String asked, Field field) {
            return asked.startsWith(question) && field.path().matches(path);
        }
    }

    private final List<Accepted> accepted;

    public Parity(List<Accepted> accepted) {
        this.accepted = List.copyOf(accepted);
    }

    /** Every difference, a line each; nothing if there is none. */
    public List<String> differences(String question, Answer charons, Answer agents) {
        Map<String, String> charon = fields(question, charons);
        Map<String, String> agent = fields(question, agents);
        List<String> differences = new ArrayList<>();
        charon.forEach((path, value) -> {
            String ours = agent.get(path);
            if (ours == null) {
                differences.add(question + ": " + path + " = " + value + " is missing");
            } else if (!isSaid(path, value, ours)) {
                differences.add(question + ": " + path + " is " + ours + ", charon has " + value);
            }
        });
        agent.forEach((path, value) -> {
            if (!charon.containsKey(path)) {
                differences.add(question + ": " + path + " = " + value + " is one too many");
            }
        });
        if (differences.isEmpty() && !order(charon).equals(order(agent))) {
            differences.add(question + ": the order is " + order(agent) + ", charon's is " + order(charon));
        }
        return differences;
    }

    /** The agent says what charon says; why something failed it may add, where charon has its log for that. */
    private static boolean isSaid(String path, String charons, String agents) {
        return agents.equals(charons) || path.endsWith("/errmsg") && agents.startsWith(charons + ": ");
    }

    /** The fields of each entry of a list in their order; which entry comes first is chance with charon. */
    private static Map<String, List<String>> order(Map<String, String> fields) {
        return fields.keySet().stream().collect(Collectors.groupingBy(path -> path.replaceFirst("^([^/]*/[^/]*)/.*", "$1"), TreeMap::new, Collectors.toList()));
    }

    private Map<String, String> fields(String question, Answer answer) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (Field field : answer.fields()) {
            if (accepted.stream().noneMatch(each -> each.covers(question, field))) {
                // A child SA is listed under its name and number.
                String path = field.path().replaceAll("(?<=/child-sas/.{0,80})-\\d+(?=/|$)", "-N");
                if (path.startsWith("log") && fields.containsKey(path)) {
                    // How many lines there are, and of what, is each daemon's own: the fields of the first are compared.
                    continue;
                }
                String first = path;
                for (int more = 2; fields.containsKey(path); more++) {
                    path = first + "#" + more;
                }
                fields.put(path, OF_THEIR_OWN.contains(field.name()) || OF_ITS_OWN.matcher(path).matches() ? "*" : field.value());
            }
        }
        return fields;
    }
}
