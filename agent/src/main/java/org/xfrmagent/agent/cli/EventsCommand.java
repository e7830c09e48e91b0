package org.xfrmagent.agent.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;
import org.xfrmagent.agent.control.ViciPacket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code xfrm-agent events}. */
@Command(
        name = "events",
        header = "Show tunnels come up, go down and get fresh keys.",
        description = {"One line for each IKE SA and child SA that comes, goes or is replaced from now on, until the agent ends or Ctrl-C."})
final class EventsCommand extends WatchCommand {
    private static final List<String> EVENTS = List.of("ike-updown", "child-updown", "ike-rekey", "child-rekey");

    @Option(names = "--json", description = "Write a JSON object a line.")
    boolean json;

    @Override
    List<String> events() {
        return EVENTS;
    }

    @Override
    Optional<String> line(ViciPacket.Event event) {
        return Optional.of(json ? json(event) : text(event));
    }

    private static String what(ViciPacket.Event event) {
        return event.name().endsWith("-rekey") ? "fresh keys" : event.message().flag("up") ? "up" : "down";
    }

    private static Section ike(ViciPacket.Event event) {
        return event.message().sections().stream().findFirst().orElse(new Section("", ViciMessage.EMPTY));
    }

    /** The fields of the IKE SA as it is now. */
    private static ViciMessage fields(Section ike) {
        ViciMessage successor = ike.content().section("new");
        return successor.isEmpty() ? ike.content() : successor;
    }

    /** The child that an event is about, as it is now. */
    private static Optional<ViciMessage> child(Section ike) {
        return ike.content().section("child-sas").sections().stream().findFirst()
                .map(Section::content)
                .map(child -> child.section("new").isEmpty() ? child : child.section("new"));
    }

    private static String text(ViciPacket.Event event) {
        Section ike = ike(event);
        ViciMessage fields = fields(ike);
        StringBuilder line = new StringBuilder(now()).append(' ').append(ike.name()).append('[').append(Status.text(fields, "uniqueid")).append(']');
        Optional<ViciMessage> child = child(ike);
        child.ifPresent(sa -> line.append('/').append(Status.text(sa, "name")).append('{').append(Status.text(sa, "uniqueid")).append('}'));
        line.append(' ').append(what(event)).append(": ");
        if (child.isPresent()) {
            ViciMessage sa = child.get();
            line.append(String.join(" ", sa.texts("local-ts"))).append(" === ").append(String.join(" ", sa.texts("remote-ts")))
                    .append(", in ").append(Status.text(sa, "spi-in")).append(" out ").append(Status.text(sa, "spi-out"));
        } else {
            line.append(Status.text(fields, "local-id")).append(" === ").append(Status.text(fields, "remote-id"))
                    .append(" at ").append(Status.text(fields, "remote-host"));
        }
        return line.toString();
    }

    private static String json(ViciPacket.Event event) {
        Section ike = ike(event);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("event", event.name());
        all.put("what", what(event));
        all.put("peer", ike.name());
        texts(all, fields(ike), "uniqueid", "local-id", "local-host", "remote-id", "remote-host");
        child(ike).ifPresent(sa -> {
            Map<String, Object> child = new LinkedHashMap<>();
            texts(child, sa, "name", "uniqueid", "spi-in", "spi-out");
            child.put("local", sa.texts("local-ts"));
            child.put("remote", sa.texts("remote-ts"));
            all.put("child", child);
        });
        return Json.line(all);
    }

    private static void texts(Map<String, Object> to, ViciMessage from, String... keys) {
        for (String key : keys) {
            to.put(key, Status.text(from, key));
        }
    }
}
