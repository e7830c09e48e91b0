package org.xfrmagent.agent.control;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.RedirectRequest;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;

/** {@code redirect}: peers of established IKE SAs are sent to another gateway. */
record Redirecting(AgentControl agent) {
    private static final String GATEWAY = "[0-9A-Za-z.:_-]{1,255}";

    ViciMessage redirect(ViciMessage request) throws InterruptedException {
        Optional<String> gateway = request.text("gateway");
        if (gateway.isEmpty()) {
            return ViciCommands.failure("missing target gateway");
        }
        if (!gateway.get().matches(GATEWAY)) {
            return ViciCommands.failure("'gateway' is '" + gateway.get() + "', expected an address or a host name");
        }
        RedirectRequest order;
        try {
            OptionalLong session = request.text("ike-id").map(id -> OptionalLong.of(Long.parseLong(id))).orElse(OptionalLong.empty());
            order = new RedirectRequest(request.text("ike"), session, request.text("peer-ip").map(AddressRange::parse),
                    request.text("peer-id").map(Identity::parse), gateway.get());
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure(wrong instanceof NumberFormatException ? "'ike-id' is no number" : String.valueOf(wrong.getMessage()));
        }
        Answer answer;
        try {
            answer = agent.redirect(order).get();
        } catch (ExecutionException broken) {
            return ViciCommands.failure("the agent failed: " + broken.getCause());
        }
        return ViciMessage.of(out -> {
            out.put("success", answer.success() ? "yes" : "no").put("matches", answer.matches());
            if (!answer.success()) {
                out.put("errmsg", "no matching SAs to redirect found");
            }
        });
    }
}
