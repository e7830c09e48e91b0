package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.fake.FakeDataPlane;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.TrafficSelector;

class StandingPoliciesTest {
    private static final String LANS = """
            policies:
              - name: lans
                match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                action: protect
                peer: sun
            """;
    private static final String NAMED = Yaml.SUN.replace("192.0.2.2", "vpn.example.org") + LANS;

    private final FakeDataPlane plane = new FakeDataPlane();
    private final AtomicBoolean nameServer = new AtomicBoolean();
    private final EventLog log = new EventLog(new PrintStream(OutputStream.nullOutputStream()), Clock.systemUTC(), false);
    private final SettingsBuilder settings = new SettingsBuilder(Settings.Ports.STANDARD);
    private final StandingPolicies standing = new StandingPolicies(plane, new Resolver(_ -> Optional.empty(), this::lookUp), log, Optional.empty());

    private InetAddress[] lookUp(String name) throws UnknownHostException {
        if (!nameServer.get()) {
            throw new UnknownHostException(name);
        }
        return new InetAddress[] {Ip.parse("192.0.2.2").orElseThrow()};
    }

    private void install(String yaml) throws DataPlaneException {
        PolicySet policies = Yaml.read(yaml);
        standing.install(policies, settings.build(policies, (_, _) -> Optional.empty()));
    }

    private List<PolicySpec.Verdict> verdicts() {
        return plane.installed().policies().stream().map(PolicySpec::verdict).toList();
    }

    @Test
    void untilAPeersNameIsKnownItsTrafficIsDiscardedAndThenItIsHeld() throws DataPlaneException {
        install(NAMED);
        assertThat(verdicts()).hasSize(3).allMatch(PolicySpec.Discard.class::isInstance);
        assertThat(standing.incomplete()).isTrue();
        standing.refresh();
        assertThat(plane.applied()).as("nothing is new").hasSize(1);

        nameServer.set(true);
        standing.refresh();
        assertThat(verdicts()).hasSize(3).allMatch(PolicySpec.Protect.class::isInstance);
        assertThat(standing.incomplete()).isFalse();
        List<Operation> exchange = plane.applied().getLast();
        assertThat(exchange.subList(0, 3)).as("the new before the old goes").allMatch(Operation.AddPolicy.class::isInstance);
        assertThat(exchange.subList(3, 6)).allMatch(Operation.RemovePolicy.class::isInstance);
    }

    @Test
    void theSamePoliciesAgainChangeNothingAndOthersOnlyWhatDiffers() throws DataPlaneException {
        install(Yaml.SUN + LANS);
        install(Yaml.SUN + LANS);
        assertThat(plane.applied()).hasSize(1);
        install(Yaml.SUN + LANS + """
                  - name: rest
                    match: { local: 10.1.0.0/16, remote: 10.0.0.0/8 }
                    action: discard
                """);
        assertThat(plane.applied().getLast()).hasSize(3).allMatch(Operation.AddPolicy.class::isInstance);
        standing.remove();
        assertThat(plane.installed().policies()).isEmpty();
    }

    /** Every state between the two, one operation after the other: what neither lets pass is never let pass. */
    @Test
    void noMomentBetweenTwoOrdersLetsPassWhatNeitherOfThemDoes() throws DataPlaneException {
        String wide = """
                  - name: wide
                    match: { local: 10.1.0.0/16, remote: 10.0.0.0/8 }
                    action: bypass
                """;
        String first = """
                policies:
                  - name: first
                    match: { local: 10.1.0.0/16, remote: 10.9.0.0/16 }
                    action: discard
                """;
        String lans = LANS.replace("policies:\n", "");
        install(Yaml.SUN + LANS + wide);
        List<Operation> before = plane.operations();
        install(Yaml.SUN + first + lans + wide);
        assertNeverOpen(before, plane.applied().getLast());
        before = plane.operations();
        install(Yaml.SUN + LANS + wide);
        assertNeverOpen(before, plane.applied().getLast());
    }

    private static void assertNeverOpen(List<Operation> before, List<Operation> change) {
        TrafficSelector ours = TrafficSelector.of(AddressRange.parse("10.1.0.1/32"));
        TrafficSelector theirs = TrafficSelector.of(AddressRange.parse("10.2.0.1/32"));
        List<Operation> done = new ArrayList<>(before);
        for (Operation next : change) {
            done.add(next);
            List<PolicySpec> there = new ArrayList<>();
            done.forEach(operation -> {
                switch (operation) {
                    case Operation.AddPolicy(PolicySpec spec) -> there.add(spec);
                    case Operation.RemovePolicy(PolicySpec spec) -> there.remove(spec);
                    case Operation.AddSa _, Operation.RemoveSa _, Operation.RetireSa _, Operation.MoveSa _ -> {}
                }
            });
            int best = there.stream().filter(spec -> covers(spec, ours, theirs)).mapToInt(PolicySpec::priority).min().orElseThrow();
            assertThat(there.stream().filter(spec -> covers(spec, ours, theirs) && spec.priority() == best))
                    .as("after " + next)
                    .noneMatch(spec -> spec.verdict() instanceof PolicySpec.Bypass);
        }
    }

    private static boolean covers(PolicySpec spec, TrafficSelector ours, TrafficSelector theirs) {
        return spec.direction() == Direction.OUT
                && spec.selectors().source().contains(ours)
                && spec.selectors().destination().contains(theirs);
    }

    @Test
    void aPlaneThatRefusesIsASentence() {
        plane.refuse(_ -> Optional.of("it is full"));
        assertThatThrownBy(() -> install(Yaml.SUN + LANS)).hasMessage("the policies cannot be installed: policy 'lans': it is full");
    }

    @Test
    void withoutARouteTheTrafficIsHeldAllTheSame() throws DataPlaneException {
        install(Yaml.SUN.replace("192.0.2.1", "\"%any\"") + LANS);
        assertThat(verdicts()).hasSize(3).allSatisfy(verdict -> assertThat(verdict)
                .isInstanceOfSatisfying(PolicySpec.Protect.class, protect -> assertThat(protect.endpoints().orElseThrow().toString())
                        .contains("192.0.2.2").contains("0.0.0.0")));
    }
}
