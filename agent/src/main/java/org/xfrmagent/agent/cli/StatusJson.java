package org.xfrmagent.agent.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;

/**
 * Status for programs. A field that has no value is absent; times are seconds, instants are ISO 8601, amounts are octets.
 *
 * @param rates where there is an earlier reading
 */
record StatusJson(Status status, Optional<Rates> rates) {
    Map<String, Object> fields() {
        Map<String, Object> all = new LinkedHashMap<>();
        Set<String> known = Set.copyOf(status.peers());
        Map<String, List<Section>> byPeer = status.ikeSas().stream().collect(Collectors.groupingBy(Section::name));
        all.put("agent", agent(status.agent()));
        all.put("peers", status.peers().stream().map(name -> peer(name, byPeer.getOrDefault(name, List.of()))).toList());
        all.put("unknownPeers", status.ikeSas().stream().filter(ike -> !known.contains(ike.name())).map(this::ikeSa).toList());
        all.put("policies", status.policies().stream().map(StatusJson::policy).toList());
        return all;
    }

    private static Map<String, Object> agent(ViciMessage message) {
        Fields fields = new Fields(message).text("version", "version").text("started", "started").number("uptime", "uptime")
                .text("data-plane", "dataPlane").text("data-plane-reason", "dataPlaneReason");
        fields.put("ike", new Fields(message.section("ike")).number("established", "established").number("half-open", "halfOpen")
                .number("ups", "ups").number("failures", "failures").number("retransmissions", "retransmissions").map());
        fields.put("dropped", numbers(message.section("dropped")));
        fields.put("control", numbers(message.section("control")));
        return fields.map();
    }

    private static Map<String, Object> numbers(ViciMessage message) {
        Fields fields = new Fields(message);
        message.elements().forEach(element -> fields.number(element.name(), element.name()));
        return fields.map();
    }

    private Map<String, Object> peer(String name, List<Section> ikeSas) {
        Map<String, Object> peer = new LinkedHashMap<>();
        peer.put("name", name);
        peer.put("ikeSas", ikeSas.stream().map(this::ikeSa).toList());
        return peer;
    }

    private Map<String, Object> ikeSa(Section ike) {
        ViciMessage sa = ike.content();
        Fields fields = new Fields(sa).number("uniqueid", "id").text("agent-phase", "state");
        fields.put("local", end(sa, "local"));
        fields.put("remote", end(sa, "remote"));
        fields.truth("initiator", "initiator").text("initiator-spi", "initiatorSpi").text("responder-spi", "responderSpi")
                .text("agent-suite", "algorithms").number("established", "established").number("rekey-time", "rekeyIn")
                .number("reauth-time", "reauthIn").number("agent-last-heard", "lastHeard");
        fields.put("children", sa.section("child-sas").sections().stream().map(this::child).toList());
        return fields.map();
    }

    private static Map<String, Object> end(ViciMessage sa, String side) {
        return new Fields(sa).text(side + "-id", "id").text(side + "-host", "address").number(side + "-port", "port")
                .truth("nat-" + side, "nat").map();
    }

    private Map<String, Object> child(Section section) {
        ViciMessage child = section.content();
        Fields fields = new Fields(child).number("uniqueid", "id").text("name", "policy").text("state", "state").text("mode", "mode")
                .text("protocol", "protocol").truth("encap", "udpEncapsulated").text("agent-suite", "algorithms").number("install-time", "installed")
                .number("rekey-time", "rekeyIn").number("life-time", "endsIn")
                .list("local-ts", "local").list("remote-ts", "remote");
        Status.label(child).ifPresent(label -> fields.put("label", label));
        fields.put("in", sa(child, "in"));
        fields.put("out", sa(child, "out"));
        return fields.map();
    }

    private Map<String, Object> sa(ViciMessage child, String direction) {
        Map<String, Object> fields = new Fields(child).text("spi-" + direction, "spi").text("cpi-" + direction, "cpi").number("bytes-" + direction, "bytes")
                .number("packets-" + direction, "packets").number("use-" + direction, "lastUsed").map();
        rates.ifPresent(known -> known.perSecond(child, direction).ifPresent(octets -> fields.put("bytesPerSecond", octets)));
        return fields;
    }

    private static Map<String, Object> policy(Section section) {
        ViciMessage entry = section.content();
        Fields fields = new Fields(entry);
        fields.put("name", section.name());
        fields.text("action", "action").text("state", "state").text("peer", "peer").text("protocol", "protocol").text("mode", "mode")
                .text("start", "start").text("device", "device").text("reason", "reason").text("since", "since").list("local-ts", "local").list("remote-ts", "remote");
        Status.label(entry).ifPresent(label -> fields.put("label", label));
        fields.put("children", entry.texts("children").stream().map(Long::valueOf).toList());
        return fields.map();
    }

    /** Takes fields of a vici message over under JSON's names. */
    private static final class Fields {
        private final ViciMessage from;
        private final Map<String, Object> to = new LinkedHashMap<>();

        Fields(ViciMessage from) {
            this.from = from;
        }

        Fields text(String key, String name) {
            String value = Status.text(from, key);
            if (!value.isEmpty()) {
                to.put(name, value);
            }
            return this;
        }

        Fields number(String key, String name) {
            OptionalLong value = Status.number(from, key);
            value.ifPresent(found -> to.put(name, found));
            return this;
        }

        Fields truth(String key, String name) {
            to.put(name, from.flag(key));
            return this;
        }

        Fields list(String key, String name) {
            to.put(name, from.texts(key));
            return this;
        }

        void put(String name, Object value) {
            to.put(name, value);
        }

        Map<String, Object> map() {
            return to;
        }
    }
}
