package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.TrafficSelector;

class PolicyStacksTest {
    private static final Place PLACE = new Place(
            XfrmPolicy.Id.of(XfrmSelector.ANY, XfrmDirection.OUT),
            Optional.empty());

    private final PolicyStacks stacks = new PolicyStacks();

    private static PolicySpec policy(int priority, int spi) {
        SelectorPair all = new SelectorPair(TrafficSelector.ANY_V4, TrafficSelector.ANY_V4);
        OptionalInt exact = spi == 0 ? OptionalInt.empty() : OptionalInt.of(spi);
        PolicySpec.Protect verdict = new PolicySpec.Protect(Optional.empty(), Protocol.ESP, 7, exact);
        return new PolicySpec(Direction.OUT, all, priority, verdict, OptionalInt.empty());
    }

    private Optional<PolicyStacks.Change> put(PolicySpec spec) {
        return stacks.put(PLACE, stacks.layer(spec));
    }

    private Optional<PolicyStacks.Change> take(PolicySpec spec) {
        return stacks.take(PLACE, stacks.find(PLACE, spec).orElseThrow());
    }

    @Test
    void theFirstPolicyOfAPlaceIsInstalled() {
        assertThat(put(policy(2, 0))).contains(new PolicyStacks.Install(PLACE, policy(2, 0), true));
    }

    @Test
    void theSaCoversItsTrapAndUncoversItWhenItGoes() {
        PolicySpec trap = policy(2, 0);
        PolicySpec sa = policy(1, 0xc0000001);
        put(trap);
        assertThat(put(sa)).contains(new PolicyStacks.Install(PLACE, sa, false));
        assertThat(take(sa)).contains(new PolicyStacks.Install(PLACE, trap, false));
        assertThat(take(trap)).contains(new PolicyStacks.Remove(PLACE));
    }

    @Test
    void whatGoesUnderneathIsNotSeen() {
        PolicySpec sa = policy(1, 0xc0000001);
        put(sa);
        assertThat(put(policy(2, 0))).isEmpty();
        assertThat(take(policy(2, 0))).isEmpty();
    }

    @Test
    void ofEqualPrioritiesTheNewestIsInForce() {
        PolicySpec old = policy(1, 0xc0000001);
        PolicySpec fresh = policy(1, 0xc0000002);
        put(old);
        assertThat(put(fresh)).contains(new PolicyStacks.Install(PLACE, fresh, false));
        // make before break: the old one goes from underneath
        assertThat(take(old)).isEmpty();
        assertThat(stacks.head(PLACE).orElseThrow().spec()).isEqualTo(fresh);
    }

    @Test
    void thePolicyAddedTwiceGoesWithTheSecondRemoval() {
        PolicySpec same = policy(1, 0);
        put(same);
        assertThat(put(same)).isEmpty();
        assertThat(take(same)).isEmpty();
        assertThat(take(same)).contains(new PolicyStacks.Remove(PLACE));
    }

    @Test
    void whatIsTakenBackStandsWhereItStood() {
        PolicySpec old = policy(1, 0xc0000001);
        PolicySpec fresh = policy(1, 0xc0000002);
        put(old);
        PolicyStacks.Layer oldLayer = stacks.find(PLACE, old).orElseThrow();
        put(fresh);
        stacks.take(PLACE, oldLayer);
        assertThat(stacks.put(PLACE, oldLayer)).isEmpty();
        assertThat(stacks.head(PLACE).orElseThrow().spec()).isEqualTo(fresh);
    }
}
