package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Policy;

/** {@code list-conns}: the peers of the policy files, then what clients have loaded, in their order. */
record ConnListing(AgentControl agent, Supplier<Wording> charons) {
    ViciMessage list(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        Wording wording = charons.get();
        Settings settings = agent.settings();
        Map<String, Policy> policies = agent.policies().policies().stream().collect(Collectors.toMap(Policy::name, policy -> policy));
        Set<String> loaded = agent.loaded().connections().keySet();
        Set<String> names = new LinkedHashSet<>(settings.profiles().stream().map(Profile::name).filter(name -> !loaded.contains(name)).toList());
        names.addAll(loaded);
        Optional<String> wanted = request.text("ike");
        ConnView view = new ConnView(wording, hash -> Optional.ofNullable(agent.loaded().publicKeys().certificates().get(hash))
                .map(certificate -> certificate.facts().subject().toString()));
        for (String name : names) {
            if (wanted.isEmpty() || wanted.get().equals(name)) {
                List<Policy> own = wording.policies(name).stream().flatMap(policy -> Stream.ofNullable(policies.get(policy))).toList();
                Optional<Profile> profile = settings.profile(name);
                if (profile.isPresent()) {
                    client.stream(ViciEvents.LIST_CONN, view.of(profile.get(), own.isEmpty() ? policies(profile.get()) : own));
                } else {
                    client.stream(ViciEvents.LIST_CONN, view.ofShunts(name, own));
                }
            }
        }
        return ViciMessage.EMPTY;
    }

    private static List<Policy> policies(Profile profile) {
        return profile.children().stream().map(ChildProfile::policy).toList();
    }
}
