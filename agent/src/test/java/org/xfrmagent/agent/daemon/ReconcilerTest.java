package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.fake.FakeDataPlane;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

class ReconcilerTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final int EXPLICIT = 77;

    private final FakeDataPlane plane = new FakeDataPlane();
    private final Reconciler reconciler = new Reconciler(
            plane, new EventLog(new PrintStream(OutputStream.nullOutputStream()), Clock.systemUTC(), true));
    private final Settings settings = new SettingsBuilder(Settings.Ports.STANDARD).build(
            Yaml.read(Yaml.SUN + """
                    policies:
                      - { name: a, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }, action: protect, peer: sun, reqid: 77 }
                    """),
            (_, _) -> Optional.empty());

    private void installed(Operation... operations) {
        assertThat(plane.apply(List.of(operations))).isEqualTo(new Outcome.Applied());
    }

    private static SaSpec sa(int spi, int reqid) {
        return new SaSpec(
                new SaId(SUN, Protocol.ESP, spi), MOON, Direction.OUT, Mode.TUNNEL, reqid,
                new SaKeys.Aead(Algorithms.byKeyword("aes128gcm16").orElseThrow(), Secret.take(new byte[20])), Optional.empty(), 0, false,
                SaLimits.NONE, Optional.empty(), OptionalInt.empty());
    }

    private static PolicySpec policy(String remote, int priority, PolicySpec.Verdict verdict) {
        SelectorPair pair = new SelectorPair(
                TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), TrafficSelector.of(AddressRange.parse(remote)));
        return new PolicySpec(Direction.OUT, pair, priority, verdict, OptionalInt.empty());
    }

    private static PolicySpec.Verdict protect(int reqid) {
        return new PolicySpec.Protect(Optional.of(new PolicySpec.Endpoints(MOON, SUN)), Protocol.ESP, reqid, OptionalInt.empty());
    }

    @Test
    void whatIsOursIsKnownByItsMarksAndOthersStayAsTheyAre() {
        PolicySpec ours = policy("10.2.0.0/16", Priorities.base(0), protect(Reqids.FIRST));
        PolicySpec block = policy("10.3.0.0/16", Priorities.base(1), new PolicySpec.Discard());
        PolicySpec charons = policy("10.4.0.0/16", 383_615, protect(1));
        PolicySpec byChance = policy("10.5.0.0/16", Priorities.base(2), protect(1));
        installed(
                new Operation.AddPolicy(ours), new Operation.AddPolicy(block), new Operation.AddPolicy(charons),
                new Operation.AddPolicy(byChance), new Operation.AddSa(sa(1000, Reqids.FIRST)), new Operation.AddSa(sa(1001, EXPLICIT)),
                new Operation.AddSa(sa(1002, 1)), new Operation.AddSa(sa(1000, Reqids.FIRST).compressed(0x52b4).compressor().orElseThrow()));
        reconciler.remove(reconciler.leftovers(settings));
        assertThat(plane.installed().policies()).containsExactlyInAnyOrder(charons, byChance);
        assertThat(plane.installed().sas()).extracting(Snapshot.InstalledSa::reqid).containsExactly(1);
    }

    @Test
    void anSaThatNoSessionKnowsIsRemovedWhenEventsWereLost() throws DataPlaneException {
        installed(new Operation.AddSa(sa(1000, Reqids.FIRST)), new Operation.AddSa(sa(1002, 1)),
                new Operation.AddSa(sa(1000, Reqids.FIRST).compressed(0x52b4).compressor().orElseThrow()));
        assertThat(reconciler.compare(settings, () -> Optional.of(List.of()), () -> 0)).isEmpty();
        assertThat(plane.installed().sas()).extracting(Snapshot.InstalledSa::reqid).containsExactly(1);
    }

    /** Of what peers narrowed a policy to nobody knows any more which part an SA was for that is about to go. */
    @Test
    void whatASessionIsRemovingIsNotAStray() throws DataPlaneException {
        int part = 1 << 30;
        installed(new Operation.AddSa(sa(1000, part)));
        Session quiet = Session.fresh(
                1, 0, true, true, settings, settings.profile("sun"), new Path(MOON, 500, SUN, 500), 0);
        Session removing = quiet.withJobs(Map.of(1L, new Awaiting.Change("removing a")), 2);
        assertThat(reconciler.compare(settings, () -> Optional.of(List.of(removing)), () -> 0)).isEmpty();
        assertThat(plane.installed().sas()).extracting(Snapshot.InstalledSa::reqid).containsExactly(part);
        assertThat(reconciler.compare(settings, () -> Optional.of(List.of(quiet)), () -> 0)).isEmpty();
        assertThat(plane.installed().sas()).isEmpty();
    }

    @Test
    void aShardThatDoesNotAnswerInTimeCostsNoSa() throws DataPlaneException {
        installed(new Operation.AddSa(sa(1000, Reqids.FIRST)));
        assertThat(reconciler.compare(settings, Optional::empty, () -> 0)).isEmpty();
        assertThat(plane.installed().sas()).hasSize(1);
    }

    @Test
    void whatWasTakenFromTheSpdIsPutBackBeforeAnybodyIsAsked() throws DataPlaneException {
        PolicySpec ours = policy("10.2.0.0/16", Priorities.base(0), protect(Reqids.FIRST));
        installed(new Operation.AddPolicy(ours));
        plane.steal(ours);
        assertThat(plane.installed().policies()).isEmpty();
        reconciler.compare(settings, () -> {
            assertThat(plane.installed().policies()).containsExactly(ours);
            return Optional.of(List.of());
        }, () -> 0);
    }

    @Test
    void anOrderlyEndLeavesNothingHoweverManyLayersThereAre() {
        PolicySpec trap = policy("10.2.0.0/16", Priorities.base(0), protect(Reqids.FIRST));
        PolicySpec child = policy("10.2.0.0/16", Priorities.base(0) - 1, protect(Reqids.FIRST));
        installed(new Operation.AddPolicy(trap), new Operation.AddPolicy(child), new Operation.AddPolicy(child));
        reconciler.removeAll(settings);
        assertThat(plane.installed().policies()).isEmpty();
    }
}
