package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.convert.Options.Remark;
import org.xfrmagent.policies.convert.TrafficEnd.Ends;
import org.xfrmagent.policies.model.Defaults;

/** A child of a connection as a policy. */
final class ChildConversion {
    private static final String ON_TRAFFIC = "nobody knows a unique mark or id before the child has it, so that traffic cannot ask for one "
            + "(start_action = trap; charon's trap has a number of its own, and its children another)";

    static final String SYSTEM = "system";

    /** What follows an end: theirs, ours. */
    private static final Map<String, String> ENDINGS = new TreeMap<>(Map.of("close_action", "when-closed", "dpd_action", "when-lost"));

    /**
     * A policy.
     *
     * @param rank where it stands: lower comes first, as the kernel's priorities under charon have it
     * @param yaml its lines; only comments if it could not be converted
     */
    record Converted(long rank, YamlText yaml, List<Remark> remarks) {}

    /**
     * The interface ids that a connection has for those of its children that have none.
     *
     * @param shared whether there are several: a unique id is one of the IKE SA, and all its children have it
     */
    record InterfaceIds(Optional<String> in, Optional<String> out, boolean shared) {
        private boolean areUnique() {
            return Stream.of(in, out).flatMap(Optional::stream).anyMatch(id -> id.startsWith("%unique"));
        }
    }

    private final String name;
    private final String peer;
    private final Options options;
    private final Ends ours;
    private final Ends theirs;
    private final InterfaceIds inherited;
    private final YamlText yaml = new YamlText();
    private boolean trapped;

    private ChildConversion(String name, String peer, Options options, Ends ours, Ends theirs, InterfaceIds inherited) {
        this.name = name;
        this.peer = peer;
        this.options = options;
        this.ours = ours;
        this.theirs = theirs;
        this.inherited = inherited;
    }

    /** @param name the policy's, unique in the file */
    static Converted convert(String name, String peer, Options options, Ends ours, Ends theirs, InterfaceIds inherited) {
        return new ChildConversion(name, peer, options, ours, theirs, inherited).convert();
    }

    private Converted convert() {
        String mode = options.text("mode").orElse("tunnel");
        String action = switch (mode) {
            case "tunnel", "transport" -> "protect";
            case "pass" -> "bypass";
            case "drop" -> "discard";
            default -> "";
        };
        if (action.isEmpty()) {
            return impossible("mode = " + mode + " has no equal");
        }
        if (!action.equals("protect") && !options.text("start_action").orElse("none").matches(".*(trap|start).*")) {
            return new Converted(Long.MAX_VALUE, new YamlText(), List.of(Remark.note(options.name()
                    + ": is not in force under charon either, unless its start_action is trap, or it is installed by command")));
        }
        boolean transport = mode.equals("transport");
        TrafficEnd local;
        TrafficEnd remote;
        try {
            local = TrafficEnd.of("local_ts", options, mode, ours);
            remote = TrafficEnd.of("remote_ts", options, mode, theirs);
        } catch (IllegalArgumentException reason) {
            return impossible(String.valueOf(reason.getMessage()));
        }
        if (local.isGiven(ours) || remote.isGiven(theirs)) {
            if (!local.shares(remote)) {
                return impossible("local_ts and remote_ts have no addresses of one family, with those that are given");
            }
            TrafficEnd whole = local;
            local = local.facing(remote);
            remote = remote.facing(whole);
        }
        if (!local.meets(remote)) {
            return impossible("local_ts and remote_ts name different protocols");
        }
        yaml.line(1, "- name: " + YamlText.scalar(name));
        yaml.line(2, "match: " + TrafficEnd.match(local, remote, options.text("interface"), action.equals("protect") ? label() : Optional.empty()));
        yaml.line(2, "action: " + action);
        if (action.equals("protect")) {
            // Before it is given an address, charon's host has nothing that the policy could be about.
            protect(transport, local.isGiven(ours));
        } else {
            options.drop("esp_proposals", "ah_proposals", "start_action", "close_action", "dpd_action", "rekey_time", "life_time", "rand_time", "updown", "hostaccess", "label", "label_mode");
        }
        long rank = rank(action, local, remote);
        return new Converted(rank, yaml, options.remarks());
    }

