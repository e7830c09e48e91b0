package org.xfrmagent.agent.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;

/** Status for programs. A field that has no value is absent; times are seconds, instants are ISO 8601, amounts are octets. */
final class StatusJson {
    private StatusJson() {}

    static String of(Status status) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("agent", agent(status.agent()));
        all.put("peers", status.peers().stream().map(name -> peer(name, status)).toList());
        all.put("unknownPeers", status.ikeSas().stream().filter(ike -> !status.peers().contains(ike.name())).map(StatusJson::ikeSa).toList());
        all.put("policies", status.policies().stream().map(StatusJson::policy).toList());
        return Json.text(all);
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

    private static Map<String, Object> peer(String name, Status status) {
        Map<String, Object> peer = new LinkedHashMap<>();
        peer.put("name", name);
        peer.put("ikeSas", status.ikeSas().stream().filter(ike -> ike.name().equals(name)).map(StatusJson::ikeSa).toList());
        return peer;
    }

    private static Map<String, Object> ikeSa(Section ike) {
        ViciMessage sa = ike.content();
        Fields fields = new Fields(sa).number("uniqueid", "id").text("agent-phase", "state");
        fields.put("local", end(sa, "local"));
        fields.put("remote", end(sa, "remote"));
        fields.truth("initiator", "initiator").text("initiator-spi", "initiatorSpi").text("responder-spi", "responderSpi")
                .text("agent-suite", "algorithms").number("established", "established").number("agent-last-heard", "lastHeard");
        fields.put("children", sa.section("child-sas").sections().stream().map(StatusJson::child).toList());
        return fields.map();
    }

    private static Map<String, Object> end(ViciMessage sa, String side) {
        return new Fields(sa).text(side + "-id", "id").text(side + "-host", "address").number(side + "-port", "port")
                .truth("nat-" + side, "nat").map();
    }

    private static Map<String, Object> child(Section section) {
        ViciMessage child = section.content();
        Fields fields = new Fields(child).number("uniqueid", "id").text("name", "policy").text("state", "state").text("mode", "mode")
                .text("protocol", "protocol").truth("encap", "udpEncapsulated").text("agent-suite", "algorithms").number("install-time", "installed")
                .list("local-ts", "local").list("remote-ts", "remote");
        fields.put("in", sa(child, "in"));
        fields.put("out", sa(child, "out"));
        return fields.map();
    }

    private static Map<String, Object> sa(ViciMessage child, String direction) {
        return new Fields(child).text("spi-" + direction, "spi").number("bytes-" + direction, "bytes").number("packets-" + direction, "packets")
                .number("use-" + direction, "lastUsed").map();
    }

    private static Map<String, Object> policy(Section section) {
        ViciMessage entry = section.content();
        Fields fields = new Fields(entry);
        fields.put("name", section.name());
        fields.text("action", "action").text("state", "state").text("peer", "peer").text("protocol", "protocol").text("mode", "mode")
                .text("start", "start").text("reason", "reason").text("since", "since").list("local-ts", "local").list("remote-ts", "remote");
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
