package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

/** The fence opens after the routes have changed, and closes before. */
@Tag("netns")
class FenceTest {
    private static final PolicySpec DISCARD = outbound(2000, new PolicySpec.Discard());
    private static final PolicySpec OTHER_DISCARD = new PolicySpec(
            Direction.OUT, pair("10.1.0.0/16", "10.3.0.0/16"), 2001, new PolicySpec.Discard(), OptionalInt.empty());
    /** The same selectors, asked first: a tunnel is up whose peer was unknown. */
    private static final PolicySpec PROTECT =
            outbound(1999, new PolicySpec.Protect(Optional.empty(), Protocol.ESP, 7, OptionalInt.of(0xc0000001)));

    private static PolicySpec outbound(int priority, PolicySpec.Verdict verdict) {
        return new PolicySpec(Direction.OUT, pair("10.1.0.0/16", "10.2.0.0/16"), priority, verdict, OptionalInt.empty());
    }

    private static SelectorPair pair(String from, String to) {
        return new SelectorPair(TrafficSelector.of(AddressRange.parse(from)), TrafficSelector.of(AddressRange.parse(to)));
    }

    private static XfrmPolicy.Action outbound(Xfrm kernel) throws IOException {
        return kernel.policies().stream()
                .filter(policy -> policy.id().direction() == XfrmDirection.OUT && policy.id().selector().toString().contains("10.2.0.0"))
                .map(XfrmPolicy::action)
                .reduce((one, another) -> {
                    throw new AssertionError("two policies where one should be");
                })
                .orElseThrow();
    }

    @Test
    void whatWasDiscardedMayGoOnlyAfterItIsLedIntoTheInterface() throws Exception {
        try (Netns gateway = Netns.create();
                Xfrm kernel = gateway.call(Xfrm::open);
                Fence fence = new Fence(gateway.call(Xfrm::open), OptionalInt.empty())) {
            fence.update(List.of(DISCARD, OTHER_DISCARD));
            assertThat(outbound(kernel)).isEqualTo(XfrmPolicy.Action.BLOCK);

            fence.tighten(List.of(PROTECT, DISCARD, OTHER_DISCARD));
            assertThat(outbound(kernel)).as("before the routes are there").isEqualTo(XfrmPolicy.Action.BLOCK);
            fence.relax();
            assertThat(outbound(kernel)).isEqualTo(XfrmPolicy.Action.ALLOW);

            fence.tighten(List.of(DISCARD, OTHER_DISCARD));
            assertThat(outbound(kernel)).as("before the routes go").isEqualTo(XfrmPolicy.Action.BLOCK);
            fence.relax();
            assertThat(fence.repair()).isEmpty();
        }
    }
}
