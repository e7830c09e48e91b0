package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Pki;
import org.xfrmagent.it.peers.Pki.Certified;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * IKEv1's algorithms, modes and identities with charon: one agent, moon, and one charon, sun, and a tunnel of each kind between a pair of
 * addresses of its own, by which main mode finds the tunnel's own key.
 *
 * <pre>
 *   alice ──────────── moon ═══════════════════════════════════ sun ──────────── bob
 *   10.1.NUMBER.10     192.0.2.10+NUMBER     192.0.2.110+NUMBER                  10.2.0.10
 * </pre>
 */
@Tag("netns")
@Tag("lab")
@TestInstance(Lifecycle.PER_CLASS)
class Ikev1KindsTest {
    private static final String IKE = "aes256-sha256-modp2048";
    private static final String ESP = "aes256-sha256";
    private static final String IKE_SHOWN = "AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048";
    private static final String ESP_SHOWN = "AES_CBC-256/HMAC_SHA2_256_128";
    private static final String SEVERAL = "several";

    /** Proposals of both phases, what the daemons then say that they have agreed on, and who the two ends say they are. */
    enum Kind {
        GROUP_2("3des-md5-modp1024", "3DES_CBC/HMAC_MD5_96/PRF_HMAC_MD5/MODP_1024", "3des-md5", "3DES_CBC/HMAC_MD5_96"),
        GROUP_5("aes128-sha1-modp1536", "AES_CBC-128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1536", "aes128gcm8", "AES_GCM_8-128"),
        GROUP_14(IKE, IKE_SHOWN, "aes256gcm12-modp2048", "AES_GCM_12-256/MODP_2048"),
        GROUP_15("aes192-sha384-modp3072", "AES_CBC-192/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/MODP_3072", "aes256gcm16", "AES_GCM_16-256"),
        GROUP_16("aes256-sha512-modp4096", "AES_CBC-256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/MODP_4096", "aes256-sha384", "AES_CBC-256/HMAC_SHA2_384_192"),
        GROUP_17("aes128-sha256-modp6144", "AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_6144", "aes256-sha512", "AES_CBC-256/HMAC_SHA2_512_256"),
        GROUP_18("aes128-sha256-modp8192", "AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_8192", "aes128-sha1", "AES_CBC-128/HMAC_SHA1_96"),
        GROUP_19("aes128-sha256-ecp256", "AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256", "aes128-sha256-ecp256",
                "AES_CBC-128/HMAC_SHA2_256_128/ECP_256"),
        GROUP_20("aes192-sha384-ecp384", "AES_CBC-192/HMAC_SHA2_384_192/PRF_HMAC_SHA2_384/ECP_384", "aes192-sha384-ecp384",
                "AES_CBC-192/HMAC_SHA2_384_192/ECP_384"),
        GROUP_21("aes256-sha512-ecp521", "AES_CBC-256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/ECP_521", "aes128gcm16-ecp521", "AES_GCM_16-128/ECP_521"),
        AH(IKE, IKE_SHOWN, "sha256", "HMAC_SHA2_256_128"),
        TRANSPORT(IKE, IKE_SHOWN, ESP, ESP_SHOWN),
        ADDRESSES(IKE, IKE_SHOWN, ESP, ESP_SHOWN),
        MAIL_ADDRESSES(IKE, IKE_SHOWN, ESP, ESP_SHOWN),
        DISTINGUISHED_NAMES(IKE, IKE_SHOWN, ESP, ESP_SHOWN),
        /** Aggressive mode between the same two addresses as the next: the key is that of the identity. */
        AGGRESSIVE_ONE(IKE, IKE_SHOWN, ESP, ESP_SHOWN),
        AGGRESSIVE_OTHER(IKE, IKE_SHOWN, ESP, ESP_SHOWN);

        private final String ike;
        private final String ikeShown;
        private final String child;
        private final String childShown;

