package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/** Against all policies, each narrowed. */
class AtlasTest {
    private static final int POLICIES = 300;
    private static final int QUESTIONS = 500;

    private final Random random = new Random(11);

    @Test
    void whoeverCoversSomethingIsNear() {
        List<ChildProfile> all = policies(_ -> range(), _ -> range());
        Atlas atlas = new Atlas(all);
        for (int i = 0; i < QUESTIONS; i++) {
            List<TrafficSelector> ours = List.of(range(), range());
            List<TrafficSelector> theirs = List.of(range());
            List<ChildProfile> near = atlas.near(ours, theirs);
            assertThat(near).containsAll(all.stream().filter(policy -> covers(policy, ours, theirs)).toList()).isSubsetOf(all);
            assertThat(near.stream().map(ChildProfile::reqid)).isSorted();
        }
    }

    @Test
    void ofManyFewAreNearWhicheverEndTheyHaveInCommon() {
        List<ChildProfile> hub = policies(_ -> wide(), AtlasTest::net);
        List<ChildProfile> spoke = policies(AtlasTest::net, _ -> wide());
        assertThat(new Atlas(hub).near(List.of(wide()), List.of(net(77)))).containsExactly(hub.get(77));
        assertThat(new Atlas(spoke).near(List.of(net(77)), List.of(wide()))).containsExactly(spoke.get(77));
        assertThat(new Atlas(hub).near(List.of(wide()), List.of(TrafficSelector.of(AddressRange.parse("11.0.0.0/8"))))).isEqualTo(hub);
    }

    private static boolean covers(ChildProfile policy, List<TrafficSelector> ours, List<TrafficSelector> theirs) {
        return policy.policy().match().local() instanceof Selectors.Fixed(var local)
                && policy.policy().match().remote() instanceof Selectors.Fixed(var remote)
                && !Narrowing.narrow(ours, local).isEmpty()
                && !Narrowing.narrow(theirs, remote).isEmpty();
    }

    private static List<ChildProfile> policies(Function<Integer, TrafficSelector> local, Function<Integer, TrafficSelector> remote) {
        List<ChildProfile> all = new ArrayList<>();
        for (int i = 0; i < POLICIES; i++) {
            Policy policy = Samples.protect("policy " + i, Start.BY_PEER, local.apply(i), remote.apply(i));
            all.add(new ChildProfile(policy, (Protect) policy.action(), i + 1, 1_000));
        }
        return all;
    }

    private static TrafficSelector wide() {
        return TrafficSelector.of(AddressRange.parse("10.0.0.0/8"));
    }

    private static TrafficSelector net(int number) {
        return TrafficSelector.of(AddressRange.prefix(Ip.of((byte) 11, (byte) (number / 256), (byte) number, (byte) 0), 24));
    }

    private TrafficSelector range() {
        int bits = 8 + random.nextInt(25);
        return TrafficSelector.of(AddressRange.prefix(
                Ip.of((byte) (10 + random.nextInt(2)), (byte) random.nextInt(4), (byte) random.nextInt(256), (byte) random.nextInt(256)), bits));
    }
}
