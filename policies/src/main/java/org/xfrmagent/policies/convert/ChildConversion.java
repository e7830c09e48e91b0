package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.convert.Options.Remark;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.IpProtocols;

/** A child of a connection as a policy. */
final class ChildConversion {
    /** {@code 10.1.0.0/16}, {@code dynamic[tcp/http]}, {@code [udp]} … (swanctl.conf(5), local_ts). */
    private static final Pattern SELECTOR = Pattern.compile("([^\\[]*)(?:\\[([^/\\]]*)(?:/([^\\]]*))?])?");

    private static final String DYNAMIC = "dynamic";

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
     * What {@code dynamic} means on one side.
     *
     * @param given the addresses inside the tunnel that are given to whoever is there; none: it is the address of its IKE
     * @param hosts the addresses of its IKE, if they are known in advance
     * @param unclear whether addresses are given that are not known here
     */
    record Ends(List<String> given, List<String> hosts, boolean unclear) {}

    /** The interface ids that a connection has for those of its children that have none. */
    record InterfaceIds(Optional<String> in, Optional<String> out) {}

    private record Side(List<String> addresses, Optional<String> protocol, List<String> ports) {}

    /** What follows an address in brackets. */
    private record Suffix(Optional<String> protocol, Optional<String> port) {}

    private final String name;
    private final String peer;
    private final Options options;
    private final Ends ours;
    private final Ends theirs;
    private final InterfaceIds inherited;
    private final YamlText yaml = new YamlText();

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
        Side local;
        Side remote;
        try {
            local = side("local_ts", mode, ours);
            remote = side("remote_ts", mode, theirs);
        } catch (IllegalArgumentException reason) {
            return impossible(String.valueOf(reason.getMessage()));
        }
        if (local.protocol().isPresent() && remote.protocol().isPresent() && !local.protocol().equals(remote.protocol())) {
            return impossible("local_ts and remote_ts name different protocols");
        }
        yaml.line(1, "- name: " + YamlText.scalar(name));
        yaml.line(2, "match: " + match(local, remote));
        yaml.line(2, "action: " + action);
        if (action.equals("protect")) {
            protect(transport);
        } else {
            options.drop("esp_proposals", "ah_proposals", "start_action", "close_action", "dpd_action", "rekey_time", "life_time", "rand_time", "updown");
        }
        long rank = rank(action, local, remote);
        return new Converted(rank, yaml, options.remarks());
    }

    private Converted impossible(String why) {
        List<Remark> remarks = List.of(Remark.loss(options.name() + ": " + why + "; this child is left out"));
        return new Converted(Long.MAX_VALUE, new YamlText(), remarks);
    }

    private void protect(boolean transport) {
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
        start();
        options.text("policies_fwd_out").filter(ChildConversion::isYes).ifPresent(_ ->
                options.note("policies_fwd_out", "there is no policy for packets that are forwarded on their way out"));
        options.drop("hostaccess");
        LifetimeConversion.child(options, yaml);
        options.text("replay_window").ifPresent(window -> yaml.line(2, "replay-window: " + window));
        options.text("reqid").filter(id -> !id.equals("0")).ifPresent(id -> yaml.line(2, "reqid: " + id));
        marks();
        interfaceId();
        header();
        options.text("updown").ifPresent(command -> yaml.line(2, "updown: " + YamlText.scalar(command)));
        refuseUnlessDefault("ipcomp", "no");
        options.text("hw_offload").filter(word -> !isNo(word)).ifPresent(word -> {
            if (word.equals("auto")) {
                options.note("hw_offload", "no device encrypts: auto asks for one only where there is one");
            } else {
                options.remark("hw_offload", "has no equal here and is left out");
            }
        });
        if (!options.flag("policies", true)) {
            yaml.line(2, "spd-entry: false");
        }
        refuseUnlessDefault("sha256_96", "no");
    }

    private void start() {
        String action = options.text("start_action").orElse("none");
        String start = action.contains("start") ? "at-start" : action.equals("trap") ? "on-traffic" : "by-peer";
        yaml.line(2, "start: " + start);
        String usual = start.equals("at-start") ? "at-once" : "nothing";
        ENDINGS.forEach((theirs, ours) -> {
            String afterwards = options.text(theirs).map(word -> switch (word) {
                case "trap", "hold" -> "on-traffic";
                case "start", "restart" -> "at-once";
                case "none", "clear" -> "nothing";
                // Its reader says what it should be.
                default -> word;
            }).orElse("nothing");
            if (!afterwards.equals(usual)) {
                yaml.line(2, ours + ": " + YamlText.scalar(afterwards));
            }
        });
    }

    private void marks() {
        List<String> parts = new ArrayList<>();
        mark("mark_in", "in", parts);
        mark("mark_out", "out", parts);
        mark("set_mark_in", "set-in", parts);
        mark("set_mark_out", "set-out", parts);
        refuseUnlessDefault("mark_in_sa", "no");
        if (!parts.isEmpty()) {
            yaml.line(2, "mark: { " + String.join(", ", parts) + " }");
        }
    }

    private void mark(String key, String ours, List<String> parts) {
        options.text(key).filter(mark -> !mark.matches("0+(/.*)?")).ifPresent(mark -> {
            if (mark.startsWith("%")) {
                options.remark(key, mark + " has no equal");
            } else {
                parts.add(ours + ": " + YamlText.scalar(mark));
            }
        });
    }

    private void interfaceId() {
        Optional<String> in = options.text("if_id_in").filter(id -> !id.equals("0")).or(inherited::in);
        Optional<String> out = options.text("if_id_out").filter(id -> !id.equals("0")).or(inherited::out);
        if (in.equals(out) && in.filter(id -> !id.startsWith("%")).isPresent()) {
            yaml.line(2, "interface-id: " + in.get());
        } else if (in.isPresent() || out.isPresent()) {
            options.remark(in.isPresent() ? "if_id_in" : "if_id_out", "an interface id for one direction only, or one that is chosen at random, has no equal");
        }
    }

    private void header() {
        options.text("copy_df").filter(word -> !isYes(word)).ifPresent(_ -> yaml.line(2, "copy-df: false"));
        options.text("copy_ecn").filter(word -> !isYes(word)).ifPresent(_ -> yaml.line(2, "copy-ecn: false"));
        options.text("copy_dscp").filter(word -> !word.equals("out")).ifPresent(word -> yaml.line(2, "copy-dscp: " + YamlText.scalar(word)));
        options.text("tfc_padding").filter(pad -> !pad.equals("0")).ifPresent(pad -> yaml.line(2, "tfc: " + pad));
    }

    private void refuseUnlessDefault(String key, String standard) {
        options.text(key).filter(value -> !value.equals(standard) && !(isNo(value) && isNo(standard)) && !(isYes(value) && isYes(standard)))
                .ifPresent(_ -> options.remark(key, "has no equal here and is left out"));
    }

    private static boolean isNo(String word) {
        return Options.isNo(word) || word.equals("0s");
    }

    private static boolean isYes(String word) {
        return Set.of("yes", "true", "enabled", "1").contains(word);
    }

    private Side side(String key, String mode, Ends ends) {
        List<String> texts = options.list(key);
        Map<Suffix, Set<String>> bySuffix = new LinkedHashMap<>();
        for (String text : texts.isEmpty() ? List.of(DYNAMIC) : texts) {
            Matcher parts = SELECTOR.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(key + " has '" + text + "', which is no traffic selector");
            }
            String address = parts.group(1).strip();
            Optional<String> protocol = Optional.ofNullable(parts.group(2)).map(String::strip).filter(word -> !word.isEmpty()).map(word -> protocol(key, word));
            Optional<String> port = Optional.ofNullable(parts.group(3)).map(String::strip).filter(word -> !word.isEmpty());
            port.filter(word -> word.matches("[A-Za-z].*") && IpProtocols.service(word).isEmpty()).ifPresent(word -> {
                throw new IllegalArgumentException(key + " has the port '" + word + "', which has no number here");
            });
            bySuffix.computeIfAbsent(new Suffix(protocol, port), _ -> new LinkedHashSet<>()).add(address.isEmpty() ? DYNAMIC : address);
        }
        List<String> ports = bySuffix.keySet().stream().flatMap(suffix -> suffix.port().stream()).toList();
        // A policy has every address with every port.
        boolean even = bySuffix.values().stream().distinct().count() == 1 && bySuffix.keySet().stream().map(Suffix::protocol).distinct().count() == 1;
        if (bySuffix.size() > 1 && !(even && ports.size() == bySuffix.size())) {
            throw new IllegalArgumentException(key + " has several protocols, or addresses with ports of their own; write a child for each");
        }
        Set<String> addresses = new LinkedHashSet<>(bySuffix.values().iterator().next());
        if (addresses.remove(DYNAMIC)) {
            addresses.addAll(dynamic(key, mode, ends, addresses.isEmpty()));
        }
        return new Side(List.copyOf(addresses), bySuffix.keySet().iterator().next().protocol(), ports);
    }

    /** @param alone whether the side has no other addresses */
    private static List<String> dynamic(String key, String mode, Ends ends, boolean alone) {
        if (mode.equals("transport")) {
            return List.of();
        }
        if (!ends.given().isEmpty()) {
            return ends.given();
        }
        if (mode.equals("tunnel") && alone && !ends.unclear()) {
            return List.of(DYNAMIC);
        }
        if (ends.hosts().isEmpty() || ends.unclear()) {
            throw new IllegalArgumentException(key + " is dynamic, and it is not known in advance which address that will be");
        }
        return ends.hosts();
    }

    /** One name for each protocol, whether the file names it or numbers it. */
    private static String protocol(String key, String word) {
        return (word.matches("\\d{1,3}") ? Optional.of(Integer.valueOf(word)) : IpProtocols.number(word)).map(IpProtocols::name)
                .orElseThrow(() -> new IllegalArgumentException(key + " has the protocol '" + word + "', which has no number here"));
    }

    private static String match(Side local, Side remote) {
        List<String> parts = new ArrayList<>();
        if (!local.addresses().isEmpty()) {
            parts.add("local: " + YamlText.oneOrMore(local.addresses()));
        }
        if (!remote.addresses().isEmpty()) {
            parts.add("remote: " + YamlText.oneOrMore(remote.addresses()));
        }
        Optional<String> protocol = local.protocol().or(remote::protocol);
        protocol.ifPresent(word -> parts.add("protocol: " + YamlText.scalar(word)));
        if (!local.ports().isEmpty()) {
            parts.add("local-port: " + YamlText.oneOrMore(local.ports()));
        }
        if (!remote.ports().isEmpty()) {
            parts.add("remote-port: " + YamlText.oneOrMore(remote.ports()));
        }
        return parts.isEmpty() ? "{}" : "{ " + String.join(", ", parts) + " }";
    }

    /**
     * Among charon's children the kernel's priorities decide: passing before protecting before dropping, and among these the narrower
     * before the wider. Here the order of the file does, so it must be the same.
     */
    private long rank(String action, Side local, Side remote) {
        Optional<Long> explicit = options.text("priority").filter(word -> word.matches("[1-9][0-9]{0,9}")).map(Long::valueOf);
        long base = switch (action) {
            case "bypass" -> 200_000;
            case "protect" -> 400_000;
            default -> 600_000;
        };
        long narrow = 512L * (prefix(local.addresses()) + prefix(remote.addresses()))
                + (local.protocol().or(remote::protocol).isPresent() ? 256 : 0)
                + (local.ports().isEmpty() ? 0 : 64) + (remote.ports().isEmpty() ? 0 : 64);
        return explicit.orElse(base - narrow);
    }

    /** The length of the longest prefix; a single address or a range counts as a host. */
    private static int prefix(List<String> addresses) {
        return addresses.stream().mapToInt(address -> {
            int slash = address.indexOf('/');
            String bits = slash < 0 ? "" : address.substring(slash + 1);
            return bits.matches("\\d{1,3}") ? Integer.parseInt(bits) : address.contains(":") ? 128 : 32;
        }).max().orElse(32);
    }
}