        Kind(String ike, String ikeShown, String child, String childShown) {
            this.ike = ike;
            this.ikeShown = ikeShown;
            this.child = child;
            this.childShown = childShown;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private int number() {
            return List.of(values()).indexOf(this) + 1;
        }

        private boolean isAggressive() {
            return this == AGGRESSIVE_ONE || this == AGGRESSIVE_OTHER;
        }

        private String address(boolean ofMoon) {
            return Ikev1KindsTest.address(isAggressive() ? AGGRESSIVE_ONE.number() : number(), ofMoon);
        }

        private String id(boolean ofMoon) {
            String host = ofMoon ? "moon" : "sun";
            return switch (this) {
                case ADDRESSES -> address(ofMoon);
                case MAIL_ADDRESSES -> host + "@users.lab";
                case DISTINGUISHED_NAMES -> "C=CH, O=Lab, CN=" + host;
                default -> host + "." + word() + ".lab";
            };
        }

        private Mode mode() {
            return this == TRANSPORT ? Mode.TRANSPORT : Mode.TUNNEL;
        }

        private Protocol protocol() {
            return this == AH ? Protocol.AH : Protocol.ESP;
        }

        /** charon's userspace plane has neither AH nor transport mode. */
        private boolean isOn(Plane plane) {
            return plane == Plane.KERNEL || this != AH && this != TRANSPORT;
        }

        private String what() {
            return isAggressive() ? "IKEv1 aggressive mode, the key is the identity's"
                    : switch (this) {
                        case ADDRESSES, MAIL_ADDRESSES, DISTINGUISHED_NAMES -> "IKEv1 main mode, identities: " + word().replace('-', ' ');
                        default -> "IKEv1 main mode, " + ike + " and " + child;
                    };
        }
    }

    private static final int SEVERAL_NUMBER = 50;

    private final Plane plane = Plane.best();
    private TwoSites sites;
    private Agent moon;
    private StrongSwan sun;
    private Capture wire;

    private static String address(int number, boolean ofMoon) {
        return "192.0.2." + ((ofMoon ? 10 : 110) + number);
    }

    private static Stream<Integer> numbers() {
        return Stream.concat(Stream.of(Kind.values()).map(Kind::number), Stream.of(SEVERAL_NUMBER));
    }

    Stream<Kind> kinds() {
        return Stream.of(Kind.values()).filter(kind -> kind.isOn(plane));
    }

    @BeforeAll
    void start() {
        sites = TwoSites.ipv4();
        sites.alice().shell(each("ip address add 10.1.%1$d.10/32 dev lo\n") + "ip address add 10.1.50.130/32 dev lo");
        sites.moon().shell(each("ip address add 192.0.2.%2$d/24 dev sun\nip route add 10.1.%1$d.0/24 via " + sites.addresses().alice() + "\n"));
        sites.sun().shell(each("ip address add 192.0.2.%3$d/24 dev moon\n"));
        Certified root = Pki.authority("CN=Root", Pki.Key.P256);
        Certified moons = Pki.end("C=CH,O=Lab,CN=moon", Pki.Key.RSA_2048, root);
        Certified suns = Pki.end("C=CH,O=Lab,CN=sun", Pki.Key.RSA_2048, root);
        sites.moon().write("/etc/xfrm-agent/root.pem", root.pem());
        sites.moon().write("/etc/xfrm-agent/own.pem", moons.pem());
        sites.moon().write("/etc/xfrm-agent/own.key", moons.keyPem());
        sites.sun().write("/etc/swanctl/x509ca/root.pem", root.pem());
        sites.sun().write("/etc/swanctl/x509/own.pem", suns.pem());
        sites.sun().write("/etc/swanctl/private/own.pem", suns.keyPem());
        kinds().forEach(kind -> sites.moon().write("/etc/xfrm-agent/" + kind.word() + ".psk", key(kind.word()) + "\n"));
        sites.moon().write("/etc/xfrm-agent/" + SEVERAL + ".psk", key(SEVERAL) + "\n");
        sun = sites.with(new StrongSwan(sites.sun(), plane)).start(charons());
        moon = sites.with(new Agent(sites.moon(), plane)).start(agents());
        wire = sites.eavesdrop();
    }

