package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
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

    /** Session-Timeout (RFC 2865, section 5.27): the user is told to show itself anew in time (RFC 4478), and who does not is let go. */
    @Test
    void whoIsLetInForAWhileStaysNoLongerUnlessItIsJudgedAnew() {
        World world = world(List.of("guests"), staffAndGuests());
        var judge = world.sun.judge;
        world.sun.judge = work -> judge.apply(work).map(result -> result instanceof EapWork.Result.Proven(EapProof proof, var data)
                ? new EapWork.Result.Proven(
                        new EapProof(proof.identity(), proof.method(), proof.msk(), new EapGrant(List.of(), List.of(), Optional.of(600L), List.of("guests"), List.of())), data)
                : result);
        world.established(1);
        assertThat(world.journal()).contains("the peer wants us to authenticate ourselves anew within 600 s");
        world.network.run(1_500_000);
        assertThat(world.sun.events(Event.PasswordShown.class)).as(world::journal).hasSizeGreaterThanOrEqualTo(3);
        assertThat(world.sun.established()).hasSize(1);
        world.moon.dead = true;
        world.network.run(700_000);
        assertThat(world.sun.established()).isEmpty();
    }

    // ---- IKEv1: a user of XAUTH, whose password the server is shown

    private static Policies gateway(String name, Pool pool, String... groups) {
        return Policies.sun().aggressive().calling(name).users(pool).judged().membersOf(groups);
    }

    /** The server knows carol by another name, and who shows another password not at all. */
    private static World xauth(String password, Profile... peers) {
        World world = new World(Policies.moon().aggressive().user("carol", password).isGiven(), gateway("moon", STAFF));
        reconfigure(world, peers);
        world.sun.judge = work -> {
            if (!(work instanceof EapWork.Password(String user, Secret shown))) {
                return Optional.empty();
            }
            boolean right = shown.equals(Secret.take("let me in".getBytes(StandardCharsets.US_ASCII)));
            return Optional.of(right
                    ? new EapWork.Result.LetIn(user + "@home", new EapGrant(List.of(), List.of(), Optional.empty(), List.of("guests"), List.of()))
                    : password.isBlank() ? new EapWork.Result.Refused("no server answers") : new EapWork.Result.Rejected("the RADIUS server refuses user 'carol'"));
        };
        return world;
    }

    @Test
    void theGroupsOfAUserOfXauthSayWhichPeerItIs() {
        World world = xauth("let me in", profiles(gateway("staff", STAFF, "staff"), gateway("guests", GUESTS, "guests"))).established(1);
        assertThat(world.session(world.sun).peerName()).isEqualTo("guests");
        assertThat(world.journal()).contains("it is not peer staff: is user carol@home, a member of [guests], peer staff has members of [staff]; it is guests",
                "gave user carol@home the address 10.1.8.1");
        assertThat(world.sun.events(Event.PasswordShown.class)).containsExactly(new Event.PasswordShown("carol@home", true));
    }

    @Test
    void theAddressThatTheServerHasForAUserOfXauthIsTheOneItGets() {
        World world = xauth("let me in", profiles(gateway("guests", GUESTS, "guests")));
        InetAddress second = Ip.parse("10.1.8.2").orElseThrow();
        world.sun.judge = _ -> Optional.of(new EapWork.Result.LetIn("carol", new EapGrant(List.of(second), List.of(), Optional.empty(), List.of("guests"), List.of())));
        world.established(1);
        assertThat(world.session(world.sun).phase().inner()).isEqualTo(InnerAddresses.lent(List.of(new Lease("guests", second))));
    }

    @Test
    void aUserOfXauthInNoneIsRefusedAndNotAskedAgain() {
        World world = xauth("let me in", profiles(gateway("staff", STAFF, "staff")));
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("is user carol@home, a member of [guests], peer staff has members of [staff]"));
        assertThat(world.moon.events(Event.IkeFailed.class)).hasSize(1);
        assertThat(world.sun.leases).isEmpty();
        world.assertNothing();
    }

    @Test
    void whatTheServerSaysOfAPasswordCounts() {
        World wrong = xauth("let me out", profiles(gateway("guests", GUESTS, "guests")));
        wrong.moon.up("sun");
        wrong.network.run(1_000);
        assertThat(wrong.sun.events(Event.Refused.class)).first().satisfies(event -> assertThat(event.detail()).contains("the RADIUS server refuses user 'carol'"));
        assertThat(wrong.sun.events(Event.PasswordShown.class)).containsExactly(new Event.PasswordShown("carol", false));
        assertThat(wrong.journal()).doesNotContain("let me");
        World silent = xauth(" ", profiles(gateway("guests", GUESTS, "guests")));
        silent.moon.up("sun");
        silent.network.run(5_000);
        assertThat(silent.sun.events(Event.PasswordShown.class)).as("nobody has looked at it").isEmpty();
        assertThat(silent.sun.events(Event.IkeFailed.class)).singleElement().satisfies(event -> assertThat(event.reason()).contains("no server answers"));
    }

    /** While the server is asked, what the user says again is not heard, and it is asked no second time. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8})
    void aLostMessageIsMadeUpForAndADoubledOneJudgedOnce(int which) {
        World world = xauth("let me in", profiles(gateway("guests", GUESTS, "guests")));
        int[] messages = {0};
        int[] asked = {0};
        var judge = world.sun.judge;
        world.sun.judge = work -> {
            asked[0]++;
            return judge.apply(work);
        };
        world.network.interceptor = (to, path, datagram) -> ++messages[0] == which ? List.of() : List.of(datagram, datagram);
        world.established(1);
        assertThat(asked[0]).isEqualTo(1);
    }
}
