package org.xfrmagent.agent.control;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.KeyPair;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.daemon.Ends;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Selectors;

/** Our answers beside those of a real charon 5.9.8 for the same tunnels. */
final class ViewsTest {
    private static final Services SERVICES = Services.of(List.of("# name port/protocol", "ssh\t22/tcp  # the secure shell", "telnet 23/tcp", "domain 53/udp dns"));
    private static final Wording WORDING = Wording.charons(Loaded.NOTHING, SERVICES);
    static final SaView SAS = new SaView(WORDING);

    private final PolicySet policies = Samples.policies();
    private final Settings settings = Samples.settings(policies);

    @Test
    void aTunnelIsListedInCharonsWordsAndOrder() throws IOException {
        Session session = Samples.tunnel(settings);
        ChildSa child = session.children().getFirst();
        Map<SaId, Usage> usage = Map.of(child.inbound(), new Usage(252, 3, 3), child.outbound(), new Usage(252, 3, 3));

        assertThat(listed(session, usage)).isEqualTo(captured("charon-list-sas-tunnel.raw"));
    }

    /** charon 5.9.8 said "spi-out=c6e013b0 cpi-in=6f4f cpi-out=52b4 encr-alg=AES_GCM_16". */
    @Test
    void theCpisOfACompressedChildFollowItsSpis() throws IOException {
        Session session = Samples.tunnel(settings);
        ChildSa child = Samples.compressed(session.children().getFirst());
        Map<SaId, Usage> usage = Map.of(child.inbound(), new Usage(252, 3, 3), child.outbound(), new Usage(252, 3, 3));
        assertThat(listed(session.withChildren(List.of(child)), usage))
                .isEqualTo(captured("charon-list-sas-tunnel.raw").replace(" encr-alg=AES_GCM_16 encr-keysize=256 bytes", " cpi-in=0821 cpi-out=52b4 encr-alg=AES_GCM_16 encr-keysize=256 bytes"));
    }

    @Test
    void transportInUdpWithPfsAndExtendedSequenceNumbersIsListedInCharonsWordsAndOrder() throws IOException {
        assertThat(listed(Samples.behindNat(settings), Map.of())).isEqualTo(withoutLimits("charon-list-sas-transport-in-udp.raw"));
    }

    private static String listed(Session session, Map<SaId, Usage> usage) {
        String whole = SAS.of(new SessionView(session, Samples.NOW), session.children(), usage).toString();
        return "list-sa event {" + whole + "}";
    }

    /** What charon said. */
    private static String captured(String fixture) throws IOException {
        return read(fixture).strip();
    }

    /** What charon said of SAs that have no limits with us. */
    private static String withoutLimits(String fixture) throws IOException {
        return captured(fixture).replaceAll(" (rekey-time|life-time)=\\d+", "");
    }