    private static String each(String command) {
        return numbers().map(number -> command.formatted(number, 10 + number, 110 + number)).collect(Collectors.joining());
    }

    private static String key(String tunnel) {
        return "the key of " + tunnel + " and of nobody else";
    }

    @AfterAll
    void end() {
        try {
            wire.stop().onlyEspAhOrIke().hides(TwoSites.CANARY);
        } finally {
            sites.close();
        }
    }

    // ---- the agent's policies

    private String agents() {
        String peers = kinds().map(Ikev1KindsTest::peer).collect(Collectors.joining())
                + peer(SEVERAL, "v1-main", IKE, side(SEVERAL_NUMBER, true) + ", auth: psk", side(SEVERAL_NUMBER, false) + ", auth: psk");
        String secrets = kinds().map(kind -> secret(kind.word(), kind.id(true), kind.id(false))).collect(Collectors.joining())
                + secret(SEVERAL, address(SEVERAL_NUMBER, true), address(SEVERAL_NUMBER, false));
        String policies = kinds().map(Ikev1KindsTest::policy).collect(Collectors.joining())
                + "  - { name: several, match: { local: [10.1.50.0/25, 10.1.50.128/25], remote: 10.2.0.0/24 }, action: protect, peer: sun-several, "
                + "esp: [aes256-sha256], start: by-peer }\n";
        return "authorities:\n  root: { certificate: file:root.pem }\npeers:\n" + peers + "secrets:\n" + secrets + "policies:\n" + policies;
    }

    private static String side(int number, boolean ofMoon) {
        return "address: " + address(number, ofMoon) + ", id: " + address(number, ofMoon);
    }

    private static String peer(Kind kind) {
        boolean names = kind == Kind.DISTINGUISHED_NAMES;
        String local = "address: %s, id: \"%s\", auth: ".formatted(kind.address(true), kind.id(true))
                + (names ? "pubkey, certificate: file:own.pem, key: file:own.key" : "psk");
        String remote = "address: %s, id: \"%s\", auth: ".formatted(kind.address(false), kind.id(false)) + (names ? "pubkey, authorities: [root]" : "psk");
        return peer(kind.word(), kind.isAggressive() ? "v1-aggressive\n    accept-crackable-psk: true" : "v1-main", kind.ike, local, remote);
    }

    private static String peer(String tunnel, String ike, String proposal, String local, String remote) {
        return """
                  sun-%s:
                    ike: %s
                    local: { %s }
                    remote: { %s }
                    proposals: [%s]
                    retransmission: { base: 2s, factor: 1.5, tries: 3 }
                """.formatted(tunnel, ike, local, remote, proposal);
    }

    private static String secret(String tunnel, String local, String remote) {
        return "  - { psk: file:%s.psk, ids: [\"%s\", \"%s\"] }\n".formatted(tunnel, local, remote);
    }

    private static String policy(Kind kind) {
        String match = kind.mode() == Mode.TRANSPORT
                ? "local: %s, remote: %s".formatted(kind.address(true), kind.address(false))
                : "local: 10.1.%d.0/24, remote: 10.2.0.0/24".formatted(kind.number());
        return "  - { name: %s, match: { %s }, action: protect, peer: sun-%s, mode: %s, %s: [%s], start: by-peer }\n".formatted(
                kind.word(), match, kind.word(), kind.mode().word(), kind.protocol() == Protocol.AH ? "ah" : "esp", kind.child);
    }

    // ---- charon's

