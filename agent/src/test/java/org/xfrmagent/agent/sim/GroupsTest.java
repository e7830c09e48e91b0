package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;

/** Sun has several peers that moon may be, each for members of other groups; a RADIUS server judges moon's user carol, and says of which she is one. */
class GroupsTest {
    private static final Pool STAFF = new Pool("staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of());
    private static final Pool GUESTS = new Pool("guests", List.of(AddressRange.parse("10.1.8.1"), AddressRange.parse("10.1.8.2")), List.of());

    private static Policies sun(String name, Pool pool, String... groups) {
        return Policies.sun().calling(name).eap(EapKind.RADIUS).users().gives(pool).membersOf(groups);
    }

    private static Profile[] staffAndGuests() {
        return profiles(sun("staff", STAFF, "staff", "admins"), sun("guests", GUESTS, "guests"));
    }

    private static Profile[] profiles(Policies... policies) {
        return Arrays.stream(policies).map(each -> each.settings().profiles().getFirst()).toArray(Profile[]::new);
    }

    /** Carol is a member of {@code groups}. */
    private static World world(List<String> groups, Profile... peers) {
        return world(Policies.moon().eap(EapKind.MD5).user("carol", "let me in").isGiven(), groups, peers);
    }

    private static World world(Policies moon, List<String> groups, Profile... peers) {
        World world = new World(moon, sun("moon", STAFF));
        reconfigure(world, peers);
        world.sun.judge = work -> work instanceof EapWork.Relay(EapPacket response, String identity)
                ? Optional.of(judged(response, identity, new EapGrant(List.of(), List.of(), Optional.empty(), groups, List.of())))
                : Optional.empty();
        return world;
    }

    private static void reconfigure(World world, Profile... peers) {
        world.sun.reconfigure(new Settings(List.of(peers), world.sun.settings.credentials(), Settings.Ports.STANDARD));
    }

    /** Whatever the user answers to a challenge of 16 octets is right. */
    private static EapWork.Result judged(EapPacket response, String identity, EapGrant grant) {
        return response instanceof EapPacket.Response(int identifier, EapType type, _) && type.equals(EapType.IDENTITY)
                ? new EapWork.Result.Relayed(new EapPacket.Request(identifier + 1, EapType.MD5, Bytes.concat(Bytes.of((byte) 16), Bytes.of(new byte[16]))))
                : new EapWork.Result.Proven(new EapProof(identity, EapType.MD5, Optional.empty(), grant), Optional.empty());
    }

    private static void assertLetInAs(World world, String peer, String pool, String address) {
        world.established(1);
        assertThat(world.session(world.sun).peerName()).as(world::journal).isEqualTo(peer);
        assertThat(world.session(world.sun).phase().inner()).isEqualTo(InnerAddresses.lent(List.of(new Lease(pool, Ip.parse(address).orElseThrow()))));
        assertThat(world.sun.leases).hasSize(1);
        world.moon.down("sun");
        world.network.run(5_000);
        assertThat(world.sun.leases).isEmpty();
        world.assertNothing();
    }

    private static void assertRefused(World world, String why) {
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).isEmpty();
        assertThat(world.sun.events(Event.IkeFailed.class)).as(world::journal).first().satisfies(event -> assertThat(event.reason()).contains(why));
        assertThat(world.moon.events(Event.IkeFailed.class)).first().satisfies(event -> assertThat(event.reason()).contains("AUTHENTICATION_FAILED"));
        assertThat(world.sun.leases).isEmpty();
        world.network.run(200_000);
        world.assertNothing();
    }

    @Test
    void aMemberOfOneOfThemIsLetIn() {
        assertLetInAs(world(List.of("payroll", "admins"), staffAndGuests()), "staff", "staff", "10.1.7.1");
    }

    /** Who is no member of the first peer's groups is the next one: the address is of that one's pool, and the child of its policy. */
    @Test
    void theGroupsSayWhichPeerItIs() {
        World world = world(List.of("guests"), staffAndGuests());
        assertLetInAs(world, "guests", "guests", "10.1.8.1");
        assertThat(world.journal()).contains("it is not peer staff: is user carol, a member of [guests], peer staff has members of [staff, admins]; it is guests");
    }

    @Test
    void ofWhichCaseItsLettersAreDoesNotMatter() {
        assertLetInAs(world(List.of("GUESTS"), staffAndGuests()), "guests", "guests", "10.1.8.1");
    }

    @Test
    void aPeerThatAsksForNoGroupTakesEverybodyWhoComesToIt() {
        Profile[] peers = profiles(sun("staff", STAFF, "staff"), sun("anybody", GUESTS));
        assertLetInAs(world(List.of(), peers), "anybody", "guests", "10.1.8.1");
        assertLetInAs(world(List.of("staff"), peers), "staff", "staff", "10.1.7.1");
    }

    @Test
    void aMemberOfNoneIsRefused() {
        assertRefused(world(List.of("payroll"), staffAndGuests()),
                "is user carol, a member of [payroll], peer staff has members of [staff, admins]; "
                        + "is user carol, a member of [payroll], peer guests has members of [guests]");
        assertRefused(world(List.of(), staffAndGuests()), "is user carol, a member of no group, peer staff has members of [staff, admins]");
    }

    /** Neither what users are members of nor what they are called gets into a log as it came. */
    @Test
    void aNameThatIsNoTextIsPrintedAsOne() {
        assertRefused(world(List.of("night shift\n" + "x".repeat(80)), staffAndGuests()), "a member of [night shift?" + "x".repeat(52) + "], peer staff");
    }

    /** RFC 4739: the machine's certificate says that it is one of them, and the user's groups which. */
    @Test
    void itIsTheSameBehindACertificate() {
        Profile[] peers = profiles(sun("staff", STAFF, "staff").twice(), sun("guests", GUESTS, "guests").twice());
        assertLetInAs(world(Policies.moon().eap(EapKind.MD5).user("carol", "let me in").twice().isGiven(), List.of("guests"), peers), "guests", "guests", "10.1.8.1");
    }

    /** R5: a peer whose users a password of our own lets in is not the one of a user whom the server has let in. */
    @Test
    void whoWasJudgedByOneIsNotLetInByAnother() {
        Profile[] peers = profiles(sun("staff", STAFF, "staff"), Policies.sun().calling("local").eap(EapKind.MD5).users().gives(GUESTS));
        assertRefused(world(List.of("guests"), peers), "peer staff has members of [staff]");
        Profile[] proof = profiles(sun("staff", STAFF, "staff"), sun("guests", GUESTS, "guests").twice());
        assertRefused(world(List.of("guests"), proof), "peer staff has members of [staff]");
    }

    /** While the server is asked, the policies change: what counts is what they say when the user is let in. */
    @Test
    void whatHasChangedMeanwhileCounts() {
        World world = world(List.of("guests"), staffAndGuests());
        var asked = world.sun.judge;
        world.sun.judge = work -> {
            reconfigure(world, profiles(sun("staff", STAFF, "staff", "admins"), sun("guests", GUESTS, "nobody")));
            return asked.apply(work);
        };
        assertRefused(world, "is user carol, a member of [guests], peer staff has members of [staff, admins]");
    }
}
