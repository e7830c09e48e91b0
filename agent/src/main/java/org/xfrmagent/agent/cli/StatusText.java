package org.xfrmagent.agent.cli;

import static org.xfrmagent.agent.cli.Status.number;
import static org.xfrmagent.agent.cli.Status.text;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.cli.Paint.Mood;
import org.xfrmagent.agent.cli.Table.Cell;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;

/** Status for people: two tables, and why what is not up is not; rates where there is an earlier reading. */
final class StatusText {
    private static final String NONE = "-";
    private static final String STANDS_BY = "stands by";
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private final Status status;
    private final ZoneId zone;
    private final Paint paint;
    private final Optional<Rates> rates;

    StatusText(Status status, ZoneId zone, Paint paint, Optional<Rates> rates) {
        this.status = status;
        this.zone = zone;
        this.paint = paint;
        this.rates = rates;
    }

    void print(PrintWriter out) {
        ViciMessage agent = status.agent();
        String reason = text(agent, "data-plane-reason");
        out.println("xfrm-agent " + text(agent, "version") + ", up " + duration(number(agent, "uptime")) + ", " + text(agent, "data-plane")
                + " data plane" + (reason.isEmpty() ? "" : " (" + reason + ")"));
        peers(out);
        policies(out);
        reasons(out);
    }

    private void peers(PrintWriter out) {
        Table table = new Table("PEER", "STATE", "LOCAL", "REMOTE", "ALGORITHMS", "SINCE", "REKEY IN", "ID");
        for (Section ike : status.ikeSas()) {
            ViciMessage sa = ike.content();
            table.row(Cell.of(ike.name()), phase(text(sa, "agent-phase")), Cell.of(end(sa, "local")), Cell.of(end(sa, "remote")),
                    Cell.of(orNone(text(sa, "agent-suite"))), Cell.of(duration(number(sa, "established"))), Cell.of(duration(next(sa))),
                    Cell.of("#" + text(sa, "uniqueid")));
        }
        Set<String> met = status.ikeSas().stream().map(Section::name).collect(Collectors.toSet());
        status.peers().stream()
                .filter(name -> !met.contains(name))
                .forEach(name -> table.row(Cell.of(name), new Cell("no IKE SA", Mood.WAITING)));
        section(table, out);
    }

    private static Cell phase(String phase) {
        return new Cell(phase, phase.equals("established") || phase.equals("up") ? Mood.GOOD : Mood.WAITING);
    }

    /** When it is replaced: by fresh keys, or from scratch. */
    private static OptionalLong next(ViciMessage sa) {
        OptionalLong rekey = number(sa, "rekey-time");
        return rekey.isPresent() ? rekey : number(sa, "reauth-time");
    }

    private static String end(ViciMessage sa, String side) {
        String host = text(sa, side + "-host");
        String address = host.contains(":") ? "[" + host + "]" : host;
        boolean nat = sa.flag("nat-" + side);
        return text(sa, side + "-id") + " at " + address + ":" + text(sa, side + "-port") + (nat ? " (NAT)" : "");
    }

    private void policies(PrintWriter out) {
        Table table = rates.isPresent()
                ? new Table("POLICY", "ACTION", "STATE", "PEER", "TRAFFIC", "ALGORITHMS", "IN", "IN/S", "OUT", "OUT/S", "SINCE", "REKEY IN", "ID")
                : new Table("POLICY", "ACTION", "STATE", "PEER", "TRAFFIC", "ALGORITHMS", "IN", "OUT", "SINCE", "REKEY IN", "ID");
        Map<String, List<ViciMessage>> all = status.children();
        for (Section policy : status.policies()) {
            ViciMessage entry = policy.content();
            List<ViciMessage> children = all.getOrDefault(policy.name(), List.of());
            String peer = orNone(text(entry, "peer"));
            if (children.isEmpty()) {
                table.row(Cell.of(policy.name()), Cell.of(text(entry, "action")), state(text(entry, "state")), Cell.of(peer), Cell.of(traffic(entry)));
            }
            for (ViciMessage child : children) {
                List<Cell> cells = new ArrayList<>(List.of(Cell.of(policy.name()), Cell.of(text(entry, "action")), childState(entry, child), Cell.of(peer),
                        Cell.of(traffic(child)), Cell.of(suite(child))));
                for (String direction : List.of("in", "out")) {
                    cells.add(Cell.of(octets(number(child, "bytes-" + direction))));
                    rates.ifPresent(known -> cells.add(Cell.of(octets(known.perSecond(child, direction)))));
                }
                cells.add(Cell.of(duration(number(child, "install-time"))));
                cells.add(Cell.of(duration(number(child, "rekey-time"))));
                cells.add(Cell.of("#" + text(child, "uniqueid")));
                table.row(cells.toArray(Cell[]::new));
            }
        }
        section(table, out);
    }

    /** Whose policy stands by carries nothing. */
    private static Cell childState(ViciMessage policy, ViciMessage child) {
        if (text(policy, "state").equals(STANDS_BY)) {
            return state(STANDS_BY);
        }
        String state = text(child, "state");
        return state.equals("INSTALLED") ? new Cell("up", Mood.GOOD) : new Cell(state.toLowerCase(Locale.ROOT), Mood.WAITING);
    }

    private static Cell state(String state) {
        return new Cell(state, switch (state) {
            case "in force", "up" -> Mood.GOOD;
            case "down", STANDS_BY -> Mood.BAD;
            default -> Mood.WAITING;
        });
    }

    private static String suite(ViciMessage child) {
        return text(child, "agent-suite") + (child.flag("encap") ? " in UDP" : "") + (child.text("cpi-out").isPresent() ? ", compressed" : "");
    }

    private static String traffic(ViciMessage entry) {
        return String.join(" ", entry.texts("local-ts")) + " === " + String.join(" ", entry.texts("remote-ts"))
                + entry.text("device").map(name -> " by " + name).orElse("")
                + Status.label(entry).map(label -> " label " + label).orElse("");
    }

    private void reasons(PrintWriter out) {
        boolean first = true;
        for (Section policy : status.policies()) {
            String reason = text(policy.content(), "reason");
            if (!reason.isEmpty()) {
                if (first) {
                    out.println();
                    first = false;
                }
                String since = text(policy.content(), "since");
                String what = text(policy.content(), "state").equals(STANDS_BY) ? " stands by" : " is not up";
                out.println(paint.text(Mood.BAD, policy.name() + what) + ": " + reason + (since.isEmpty() ? "" : " (" + clock(since) + ")"));
            }
        }
    }

    private String clock(String instant) {
        try {
            return CLOCK.format(Instant.parse(instant).atZone(zone));
        } catch (DateTimeParseException e) {
            return "at an unknown time";
        }
    }

    private void section(Table table, PrintWriter out) {
        if (!table.isEmpty()) {
            out.println();
            table.print(out, paint);
        }
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    /** Octets in the largest unit that leaves at least one. */
    static String octets(OptionalLong count) {
        if (count.isEmpty()) {
            return NONE;
        }
        double amount = count.getAsLong();
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? count.getAsLong() + " B" : "%.1f %s".formatted(amount, UNITS[unit]);
    }

    /** Seconds in the two largest units. */
    static String duration(OptionalLong count) {
        if (count.isEmpty()) {
            return NONE;
        }
        long seconds = count.getAsLong();
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 60) {
            return minutes + " min";
        }
        long hours = minutes / 60;
        return hours < 24 ? hours + " h " + minutes % 60 + " min" : hours / 24 + " d " + hours % 24 + " h";
    }
}
