package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
        return new Status(agent, peers, sections(sas), sections(policies));
    }

    private static List<Section> sections(List<ViciMessage> messages) {
        return messages.stream().flatMap(message -> message.sections().stream()).toList();
    }

    /** The children of one policy that are installed. */
    List<ViciMessage> children(String policy) {
        return ikeSas.stream()
                .flatMap(ike -> ike.content().section("child-sas").sections().stream())
                .map(Section::content)
                .filter(child -> child.text("name").equals(Optional.of(policy)))
                .toList();
    }

    static String text(ViciMessage message, String key) {
        return message.text(key).orElse("");
    }

    static OptionalLong number(ViciMessage message, String key) {
        String digits = text(message, key);
        return digits.matches("-?\\d{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}
