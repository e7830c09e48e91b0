package org.xfrmagent.policies.model;

import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;

/**
 * What a data plane tells protect policies by. Policies that are alike in it have one entry in its SPD, with one reqid: a packet may come
 * through the SAs of any of them, of whichever peer, and goes through those that came last.
 *
 * @param peer where an end is the address of its IKE; empty where the addresses say all
 * @param bound whether what leaves does so by one network interface; by which tells only that apart
 */
public record Traffic(
        Optional<String> peer, Selectors local, Selectors remote, boolean bound, Mode mode, Protocol protocol, OptionalInt reqid,
        Marks marks, InterfaceIds interfaceIds, SpdEntry spdEntry) {
    /** Empty if the policy does not protect. */
    public static Optional<Traffic> of(Policy policy) {
        return policy.action() instanceof Protect protect ? Optional.of(of(policy, protect)) : Optional.empty();
    }

    public static Traffic of(Policy policy, Protect protect) {
        Match match = policy.match();
        boolean dynamic = match.local() instanceof Selectors.Dynamic || match.remote() instanceof Selectors.Dynamic;
        return new Traffic(
                Optional.of(protect.peer()).filter(_ -> dynamic), match.local(), match.remote(), match.device().isPresent(), protect.mode(), protect.protocol(),
                protect.reqid(), protect.marks(), protect.interfaceIds(), protect.spdEntry());
    }
}
