package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Ends;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Start;

/** {@code list-policies}: of the kinds that the request says yes to (drop, pass, trap), those that fit its names. */
record PolicyListing(AgentControl agent, Supplier<Wording> charons) {
    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        Wording wording = charons.get();
        for (Policy policy : agent.policies().policies()) {
            if (wanted(policy, request, wording)) {
                client.stream(ViciEvents.LIST_POLICY, PolicyView.of(policy, ends(policy), wording));
            }
        }
        return ViciMessage.EMPTY;
    }

    private Optional<Ends> ends(Policy policy) {
        return policy.action() instanceof Action.Protect protect ? Optional.ofNullable(agent.ends().get(protect.peer())) : Optional.empty();
    }

    /** What a client has loaded says it itself. Of the others: what comes up at the start is held too, but charon does not call that a trap. */
    private boolean isTrap(Policy policy, Action.Protect protect, Wording wording) {
        return wording.origin(policy.name()).map(agent.loaded()::isTrapped).orElse(protect.start() == Start.ON_TRAFFIC);
    }

    private boolean wanted(Policy policy, ViciMessage request, Wording wording) {
        Optional<String> child = request.text("child");
        Optional<String> ike = request.text("ike");
        boolean kind = switch (policy.action()) {
            case Action.Bypass() -> request.flag("pass");
            case Action.Discard() -> request.flag("drop");
            case Action.Protect protect -> request.flag("trap") && isTrap(policy, protect, wording);
        };
        boolean peer = ike.isEmpty() || PolicyView.connection(policy, wording).equals(ike.get());
        return kind && peer && (child.isEmpty() || wording.means(child.get(), policy.name()));
    }
}