    /** What the peers call it; the kernel is told no labels here. */
    private Optional<String> label() {
        Optional<String> label = options.text("label");
        String mode = options.text("label_mode").orElse(SYSTEM);
        switch (mode) {
            case "simple" -> {
                // As it is.
            }
            case SYSTEM -> label.ifPresent(_ -> options.note("label", "is agreed on with the peer only, as with label_mode = simple; charon also "
                    + "puts it into the kernel where that runs SELinux and charon was built for it"));
            case "selinux" -> options.remark("label_mode", "selinux has no equal, no labels are put into the kernel; simple agrees on them with the peer");
            default -> options.remark("label_mode", "is '" + mode + "', expected simple or system");
        }
        return label;
    }

    private Converted impossible(String why) {
        List<Remark> remarks = List.of(Remark.loss(options.name() + ": " + why + "; this child is left out"));
        return new Converted(Long.MAX_VALUE, new YamlText(), remarks);
    }

    private void protect(boolean transport, boolean leased) {
        yaml.line(2, "peer: " + YamlText.scalar(peer));
        if (transport) {
            yaml.line(2, "mode: transport");
        }
        List<String> ah = options.proposals("ah_proposals", Defaults.childProposals(Protocol.AH));
        List<String> esp = options.proposals("esp_proposals", Defaults.childProposals(Protocol.ESP));
        if (!ah.isEmpty()) {
            yaml.line(2, "ah: " + YamlText.list(ah));
        } else if (!esp.isEmpty()) {
            yaml.line(2, "esp: " + YamlText.list(esp));
        }
        boolean trapping = start();
        if (leased && !trapping && options.flag("policies", true)) {
            yaml.line(2, "hold: false");
        }
        if (options.flag("policies_fwd_out", false) && !transport) {
            yaml.line(2, "forward-out: true");
        }
        LifetimeConversion.child(options, yaml);
        options.text("replay_window").ifPresent(window -> yaml.line(2, "replay-window: " + window));
        options.text("reqid").filter(id -> !id.equals("0")).ifPresent(id -> yaml.line(2, "reqid: " + id));
        marks();
        interfaceId();
        header();
        boolean hostAccess = options.flag("hostaccess", false);
        options.text("updown").ifPresent(line -> yaml.line(2, "updown: " + updown(line, hostAccess)));
        if (options.flag("ipcomp", false)) {
            yaml.line(2, "compress: true");
        }
        options.text("hw_offload").filter(word -> !isNo(word)).ifPresent(word -> {
            if (word.equals("auto")) {
                yaml.line(2, "offload: auto");
            } else if (isYes(word) || word.equals("crypto")) {
                yaml.line(2, "offload: required");
            } else if (word.equals("packet")) {
                yaml.line(2, "offload: packet");
            } else {
                options.remark("hw_offload", "has no equal here and is left out");
            }
        });
        if (!options.flag("policies", true)) {
            yaml.line(2, "spd-entry: false");
        }
        if (options.flag("sha256_96", false)) {
            yaml.line(2, "short-sha256: true");
        }
    }

    /** Charon gives the line to a shell, which is left out where it would mean no more to it; for hostaccess it tells one variable more. */
    private static String updown(String line, boolean hostAccess) {
        List<String> words = new ArrayList<>(hostAccess ? List.of("/usr/bin/env", "PLUTO_HOST_ACCESS=1") : List.of());
        boolean plain = line.matches("/[A-Za-z0-9_./:=,@%+-]*( +[A-Za-z0-9_./:=,@%+-]+)*");
        words.addAll(plain ? List.of(line.split(" +")) : List.of("/bin/sh", "-c", line));
        return plain && !hostAccess ? YamlText.scalar(line) : YamlText.list(words);
    }

    /** Whether traffic asks for SAs, now or at some time. */
    private boolean start() {
        options.check("start_action", "(none|clear|trap|hold|route|start|restart)([|](trap|start))?", "none, trap or start");
        String action = options.text("start_action").orElse("none");
        String start = action.contains("start") ? "at-start" : action.equals("trap") ? "on-traffic" : "by-peer";
        yaml.line(2, "start: " + start);
        trapped = start.equals("on-traffic");
        String usual = start.equals("at-start") ? "at-once" : "nothing";
        boolean trapping = trapped;
        for (Map.Entry<String, String> ending : ENDINGS.entrySet()) {
            String theirs = ending.getKey();
            String afterwards = options.text(theirs).map(word -> switch (word) {
                case "trap", "hold" -> "on-traffic";
                case "start", "restart" -> "at-once";
                case "none", "clear" -> "nothing";
                // Its reader says what it should be.
                default -> word;
            }).orElse("nothing");
            if (!afterwards.equals(usual)) {
                yaml.line(2, ending.getValue() + ": " + YamlText.scalar(afterwards));
            }
            trapping |= afterwards.equals("on-traffic");
        }
        return trapping;
    }

