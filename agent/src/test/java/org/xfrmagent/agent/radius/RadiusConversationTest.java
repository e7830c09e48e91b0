package org.xfrmagent.agent.radius;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapWork.Result;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.agent.radius.RadiusAccounting.Carried;
import org.xfrmagent.agent.radius.RadiusAccounting.Cause;
import org.xfrmagent.agent.radius.RadiusConversation.Station;
import org.xfrmagent.policies.model.Radius.GroupAttribute;

/** RFC 2865, 3579 and 2548 over loopback. */
class RadiusConversationTest {
    private static final RadiusClient CLIENT = new RadiusClient(Duration.ofMillis(300), 3);
    private static final Station STATION =
            new Station("moon", InetAddress.ofLiteral("192.0.2.1"), 4500, InetAddress.ofLiteral("198.51.100.7"), 41000, "roadwarriors");
    private static final Set<GroupAttribute> CLASS = Set.of(GroupAttribute.CLASS);
    private static final EapPacket IDENTITY = new EapPacket.Response(1, EapType.IDENTITY, Bytes.hex("6361726f6c"));
    private static final EapPacket.Request CHALLENGE = new EapPacket.Request(2, EapType.MD5, Bytes.of(new byte[300]));

    @Test
    void theUsersPacketsGoToTheServerAndItsPacketsComeBack() throws Exception {
        try (PlayedServer radius = new PlayedServer(RadiusConversationTest::challengeThenAccept)) {
            RadiusConversation talk = new RadiusConversation(CLIENT, List.of(radius.server()), CLASS, STATION);
            assertThat(talk.relay(IDENTITY, "carol")).isEqualTo(new Result.Relayed(CHALLENGE));
            EapProof proof = ((Result.Proven) talk.relay(new EapPacket.Response(2, EapType.MD5, Bytes.hex("00")), "carol")).proof();

            assertThat(proof.identity()).isEqualTo("carol@home");
            assertThat(proof.method()).isEqualTo(EapType.MD5);
            assertThat(proof.msk()).contains(Secret.take(fill(32, 1, 32, 2)));
            assertThat(proof.grant().addresses()).containsExactly(InetAddress.ofLiteral("10.3.0.7"));
            assertThat(proof.grant().nameServers()).containsExactly(InetAddress.ofLiteral("10.1.0.53"));
            assertThat(proof.grant().seconds()).contains(3600L);
            assertThat(proof.grant().groups()).containsExactly("staff");
        }
    }

    /** What people's servers tell users apart by. */
    @Test
    void theServerIsToldWhereTheUserIs() throws Exception {
        try (PlayedServer radius = new PlayedServer(RadiusConversationTest::challengeThenAccept)) {
            new RadiusConversation(CLIENT, List.of(radius.server()), CLASS, STATION).relay(IDENTITY, "carol");
            String question = radius.heard().getFirst().toHex();
            // Message-Authenticator first; User-Name; NAS-Identifier; NAS-IP-Address; Calling-Station-Id.
            assertThat(question.substring(40)).startsWith("5012");
            assertThat(question).contains("01076361726f6c", "20066d6f6f6e", "0406c0000201", "1f15" + hex("198.51.100.7[41000]"));
        }
    }