    private String charons() {
        return "connections {\n" + kinds().map(Ikev1KindsTest::connection).collect(Collectors.joining())
                + connection(SEVERAL, "", SEVERAL_NUMBER, IKE, proof("local", "psk", address(SEVERAL_NUMBER, false)) + proof("remote", "psk", address(SEVERAL_NUMBER, true)),
                        "local_ts = 10.2.0.0/24\nremote_ts = 10.1.50.0/25,10.1.50.128/25\nesp_proposals = " + ESP)
                + "}\nsecrets {\n"
                + kinds().map(kind -> shared(kind.word(), kind.id(false), kind.id(true))).collect(Collectors.joining())
                + shared(SEVERAL, address(SEVERAL_NUMBER, false), address(SEVERAL_NUMBER, true)) + "}\n";
    }

    private static String shared(String tunnel, String local, String remote) {
        return "  ike-%s {\n    id-1 = \"%s\"\n    id-2 = \"%s\"\n    secret = \"%s\"\n  }\n".formatted(tunnel, local, remote, key(tunnel));
    }

    private static String proof(String section, String auth, String id) {
        return "    %s {\n      auth = %s\n      id = \"%s\"\n    }\n".formatted(section, auth, id);
    }

    private static String connection(Kind kind) {
        String auth = kind == Kind.DISTINGUISHED_NAMES ? "pubkey" : "psk";
        String selectors = kind.mode() == Mode.TRANSPORT
                ? "mode = transport"
                : "local_ts = 10.2.0.0/24\nremote_ts = 10.1.%d.0/24".formatted(kind.number());
        return connection(kind.word(), kind.isAggressive() ? "aggressive = yes" : "", kind.isAggressive() ? Kind.AGGRESSIVE_ONE.number() : kind.number(), kind.ike,
                proof("local", auth, kind.id(false)) + proof("remote", auth, kind.id(true)),
                selectors + "\n" + (kind.protocol() == Protocol.AH ? "ah" : "esp") + "_proposals = " + kind.child);
    }

    private static String connection(String tunnel, String mode, int number, String proposal, String proofs, String child) {
        return """
                  moon-%s {
                    version = 1
                    %s
                    local_addrs = %s
                    remote_addrs = %s
                    proposals = %s
                    keyingtries = 1
                %s    children {
                      %s {
                        %s
                      }
                    }
                  }
                """.formatted(tunnel, mode, address(number, false), address(number, true), proposal, proofs, tunnel, child);
    }

    // ---- what happens

    @ParameterizedTest
    @MethodSource("kinds")
    void eachKindComesUpFromEitherEnd(Kind kind) {
        for (Peer begins : List.of(moon, sun)) {
            reported(() -> {
                Scenario.control(begins).request("initiate", Map.of("child", kind.word(), "timeout", "60000")).orFail();
                Await.until("both have the same child", SOON, () -> child(moon, kind).equals(crossed(child(sun, kind))) && !child(moon, kind).isEmpty(), this::shown);
                for (Peer peer : List.of(moon, sun)) {
                    assertThat(ofIke(peer)).as("%s's phase 1", peer.host()).isEqualTo(kind.ikeShown);
                    assertThat(ofChild(peer, kind.word())).as("%s's child", peer.host()).isEqualTo(kind.childShown);
                    assertThat(Scenario.control(peer).childValues("mode")).containsEntry(kind.word(), kind.mode().name());
                    assertThat(Scenario.control(peer).childValues("protocol")).containsEntry(kind.word(), kind.protocol().name());
                }
                ping(kind);
                Scenario.control(begins).request("terminate", Map.of("ike", (begins.equals(moon) ? "sun-" : "moon-") + kind.word(), "timeout", "60000")).orFail();
                noSas();
                Encounters.note(begins, begins.equals(moon) ? sun : moon, kind.mode(), kind.protocol(), Family.IPV4, kind.what());
            });
        }
    }

