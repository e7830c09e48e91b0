package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;

/**
 * What the agent says about itself, its IKE SAs and the SPD, at one moment.
 *
 * @param agent the answer to agent-status
 * @param peers the names of all that are configured
 * @param ikeSas as list-sas shows them: each section is one IKE SA under its peer's name
 * @param policies as agent-policies shows them, in the order of the SPD
 */
record Status(ViciMessage agent, List<String> peers, List<Section> ikeSas, List<Section> policies) {
    private static final String CHILDREN = "child-sas";

    Status {
        peers = List.copyOf(peers);
        ikeSas = List.copyOf(ikeSas);
        policies = List.copyOf(policies);
    }

    static Status ask(ViciClient client) throws IOException {
        ViciMessage agent = client.ask("agent-status");
        List<String> peers = client.ask("agent-peers").texts("peers");
        List<ViciMessage> sas = client.list("list-sas", ViciMessage.of(request -> request.put("agent", "yes")), "list-sa");
        List<ViciMessage> policies = client.list("agent-policies", ViciMessage.EMPTY, "agent-policy");
        return new Status(agent, peers, whole(sections(sas)), sections(policies));
    }

    /** An IKE SA with very many children comes in several events, one after the other. */
    private static List<Section> whole(List<Section> parts) {
        Map<String, Section> all = new LinkedHashMap<>();
        for (Section part : parts) {
            all.merge(text(part.content(), "uniqueid"), part, Status::and);
        }
        return List.copyOf(all.values());
    }

    private static Section and(Section first, Section more) {
        return new Section(first.name(), ViciMessage.of(sa -> {
            first.content().elements().stream().filter(element -> !element.name().equals(CHILDREN)).forEach(sa::add);
            sa.section(CHILDREN, list -> list.addAll(first.content().section(CHILDREN)).addAll(more.content().section(CHILDREN)));
        }));
    }

    private static List<Section> sections(List<ViciMessage> messages) {
        return messages.stream().flatMap(message -> message.sections().stream()).toList();
    }

    /** The children that there are, by their policy. */
    Map<String, List<ViciMessage>> children() {
        return ikeSas.stream()
                .flatMap(ike -> ike.content().section(CHILDREN).sections().stream())
                .map(Section::content)
                .collect(Collectors.groupingBy(child -> text(child, "name")));
    }

    static String text(ViciMessage message, String key) {
        return message.text(key).orElse("");
    }

    /** The security label, which comes as the octets that go over the wire; control characters would go to a terminal. */
    static Optional<String> label(ViciMessage message) {
        return message.text("label")
                .filter(hex -> hex.matches("([0-9a-f]{2})+"))
                .map(hex -> new String(HexFormat.of().parseHex(hex), StandardCharsets.US_ASCII).replaceFirst("\0$", ""));
    }

    static OptionalLong number(ViciMessage message, String key) {
        String digits = text(message, key);
        return digits.matches("-?\\d{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