    @Test
    void aQuestionThatIsLostIsSentAgainAndASilentServerIsAskedLast() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        try (PlayedServer silent = new PlayedServer(_ -> Optional.empty());
                PlayedServer lossy = new PlayedServer(question -> lost.getAndIncrement() == 0 ? Optional.empty() : challengeThenAccept(question))) {
            RadiusClient client = new RadiusClient(Duration.ofMillis(100), 3);
            List<RadiusServer> both = List.of(silent.server(), lossy.server());
            assertThat(new RadiusConversation(client, both, CLASS, STATION).relay(IDENTITY, "carol")).isEqualTo(new Result.Relayed(CHALLENGE));
            assertThat(silent.heard()).hasSize(3);
            assertThat(silent.heard().stream().distinct()).hasSize(1);
            assertThat(lossy.heard()).hasSize(2);
            assertThat(client.order(both)).containsExactly(both.get(1), both.get(0));
        }
    }

    /** RFC 3579, section 3.2, and what CVE-2024-3596 takes advantage of. */
    @Test
    void answersWithoutAMessageAuthenticatorOrFromSomebodyElseDoNotCount() throws Exception {
        Bytes other = Bytes.hex("6f74686572");
        for (boolean bare : new boolean[] {true, false}) {
            try (PlayedServer forger = new PlayedServer(question -> Optional.of(PlayedServer.answer(
                    question, RadiusCode.ACCESS_ACCEPT, bare ? PlayedServer.SECRET : other, bare, eap(new EapPacket.Success(1)))))) {
                Result result = new RadiusConversation(new RadiusClient(Duration.ofMillis(50), 2), List.of(forger.server()), CLASS, STATION).relay(IDENTITY, "carol");
                assertThat(((Result.Refused) result).reason())
                        .startsWith("RADIUS server 127.0.0.1:")
                        .contains("has not answered 2 times: " + (bare ? "there is no Message-Authenticator" : "the authenticator is wrong"));
            }
        }
    }

    @Test
    void aRejectSaysWhatTheServerSays() throws Exception {
        try (PlayedServer radius = new PlayedServer(question -> Optional.of(PlayedServer.answer(
                question, RadiusCode.ACCESS_REJECT, PlayedServer.SECRET, false, eap(new EapPacket.Failure(1)),
                RadiusAttribute.text(RadiusAttribute.REPLY_MESSAGE, "come back\ntomorrow"))))) {
            assertThat(new RadiusConversation(CLIENT, List.of(radius.server()), CLASS, STATION).relay(IDENTITY, "carol"))
                    .isEqualTo(new Result.Rejected("the RADIUS server refuses user 'carol' after EAP-IDENTITY: come back?tomorrow"));
        }
    }

    @Test
    void anAcceptWithoutEapSuccessIsNone() throws Exception {
        try (PlayedServer radius = new PlayedServer(
                question -> Optional.of(PlayedServer.answer(question, RadiusCode.ACCESS_ACCEPT, PlayedServer.SECRET, false)))) {
            assertThat(new RadiusConversation(CLIENT, List.of(radius.server()), CLASS, STATION).relay(IDENTITY, "carol")).isInstanceOf(Result.Refused.class);
        }
    }

    /** RFC 2865, section 7.1: an answer that every server before RFC 3579 gave. */
    @Test
    void theExampleOfRfc2865IsAuthenticAndYetNotEnough() {
        Secret secret = Secret.copyOf(Bytes.of("xyzzy5461".getBytes(StandardCharsets.US_ASCII)));
        Bytes question = Bytes.hex("01000014 0f403f9473978057bd83d5cb98f4227a");
        String accept = "02000026 86fe220e7624ba2a1005f6bf9b55e0b2 060600000001 0f0600000000 0e06c0a80103";
        assertThatThrownBy(() -> RadiusPacket.answer(Bytes.hex(accept), question, secret)).hasMessage("there is no Message-Authenticator");
        assertThatThrownBy(() -> RadiusPacket.answer(Bytes.hex(accept.replace("0e06", "0e07")), question, secret)).isInstanceOf(MalformedRadius.class);
        assertThatThrownBy(() -> RadiusPacket.answer(Bytes.hex(accept.replace("0103", "0104")), question, secret)).hasMessageContaining("authenticator is wrong");
    }

    @Test
    void whateverComesIsAnAnswerOrMalformed() {
        Random random = new Random(11);
        Bytes question = RadiusPacket.question(7, Bytes.of(new byte[16]), List.of(), Secret.copyOf(PlayedServer.SECRET));
        Bytes good = PlayedServer.answer(question, RadiusCode.ACCESS_CHALLENGE, PlayedServer.SECRET, false, eap(CHALLENGE));
        assertThat(RadiusPacket.answer(good, question, Secret.copyOf(PlayedServer.SECRET)).code()).isEqualTo(RadiusCode.ACCESS_CHALLENGE);
        for (int i = 0; i < 5_000; i++) {
            byte[] octets = good.toArray();
            octets[random.nextInt(octets.length)] ^= (byte) (1 + random.nextInt(255));
            Bytes mutant = Bytes.wrap(octets).slice(0, random.nextInt(3) == 0 ? random.nextInt(octets.length) : octets.length);
            assertThatThrownBy(() -> RadiusPacket.answer(mutant, question, Secret.copyOf(PlayedServer.SECRET))).isInstanceOf(MalformedRadius.class);
        }
    }

    /** RFC 2865, sections 5.11 and 5.25; RFC 2868, section 3.1. */
    @Test
    void whatNamesTheUsersGroupsIsWhatThePoliciesSay() throws Exception {
        RadiusAttribute esp = new RadiusAttribute(RadiusAttribute.TUNNEL_TYPE, Bytes.hex("01000009"));
        RadiusAttribute l2tp = new RadiusAttribute(RadiusAttribute.TUNNEL_TYPE, Bytes.hex("01000003"));
        Set<GroupAttribute> filterId = Set.of(GroupAttribute.FILTER_ID);
        assertThat(groups(CLASS, esp)).as("a Class of 44 octets is a server's own").containsExactly("staff", "night shift", "g".repeat(43));
        assertThat(groups(filterId, esp)).containsExactly("guests");
        assertThat(groups(filterId, l2tp)).as("what filters another tunnel's traffic").isEmpty();
        assertThat(groups(Set.of(GroupAttribute.values()), esp)).containsExactly("staff", "night shift", "g".repeat(43), "guests");
    }

    private static List<String> groups(Set<GroupAttribute> from, RadiusAttribute tunnelType) throws IOException {
        try (PlayedServer radius = new PlayedServer(question -> Optional.of(PlayedServer.answer(
                question, RadiusCode.ACCESS_ACCEPT, PlayedServer.SECRET, false, eap(new EapPacket.Success(1)), tunnelType,
                RadiusAttribute.text(RadiusAttribute.CLASS, "staff"),
                RadiusAttribute.text(RadiusAttribute.CLASS, "night shift"),
                RadiusAttribute.text(RadiusAttribute.CLASS, "g".repeat(43)),
                RadiusAttribute.text(RadiusAttribute.CLASS, "g".repeat(44)),
                RadiusAttribute.text(RadiusAttribute.FILTER_ID, "guests"))))) {
            return ((Result.Proven) new RadiusConversation(CLIENT, List.of(radius.server()), from, STATION).relay(IDENTITY, "carol")).proof().grant().groups();
        }
    }

    /** RFC 2865, section 7.1: nemo's password "arctangent". */
    @Test
    void aPasswordIsHiddenAsInTheExampleOfRfc2865() {
        Bytes authenticator = Bytes.hex("0f403f9473978057bd83d5cb98f4227a");
        assertThat(HiddenPassword.of(secret("arctangent"), secret("xyzzy5461"), authenticator)).isEqualTo(Bytes.hex("0dbe708d93d413ce3196e43f782a0aee"));
        assertThat(HiddenPassword.of(secret("p".repeat(17)), secret("xyzzy5461"), authenticator).length()).isEqualTo(32);
    }

    @Test
    void aPasswordIsJudgedInOneQuestion() throws Exception {
        try (PlayedServer radius = new PlayedServer(question -> Optional.of(PlayedServer.answer(
                question, question.toHex().contains(hex("carol")) ? RadiusCode.ACCESS_ACCEPT : RadiusCode.ACCESS_REJECT, PlayedServer.SECRET, false,
                RadiusAttribute.text(RadiusAttribute.CLASS, "staff"))))) {
            RadiusConversation talk = new RadiusConversation(CLIENT, List.of(radius.server()), CLASS, STATION);
            assertThat(talk.judge("carol", secret("hers"))).isInstanceOfSatisfying(Result.LetIn.class, in -> {
                assertThat(in.user()).isEqualTo("carol");
                assertThat(in.grant().groups()).containsExactly("staff");
            });
            assertThat(talk.judge("dave", secret("his"))).isEqualTo(new Result.Rejected("the RADIUS server refuses user 'dave' after a password"));
            assertThat(talk.judge("carol", secret("p".repeat(129)))).isInstanceOf(Result.Rejected.class);
            assertThat(radius.heard()).hasSize(2).allSatisfy(question -> assertThat(question.toHex()).doesNotContain(hex("hers")).doesNotContain(hex("his")));
        }
    }

    /** RFC 2866 and RFC 2869, section 5: more than 32 bits have is in gigawords. */
    @Test
    void aUserIsAccountedFor() throws Exception {
        try (PlayedServer radius = new PlayedServer(question -> Optional.of(PlayedServer.answer(question, RadiusCode.ACCOUNTING_RESPONSE, PlayedServer.SECRET, true)))) {
            RadiusAccounting carol = new RadiusAccounting("5f-7", "carol", STATION, List.of(InetAddress.ofLiteral("10.3.0.7"), InetAddress.ofLiteral("2001:db8::7")),
                    List.of(Bytes.hex("7374616666")));
            carol.start(CLIENT, List.of(radius.server()), Instant.ofEpochSecond(0x60000000L));
            carol.interim(CLIENT, List.of(radius.server()), Instant.ofEpochSecond(0x60000001L), 60, new Carried(5, 6, 7, 8));
            carol.stop(CLIENT, List.of(radius.server()), Instant.ofEpochSecond(0x60000002L), 3600, new Carried(0x1_0000_0005L, 6, 7, 8), Cause.LOST_SERVICE);
            List<String> heard = radius.heard().stream().map(Bytes::toHex).toList();
            assertThat(heard).hasSize(3).allSatisfy(told -> assertThat(told).startsWith("04").contains(
                    "2c06" + hex("5f-7"), "2d0600000001", "0107" + hex("carol"), "20066d6f6f6e", "19077374616666", "08060a030007", "a81220010db8000000000000000000000007"));
            assertThat(heard.get(0)).contains("280600000001", "370660000000").doesNotContain("2e06", "3106");
            assertThat(heard.get(1)).contains("280600000003", "2e060000003c", "2a0600000005", "340600000000", "2b0600000006", "2f0600000007", "300600000008").doesNotContain("3106");
            assertThat(heard.get(2)).contains("280600000002", "2e0600000e10", "2a0600000005", "340600000001", "350600000000", "310600000003");
        }
    }

    private static Secret secret(String text) {
        return Secret.take(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Optional<Bytes> challengeThenAccept(Bytes question) {
        boolean begins = !question.toHex().contains("1806" + "01020304");
        return Optional.of(begins
                ? PlayedServer.answer(question, RadiusCode.ACCESS_CHALLENGE, PlayedServer.SECRET, false,
                        concat(RadiusAttribute.pieces(RadiusAttribute.EAP_MESSAGE, CHALLENGE.encode()),
                                new RadiusAttribute(RadiusAttribute.STATE, Bytes.hex("01020304"))))
                : PlayedServer.answer(question, RadiusCode.ACCESS_ACCEPT, PlayedServer.SECRET, false,
                        eap(new EapPacket.Success(2)),
                        PlayedServer.mppe(RadiusAttribute.MS_MPPE_RECV_KEY, Bytes.wrap(fill(32, 1, 0, 0)), question),
                        PlayedServer.mppe(RadiusAttribute.MS_MPPE_SEND_KEY, Bytes.wrap(fill(32, 2, 0, 0)), question),
                        RadiusAttribute.text(RadiusAttribute.USER_NAME, "carol@home"),
                        RadiusAttribute.text(RadiusAttribute.CLASS, "staff"),
                        RadiusAttribute.number(RadiusAttribute.SESSION_TIMEOUT, 3600),
                        new RadiusAttribute(RadiusAttribute.FRAMED_IP_ADDRESS, Bytes.hex("0a030007")),
                        PlayedServer.vendor(RadiusAttribute.MS_PRIMARY_DNS_SERVER, Bytes.hex("0a010035"))));
    }

    private static RadiusAttribute[] concat(List<RadiusAttribute> some, RadiusAttribute other) {
        return Stream.concat(some.stream(), Stream.of(other)).toArray(RadiusAttribute[]::new);
    }

    private static RadiusAttribute eap(EapPacket packet) {
        Bytes octets = packet.encode();
        return new RadiusAttribute(RadiusAttribute.EAP_MESSAGE, octets.slice(0, Math.min(octets.length(), RadiusAttribute.LONGEST)));
    }

    private static byte[] fill(int first, int value, int second, int other) {
        byte[] octets = new byte[first + second];
        Arrays.fill(octets, 0, first, (byte) value);
        Arrays.fill(octets, first, first + second, (byte) other);
        return octets;
    }

    private static String hex(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.US_ASCII)).toHex();
    }
}