    /** Each quick mode has one pair of selectors, and they are all on their way at once. */
    @Test
    void aPolicyOfSeveralPairsGetsAChildForEach() {
        reported(() -> {
            Scenario.control(moon).request("initiate", Map.of("child", SEVERAL, "timeout", "60000")).orFail();
            Await.until("both have two children under one ISAKMP SA", SOON, () -> moon.sas().size() == 1 && sun.sas().size() == 1
                    && installed(moon) == 2 && installed(sun) == 2, this::shown);
            ping("10.1.50.10");
            ping("10.1.50.130");
            Await.until("each has carried its own", SOON, () -> moon.sas().getFirst().children().stream()
                    .allMatch(child -> child.packetsOut() >= 2 && child.packetsIn() >= 2), this::shown);
            Scenario.control(moon).request("terminate", Map.of("ike", "sun-" + SEVERAL, "timeout", "60000")).orFail();
            noSas();
            Encounters.note(moon, sun, Mode.TUNNEL, Protocol.ESP, Family.IPV4, "IKEv1 main mode, several pairs of selectors");
        });
    }

    private static long installed(Peer peer) {
        return peer.sas().getFirst().children().stream().filter(IkeSa.Child::isInstalled).count();
    }

    /** The SPIs in and out. */
    private static List<String> child(Peer peer, Kind kind) {
        return peer.sas().stream()
                .filter(IkeSa::isEstablished)
                .flatMap(sa -> sa.children().stream())
                .filter(child -> child.name().equals(kind.word()) && child.isInstalled())
                .findFirst()
                .map(child -> List.of(child.spiIn(), child.spiOut()))
                .orElse(List.of());
    }

    private static List<String> crossed(List<String> spis) {
        return spis.reversed();
    }

    private static String ofIke(Peer peer) {
        return joined(peer.sas().getFirst().values());
    }

    private static String ofChild(Peer peer, String child) {
        Control control = Scenario.control(peer);
        return joined(Stream.of("encr-alg", "encr-keysize", "integ-alg", "dh-group")
                .collect(Collectors.toMap(key -> key, key -> control.childValues(key).getOrDefault(child, ""))));
    }

    /** Encryption with the length of its key, integrity, pseudo-random function, group: what there is. */
    private static String joined(Map<String, String> values) {
        String size = values.getOrDefault("encr-keysize", "");
        String cipher = values.getOrDefault("encr-alg", "") + (size.isEmpty() ? "" : "-" + size);
        return Stream.concat(Stream.of(cipher), Stream.of("integ-alg", "prf-alg", "dh-group").map(key -> values.getOrDefault(key, "")))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining("/"));
    }

    private void ping(Kind kind) {
        switch (kind) {
            case TRANSPORT -> sites.moon().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", kind.address(true), "-p", TwoSites.canaryPattern(),
                    kind.address(false)).orFail();
            case AH -> sites.alice().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", inside(kind), sites.addresses().bob()).orFail();
            default -> ping(inside(kind));
        }
        Await.until("the child has carried it", SOON, () -> moon.sas().stream().flatMap(sa -> sa.children().stream())
                .anyMatch(child -> child.name().equals(kind.word()) && child.packetsOut() >= 2 && child.packetsIn() >= 2), this::shown);
    }

    private void ping(String source) {
        sites.alice().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", source, "-p", TwoSites.canaryPattern(), sites.addresses().bob()).orFail();
    }

    private static String inside(Kind kind) {
        return "10.1." + kind.number() + ".10";
    }

    private void noSas() {
        Await.until("neither has an SA", SOON, () -> moon.sas().isEmpty() && sun.sas().isEmpty(), this::shown);
    }

    private String shown() {
        return "moon: " + moon.sas() + "\nsun: " + sun.sas();
    }

    private void reported(Runnable scenario) {
        try {
            scenario.run();
        } catch (Throwable failure) {
            System.err.println(sites.lab().report());
            throw failure;
        }
    }
}