    /** What is in a file beside this class. */
    static String read(String fixture) throws IOException {
        try (InputStream in = Objects.requireNonNull(ViewsTest.class.getResourceAsStream(fixture), fixture)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aPeerIsListedAsCharonListsAConnection() throws IOException {
        PolicySet one = new PolicySet(policies.peers(), List.of(policies.policy("net").orElseThrow()), List.of(), List.of());

        String pretty = pretty("list-conn event", new ConnView(WORDING, _ -> Optional.empty()).of(Samples.settings(one).profiles().getFirst(), one.policies()), 0) + "list-conns reply {\n}\n";

        // The captured connection had no dead peer detection and started nothing by itself.
        assertThat(pretty.replace("    dpd_delay = 30\n", "").replace("_action = start", "_action = none"))
                .isEqualTo(read("charon-list-conns.pretty"));
    }

    /** As swanctl --pretty prints it. */
    private static String pretty(String title, ViciMessage message, int depth) {
        String indent = "  ".repeat(depth);
        String body = message.elements().stream().map(element -> switch (element) {
            case ViciMessage.Value value -> indent + "  " + value.name() + " = " + value.text() + "\n";
            case ViciMessage.Items items -> indent + "  " + items.name() + " = [\n"
                    + items.texts().stream().map(item -> indent + "    " + item + "\n").collect(joining()) + indent + "  ]\n";
            case ViciMessage.Section section -> pretty(section.name(), section.content(), depth + 1);
        }).collect(joining());
        return indent + title + " {\n" + body + indent + "}\n";
    }

    @Test
    void policiesAreListedAsCharonListsTrapsAndShunts() throws IOException {
        ViciMessage pass = PolicyView.of(policies.policy("ssh").orElseThrow(), Optional.empty(), WORDING);
        ViciMessage drop = PolicyView.of(policies.policy("telnet").orElseThrow(), Optional.empty(), WORDING);
        String captured = read("charon-list-policies.pretty");

        // Ours belong to no connection.
        assertThat(captured.replace("shunts/", "spd/").replace("ike = shunts", "ike = spd"))
                .contains(pretty("list-policy event", pass, 0))
                .contains(pretty("list-policy event", drop, 0));
        assertThat(PolicyView.of(policies.policy("net").orElseThrow(), Optional.empty(), WORDING))
                .hasToString("ab/net {child=net ike=ab mode=TUNNEL local-ts=[10.1.0.0/24] remote-ts=[10.2.0.0/24]}");
    }

    @Test
    void aSessionThatIsOnItsWayShowsWhatItDoes() {
        Outstanding request = new Outstanding(0, List.of(), new Exchange.Init(), 2, Samples.NOW);
        Session session = Samples.fresh(settings).withPhase(new Phase.Initiating(0x0102030405060708L,
                new ChildOffer.Ephemeral(Algorithms.byKeyword("x25519").orElseThrow(), new KeyPair(Bytes.empty(), Secret.take(new byte[0]))),
                Samples.nonce(), Optional.empty(), request, 0, Phase.Course.FIRST, List.of()));

        ViciMessage shown = SAS.of(new SessionView(session, Samples.NOW), List.of(), Map.of()).section("ab");

        assertThat(shown.text("state")).contains("CONNECTING");
        assertThat(shown.text("initiator-spi")).contains("0102030405060708");
        assertThat(shown.text("responder-spi")).contains("0000000000000000");
        assertThat(shown.text("local-id")).contains("%any");
        assertThat(shown.text("encr-alg")).isEmpty();
        assertThat(shown.texts("tasks-active")).startsWith("IKE_VENDOR", "IKE_INIT", "IKE_NATD").endsWith("IKE_ESTABLISH");
        assertThat(shown.elements().getLast().name()).as("swanctl prints the head when it meets the children").isEqualTo("child-sas");
    }

    @Test
    void aStrangerHasNoName() {
        Session stranger = Session.fresh(7, 0, false, true, settings, Optional.empty(), Samples.fresh(settings).path(), Samples.NOW);

        assertThat(SAS.of(new SessionView(stranger, Samples.NOW), List.of(), Map.of()).section("(unnamed)"))
                .satisfies(shown -> assertThat(shown.text("remote-id")).contains("%any"))
                .satisfies(shown -> assertThat(shown.text("initiator")).isEmpty())
                .satisfies(shown -> assertThat(shown.text("state")).contains("CREATED"));
    }

    @Test
    void everyPolicyTellsHowItsTrafficFares() {
        Troubles troubles = new Troubles();
        List<SessionView> sessions = List.of(new SessionView(Samples.tunnel(settings), Samples.NOW));

        assertThat(policies.policies().stream().map(policy -> state(policy, sessions, troubles)).toList())
                .containsExactly("in force", "up", "waits for traffic", "waits for the peer", "in force");
        assertThat(policies.policies().stream().map(policy -> state(policy, List.of(), troubles)).toList())
                .containsExactly("in force", "down", "waits for traffic", "waits for the peer", "in force");
    }

    @Test
    void aPolicyOfAnInterfaceThatIsNotThereStandsBy() {
        Policy net = policies.policy("net").orElseThrow();
        Policy bound = new Policy(net.name(), new Match(net.match().local(), net.match().remote(), Optional.of("wan"), Optional.empty()), net.action());
        Providers providers = Providers.of(List.of(new SessionView(Samples.tunnel(settings), Samples.NOW)));

        ViciMessage missing = PolicyView.status(bound, providers, new Troubles(), Set.of("wan")).section("net");
        ViciMessage there = PolicyView.status(bound, providers, new Troubles(), Set.of("dsl")).section("net");

        assertThat(missing.text("state")).contains("stands by");
        assertThat(missing.text("reason")).contains("there is no network interface wan");
        assertThat(there.text("device")).contains("wan");
        assertThat(there.text("state")).contains("up");
    }

    private static String state(Policy policy, List<SessionView> sessions, Troubles troubles) {
        return PolicyView.status(policy, Providers.of(sessions), troubles, Set.of()).section(policy.name()).text("state").orElseThrow();
    }

    @Test
    void whyATunnelIsDownIsRememberedUntilItIsUp() {
        Troubles troubles = new Troubles();
        Session session = Samples.tunnel(settings);
        Instant at = Instant.parse("2026-11-23T17:00:00Z");
        Policy net = policies.policy("net").orElseThrow();

        troubles.note(new AgentEvent(at, session, new Event.IkeFailed("the peer 'ab' did not answer", session, false)));
        assertThat(reason(net, troubles)).contains("the peer 'ab' did not answer");

        troubles.note(new AgentEvent(at.plusSeconds(1), session, new Event.IkeUp(true)));
        troubles.note(new AgentEvent(at.plusSeconds(2), session, new Event.ChildFailed("net", "the peer refused: TS_UNACCEPTABLE")));
        assertThat(reason(net, troubles)).contains("the peer refused: TS_UNACCEPTABLE");

        troubles.note(new AgentEvent(at.plusSeconds(3), session, new Event.ChildUp(session.children().getFirst())));
        assertThat(reason(net, troubles)).isEmpty();
    }

    private static Optional<String> reason(Policy policy, Troubles troubles) {
        return PolicyView.status(policy, Providers.of(List.of()), troubles, Set.of()).section(policy.name()).text("reason");
    }

    @Test
    void anIkeSaThatIsBeingRekeyedSaysSo() {
        Session session = Samples.tunnel(settings);
        IkeSa sa = session.phase().ikeSa().orElseThrow();
        Exchange rekey = new Exchange.RekeyIke(new ChildOffer.Ephemeral(Algorithms.byKeyword("x25519").orElseThrow(),
                new KeyPair(Bytes.empty(), Secret.take(new byte[0]))), Samples.nonce(), 1, Optional.empty());
        Session rekeying = session.withPhase(session.phase().withIkeSa(sa.withWindow(sa.window().withOutstanding(new Outstanding(2, List.of(), rekey, 1, 0)))));

        ViciMessage shown = SAS.of(new SessionView(rekeying, Samples.NOW), List.of(), Map.of()).section("ab");

        assertThat(shown.text("state")).contains("REKEYING");
        assertThat(shown.text("established")).as("as with charon").isEmpty();
        assertThat(shown.texts("tasks-active")).containsExactly("IKE_REKEY");
    }

    @Test
    void theHashOfIkev1IsToldAsAnIntegrityAlgorithm() {
        Proposal ikev1 = new Proposal(Protocol.IKE, Stream.of("aes256", "prfsha384", "modp2048").map(word -> Algorithms.byKeyword(word).orElseThrow()).toList());

        assertThat(SaView.withIntegrity(ikev1)).hasToString("sha384");
        assertThat(SaView.withIntegrity(Samples.proposal(Protocol.IKE, "aes256-sha256-x25519")).of(TransformType.INTEG)).hasToString("[sha256]");
        assertThat(SaView.withIntegrity(Samples.proposal(Protocol.IKE, "aes256gcm16-prfsha256-x25519")).of(TransformType.INTEG)).isEmpty();
    }

    @Test
    void aKeyIdIsItsTextToCharonsClientsAndSaysWhatItIsToOurs() {
        Identity text = Identity.parse("keyid:staff of moon");
        Identity octets = Identity.parse("keyid:0x00ff10");

        assertThat(WORDING.identity(text)).isEqualTo("staff of moon");
        assertThat(WORDING.identity(octets)).isEqualTo("00:ff:10");
        assertThat(Wording.OURS.identity(octets)).isEqualTo("@#00ff10");
        assertThat(WORDING.identity(Identity.parse("a.lab"))).isEqualTo("a.lab");
    }

    @Test
    void aTrapForTheHostsThemselvesIsListedWithTheirAddressesOnceTheyAreKnown() {
        Selectors.Dynamic dynamic = new Selectors.Dynamic(List.of(new Selectors.Upper(IpProtocols.TCP, 22, 22)));
        Policy host = new Policy("host", new Match(dynamic, dynamic), Action.Protect.with("ab"));
        Ends ends = new Ends(Samples.address("10.9.0.1"), Samples.address("10.9.0.2"));
        Ends nowhereYet = new Ends(Samples.address("0.0.0.0"), Samples.address("10.9.0.2"));

        assertThat(PolicyView.of(host, Optional.of(ends), WORDING).toString()).contains("local-ts=[10.9.0.1/32[tcp/ssh]] remote-ts=[10.9.0.2/32[tcp/ssh]]");
        assertThat(PolicyView.of(host, Optional.of(nowhereYet), WORDING).toString()).contains("local-ts=[dynamic[tcp/ssh]] remote-ts=[10.9.0.2/32[tcp/ssh]]");
        assertThat(PolicyView.of(host, Optional.empty(), WORDING).toString()).contains("local-ts=[dynamic[tcp/ssh]] remote-ts=[dynamic[tcp/ssh]]");
    }

    @Test
    void timeIsSaidAsCharonSaysIt() {
        assertThat(AgentView.words(Duration.ofSeconds(1))).isEqualTo("1 second");
        assertThat(AgentView.words(Duration.ofSeconds(14))).isEqualTo("14 seconds");
        assertThat(AgentView.words(Duration.ofSeconds(119))).isEqualTo("119 seconds");
        assertThat(AgentView.words(Duration.ofSeconds(7_199))).isEqualTo("119 minutes");
        assertThat(AgentView.words(Duration.ofHours(47))).isEqualTo("47 hours");
        assertThat(AgentView.words(Duration.ofDays(3))).isEqualTo("3 days");
    }

    @Test
    void algorithmsAreNamedOnceEachAsCharonNamesThem() {
        ViciMessage algorithms = AgentView.algorithms();

        assertThat(algorithms.sections().stream().map(ViciMessage.Section::name)).containsExactly(
                "encryption", "integrity", "aead", "hasher", "prf", "xof", "kdf", "drbg", "dh", "ke", "rng", "nonce-gen");
        assertThat(algorithms.section("aead").elements().stream().map(ViciMessage.Element::name)).contains("AES_GCM_16").doesNotHaveDuplicates();
        assertThat(algorithms.section("ke").text("CURVE_25519")).isPresent();
        assertThat(algorithms.section("ke").text("MODP_1024_160")).as("refused by RFC 8247").isEmpty();
    }
}
