package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.sim.ChildTerms.Net;
import org.xfrmagent.policies.model.Start;

/** What live tunnels notice of a change of the policies, of an order to rekey, and of one child taken down. */
class ReconfiguringTest {
    private static final Net A = new Net("a", "10.1.0.0/24", "10.2.0.0/24");
    private static final Net B = new Net("b", "10.1.1.0/24", "10.2.1.0/24");
    private static final Net A_FOR_SUN = new Net("a", "10.2.0.0/24", "10.1.0.0/24");
    private static final Net B_FOR_SUN = new Net("b", "10.2.1.0/24", "10.1.1.0/24");

    private final World world = new World(moon(), Policies.sun().nets(A_FOR_SUN, B_FOR_SUN)).established(2);

    private static Policies moon() {
        return Policies.moon().nets(A, B).start(Start.ON_TRAFFIC);
    }

    private ChildSa child(String name) {
        return world.moon.children().stream().filter(child -> child.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void theSamePoliciesAgainSendAndChangeNothing() {
        Session before = world.session(world.moon);
        int sent = world.network.seen.size();
        world.moon.reconfigure(moon().settings());
        world.network.run(1_000);
        assertThat(world.network.seen).hasSize(sent);
        assertThat(world.session(world.moon).children()).isEqualTo(before.children());
        assertThat(world.session(world.moon).phase()).isEqualTo(before.phase());
    }

    @Test
    void policiesThatMoveInTheOrderTakeTheirChildrenAlongWithoutAMessage() {
        int sent = world.network.seen.size();
        ChildSa before = child("a");
        world.moon.reconfigure(moved(moon().settings(), 7));
        world.network.run(1_000);
        assertThat(world.network.seen).hasSize(sent);
        assertThat(child("a").inbound()).isEqualTo(before.inbound());
        assertThat(child("a").policies()).allMatch(policy -> policy.priority() == before.policies().getFirst().priority() + 7);
        world.assertSameChildren();
    }

    private static Settings moved(Settings settings, int by) {
        return new Settings(
                settings.profiles().stream()
                        .map(profile -> new Profile(profile.peer(), profile.children().stream()
                                .map(child -> new ChildProfile(
                                        child.policy(), child.protect(), child.reqid(), child.priority() + by))
                                .toList()))
                        .toList(),
                settings.credentials(), settings.ports());
    }

    @Test
    void aPolicyThatChangedIsNegotiatedAnewAndTheOtherStaysUntouched() {
        ChildSa a = child("a");
        ChildSa b = child("b");
        world.moon.reconfigure(Policies.moon().nets(A, new Net("b", "10.1.1.0/25", "10.2.1.0/24")).start(Start.ON_TRAFFIC).settings());
        world.network.run(5_000);
        assertThat(child("a")).isEqualTo(a.withProfile(child("a").profile(), a.policies()));
        assertThat(child("b").serial()).isNotEqualTo(b.serial());
        assertThat(child("b").local().toString()).contains("10.1.1.0/25");
        world.assertSameChildren();
    }

    @Test
    void aPolicyThatIsGoneTakesItsChildAlong() {
        world.moon.reconfigure(Policies.moon().nets(A).start(Start.ON_TRAFFIC).settings());
        world.network.run(5_000);
        assertThat(world.moon.children()).extracting(ChildSa::name).containsExactly("a");
        world.assertSameChildren();
    }

    @Test
    void aPeerThatIsReachedOtherwiseIsCalledAnewWithAllItHad() {
        Policies either = Policies.sun().nets(A_FOR_SUN, B_FOR_SUN).ike("aes128-sha256-x25519", "aes256gcm16-prfsha256-x25519");
        World two = new World(moon(), either).established(2);
        Session before = two.session(two.moon);
        two.moon.reconfigure(moon().ike("aes128-sha256-x25519").settings());
        assertThat(two.network.until(60_000, () -> two.moon.children().size() == 2 && two.moon.sessions().size() == 1)).isTrue();
        Session after = two.session(two.moon);
        assertThat(after.id()).isNotEqualTo(before.id());
        assertThat(after.phase().ikeSa().orElseThrow().suite().toString()).contains("aes128");
        two.network.run(1_000);
        two.assertSameChildren();
    }

    // ---- of a connection that was loaded

    private static Policies loaded(Start start) {
        return moon().start(start).loaded();
    }

    private static Settings unloaded() {
        return new Settings(List.of(), moon().settings().credentials(), Settings.Ports.STANDARD);
    }

    @ParameterizedTest
    @EnumSource(value = Start.class, names = {"ON_TRAFFIC", "BY_PEER"})
    void whatAnUnloadedConnectionDidNotBeginByItselfStaysAndIsRekeyedUntilItEnds(Start start) {
        World two = new World(loaded(start), Policies.sun().nets(A_FOR_SUN, B_FOR_SUN));
        two.moon.up("sun", "a", "b");
        assertThat(two.network.until(10_000, () -> two.moon.children().size() == 2)).isTrue();
        two.network.run(1_000);
        Session before = two.session(two.moon);
        int sent = two.network.seen.size();

        two.moon.reconfigure(unloaded());
        two.network.run(5_000);
        assertThat(two.network.seen).hasSize(sent);
        assertThat(two.session(two.moon).children()).isEqualTo(before.children());

        two.moon.rekey(before.id(), OptionalInt.of(before.children().stream().findFirst().orElseThrow().serial()));
        two.moon.rekey(before.id(), OptionalInt.empty());
        two.network.run(5_000);
        assertThat(two.moon.children()).hasSize(2).doesNotContain(before.children().stream().findFirst().orElseThrow());
        assertThat(two.moon.events(Event.IkeRekeyed.class)).hasSize(1);
        two.assertSameChildren();

        two.sun.down("moon");
        two.network.run(5_000);
        assertThat(two.moon.sessions()).isEmpty();
    }

    @Test
    void whatAnUnloadedConnectionBeganByItselfEnds() {
        World two = new World(loaded(Start.AT_START), Policies.sun().nets(A_FOR_SUN, B_FOR_SUN)).established(2);
        two.moon.reconfigure(unloaded());
        two.network.run(5_000);
        assertThat(two.moon.sessions()).isEmpty();
        assertThat(two.sun.sessions()).isEmpty();
    }

    @Test
    void aLoadedConnectionThatIsReachedOtherwiseMakesNewSasBesideThoseItHas() {
        Policies either = Policies.sun().nets(A_FOR_SUN, B_FOR_SUN).ike("aes128-sha256-x25519", "aes256gcm16-prfsha256-x25519");
        World two = new World(loaded(Start.ON_TRAFFIC), either).established(2);
        Session before = two.session(two.moon);
        two.moon.reconfigure(loaded(Start.ON_TRAFFIC).ike("aes128-sha256-x25519").settings());
        two.network.run(5_000);
        assertThat(two.session(two.moon).children()).isEqualTo(before.children());

        two.moon.up("sun", "a");
        two.network.run(5_000);
        assertThat(two.moon.sessions()).hasSize(2);
        assertThat(two.moon.children()).extracting(ChildSa::name).containsExactlyInAnyOrder("a", "b", "a");
    }

    @Test
    void aLoadedChildThatChangedStaysBesideItsSuccessor() {
        World two = new World(loaded(Start.ON_TRAFFIC), Policies.sun().nets(A_FOR_SUN, B_FOR_SUN)).established(2);
        List<ChildSa> before = List.copyOf(two.moon.children());
        Net narrower = new Net("b", "10.1.1.0/25", "10.2.1.0/24");
        two.moon.reconfigure(loaded(Start.ON_TRAFFIC).nets(A, narrower).settings());
        two.network.run(5_000);
        assertThat(List.copyOf(two.moon.children())).extracting(ChildSa::inbound).isEqualTo(before.stream().map(ChildSa::inbound).toList());

        two.moon.up("sun", "b");
        two.network.run(5_000);
        assertThat(two.moon.sessions()).hasSize(1);
        assertThat(two.moon.children()).extracting(child -> child.name() + " " + child.local()).containsExactly(
                "a " + before.getFirst().local(), "b " + before.getLast().local(), "b " + two.moon.children().getLast().local());
        assertThat(two.moon.children().getLast().local().toString()).contains("10.1.1.0/25");
        two.assertSameChildren();
    }

    @Test
    void aLoadedChildThatBeganByItselfIsReplacedWhenItChanges() {
        World two = new World(loaded(Start.AT_START), Policies.sun().nets(A_FOR_SUN, B_FOR_SUN)).established(2);
        ChildSa a = two.moon.children().getFirst();
        two.moon.reconfigure(loaded(Start.AT_START).nets(A, new Net("b", "10.1.1.0/25", "10.2.1.0/24")).settings());
        two.network.run(5_000);
        assertThat(two.moon.children()).hasSize(2);
        assertThat(two.moon.children().getFirst().inbound()).isEqualTo(a.inbound());
        assertThat(two.moon.children().getLast().local().toString()).contains("10.1.1.0/25");
        two.assertSameChildren();
    }

    @Test
    void anOrderToRekeyReplacesThatChildOrTheIkeSa() {
        Session session = world.session(world.moon);
        ChildSa a = child("a");
        ChildSa b = child("b");
        world.moon.rekey(session.id(), OptionalInt.of(a.serial()));
        world.network.run(5_000);
        assertThat(child("a").serial()).isNotEqualTo(a.serial());
        assertThat(child("b")).isEqualTo(b);
        world.assertSameChildren();

        world.moon.rekey(session.id(), OptionalInt.empty());
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeRekeyed.class)).hasSize(1);
        assertThat(world.sun.events(Event.IkeRekeyed.class)).hasSize(1);
        assertThat(world.moon.children()).hasSize(2);
        world.assertSameChildren();
    }

    @Test
    void oneChildTakenDownLeavesTheOthers() {
        world.moon.downChild(world.session(world.moon).id(), child("a").serial());
        world.network.run(5_000);
        assertThat(world.moon.children()).extracting(ChildSa::name).containsExactly("b");
        world.assertSameChildren();
    }
}
