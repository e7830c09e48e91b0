package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Policy;

/** {@code list-policies}: of the kinds that the request says yes to (drop, pass, trap), those that fit its names. */
record PolicyListing(AgentControl agent, Supplier<Wording> charons) {
    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        Wording wording = charons.get();
        for (Policy policy : agent.policies().policies()) {
            if (wanted(policy, request, wording)) {
                client.stream(ViciEvents.LIST_POLICY, PolicyView.of(policy, wording));
            }
        }
        return ViciMessage.EMPTY;
    }

    private static boolean wanted(Policy policy, ViciMessage request, Wording wording) {
        Optional<String> child = request.text("child");
        Optional<String> ike = request.text("ike");
        boolean kind = switch (policy.action()) {
            case Action.Bypass() -> request.flag("pass");
            case Action.Discard() -> request.flag("drop");
            case Action.Protect _ -> request.flag("trap") && PolicyView.isTrap(policy);
        };
        boolean peer = ike.isEmpty() || PolicyView.connection(policy, wording).equals(ike.get());
        return kind && peer && (child.isEmpty() || wording.means(child.get(), policy.name()));
    }
}
