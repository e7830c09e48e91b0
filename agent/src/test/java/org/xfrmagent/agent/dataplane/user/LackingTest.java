package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.TrafficSelector;

class LackingTest {
    private static final SelectorPair ALL = new SelectorPair(TrafficSelector.ANY_V4, TrafficSelector.ANY_V4);

    private static PolicySpec policy(OptionalInt ifId, Optional<Mark> mark, Optional<String> device) {
        return new PolicySpec(Direction.OUT, ALL, 1, new PolicySpec.Discard(), ifId, mark, device);
    }

    @Test
    void whatOnlyTheKernelTellsPacketsByIsNamed() {
        assertThat(Lacking.of(policy(OptionalInt.empty(), Optional.empty(), Optional.empty()))).isEmpty();
        assertThat(Lacking.of(policy(OptionalInt.of(5), Optional.empty(), Optional.empty()))).hasValueSatisfying(words -> assertThat(words).contains("xfrm interfaces (if_id)"));
        assertThat(Lacking.of(policy(OptionalInt.empty(), Optional.of(new Mark(1, -1)), Optional.empty()))).hasValueSatisfying(words -> assertThat(words).contains("marks"));
        assertThat(Lacking.of(policy(OptionalInt.empty(), Optional.empty(), Optional.of("wan")))).contains(
                "the userspace data plane cannot tell packets by the network interface, and only those of wan are meant ('device'); only the kernel can");
    }
}