    private void marks() {
        List<String> parts = new ArrayList<>();
        mark("mark_in", "in", parts);
        mark("mark_out", "out", parts);
        mark("set_mark_in", "set-in", parts);
        mark("set_mark_out", "set-out", parts);
        if (options.flag("mark_in_sa", false) && parts.stream().anyMatch(part -> part.startsWith("in: "))) {
            parts.add("in-before: true");
        }
        if (!parts.isEmpty()) {
            yaml.line(2, "mark: { " + String.join(", ", parts) + " }");
        }
    }

    private void mark(String key, String ours, List<String> parts) {
        options.text(key).filter(mark -> !mark.matches("(0+|0x0+)(/.*)?")).ifPresent(mark -> {
            if (mark.startsWith("%unique") && trapped) {
                options.remark(key, ON_TRAFFIC);
            } else {
                parts.add(ours + ": " + YamlText.scalar(mark.replaceFirst("^%", "")));
            }
        });
    }

    private void interfaceId() {
        Optional<String> in = options.text("if_id_in").filter(id -> !id.equals("0")).or(inherited::in);
        Optional<String> out = options.text("if_id_out").filter(id -> !id.equals("0")).or(inherited::out);
        boolean inherits = in.isPresent() && in.equals(inherited.in) || out.isPresent() && out.equals(inherited.out);
        if (inherits && inherited.shared && inherited.areUnique()) {
            options.remark(in.isPresent() ? "if_id_in" : "if_id_out", "a unique id that several children of an IKE SA have in common has no equal");
        } else if (trapped && Stream.of(in, out).anyMatch(id -> id.filter(word -> word.startsWith("%unique")).isPresent())) {
            options.remark(in.isPresent() ? "if_id_in" : "if_id_out", ON_TRAFFIC);
        } else if (in.isPresent() && in.equals(out)) {
            yaml.line(2, "interface-id: " + ours(in.get()));
        } else if (in.isPresent() || out.isPresent()) {
            yaml.line(2, "interface-id: { " + Stream.of(in.map(id -> "in: " + ours(id)), out.map(id -> "out: " + ours(id)))
                    .flatMap(Optional::stream).collect(Collectors.joining(", ")) + " }");
        }
    }

    private static String ours(String id) {
        return id.replaceFirst("^%", "");
    }

    private void header() {
        if (!options.flag("copy_df", true)) {
            yaml.line(2, "copy-df: false");
        }
        if (!options.flag("copy_ecn", true)) {
            yaml.line(2, "copy-ecn: false");
        }
        options.text("copy_dscp").filter(word -> !word.equals("out")).ifPresent(word -> yaml.line(2, "copy-dscp: " + YamlText.scalar(word)));
        options.text("tfc_padding").filter(pad -> !pad.equals("0")).ifPresent(pad -> yaml.line(2, "tfc: " + pad));
    }

    private static boolean isNo(String word) {
        return Options.isNo(word) || word.equals("0s");
    }

    private static boolean isYes(String word) {
        return Set.of("yes", "true", "enabled", "1").contains(word);
    }

    /**
     * Among charon's children the kernel's priorities decide: passing before protecting before dropping, and among these the narrower
     * before the wider. Here the order of the file does, so it must be the same.
     */
    private long rank(String action, TrafficEnd local, TrafficEnd remote) {
        options.check("priority", "[0-9]+", "a number");
        Optional<Long> explicit = options.text("priority").filter(word -> word.matches("[1-9][0-9]{0,9}")).map(Long::valueOf);
        long base = switch (action) {
            case "bypass" -> 200_000;
            case "protect" -> 400_000;
            default -> 600_000;
        };
        long narrow = 512L * (local.prefix() + remote.prefix())
                + (local.hasProtocol() || remote.hasProtocol() ? 256 : 0)
                + (local.hasPorts() ? 64 : 0) + (remote.hasPorts() ? 64 : 0)
                + (options.text("interface").isPresent() ? 2 : 0);
        return explicit.orElse(base - narrow);
    }
}
