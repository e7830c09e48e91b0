package org.xfrmagent.agent.dataplane.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.dataplane.SiteToSite.LOCAL_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.REMOTE_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.outbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.protect;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneContract;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.TrafficSelector;

/** The fake keeps the contract too, or tests that stand on it would prove nothing. */
class FakeDataPlaneTest extends DataPlaneContract {
    private static final int PACKET = 100;

    private final FakeDataPlane fake = new FakeDataPlane();

    @Override
    protected DataPlane open() {
        return fake;
    }

    @Override
    protected boolean hasClock() {
        return false;
    }

    @Override
    protected void send(int packets) {
        for (int i = 0; i < packets; i++) {
            fake.send(new SelectorPair(TrafficSelector.of(LOCAL_HOST), TrafficSelector.of(REMOTE_HOST)), PACKET);
        }
    }

    @Test
    void it_records_what_was_applied_and_not_what_was_refused() {
        Operation sa = new Operation.AddSa(outbound(0xc0ffee01, SaLimits.NONE));
        Operation policy = new Operation.AddPolicy(protect(Direction.OUT, 1000, OptionalInt.empty()));
        fake.refuse(operation -> operation instanceof Operation.AddPolicy ? Optional.of("no memory") : Optional.empty());
        assertThat(fake.apply(List.of(sa, policy))).isEqualTo(new Outcome.Refused(policy, "no memory"));
        assertThat(fake.operations()).isEmpty();
        assertThat(fake.installed().sas()).isEmpty();
        fake.refuse(operation -> Optional.empty());
        fake.apply(List.of(sa, policy));
        assertThat(fake.applied()).containsExactly(List.of(sa, policy));
    }
}
