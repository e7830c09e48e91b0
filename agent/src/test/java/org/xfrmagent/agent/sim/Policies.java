package org.xfrmagent.agent.sim;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.EapTerms;
import org.xfrmagent.policies.model.Fragmentation;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Limit;
import org.xfrmagent.policies.model.LivenessPolicy;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Ppk;
import org.xfrmagent.policies.model.Retransmission;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.Unique;
import org.xfrmagent.policies.model.VirtualAddress;

/** Settings for the simulation's gateways moon (192.0.2.1, LAN 10.1/16) and sun (192.0.2.2, LAN 10.2/16). */
final class Policies extends ChildTerms<Policies> {
    private final String self;
    private final String other;
    private String psk = "a shared secret of twenty octets";
    private List<String> ike = List.of("aes256gcm16-prfsha256-x25519");
    private boolean loaded;
    private int attempts;
    private boolean followRedirects = true;
    private boolean everywhere;
    private Optional<Ppk> ppk = Optional.empty();
    private String ppkName = "";
    private String ppkOctets = "";
    private int dscp;
    private Duration livenessTimeout = Duration.ZERO;
    private boolean force;
    private IkeVersion version = IkeVersion.V2;
    private boolean certificatesInMessages = true;
    private List<CertificateRef> publicKeys = List.of();
    private Optional<String> peerName = Optional.empty();
    private Lifetimes ikeLifetimes = Defaults.IKE_LIFETIMES;
    private int fragment = 1280;
    private boolean unfragmented;
    private long livenessSeconds = 30;
    private boolean punctual;
    private boolean mobike;
    private Unique unique = Defaults.UNIQUE;
    private Childless childless = Defaults.CHILDLESS;
    private Duration reauthentication = Duration.ZERO;
    private boolean anywhere;
    private boolean users;
    private Optional<String> user = Optional.empty();
    private String password = "let me in";
    private List<Pool> pools = List.of();
    private List<VirtualAddress> virtual = List.of();
    private ConfigExchange config = Defaults.CONFIG;
    private Optional<Wallet> wallet = Optional.empty();
    private Auth ownAuth = Auth.PSK;
    private Auth otherAuth = Auth.PSK;
    private Auth userAuth = Auth.XAUTH;
    private List<SignatureScheme> schemes = List.of();
    private EapTerms eap = EapTerms.NONE;
    private String guest = "carol";
    private boolean twice;
    private List<String> groups = List.of();

    private Policies(String self, String other, Net net) {
        super(List.of(net));
        this.self = self;
        this.other = other;
    }

    @Override
    Policies same() {
        return this;
    }

    static Policies moon() {
        return new Policies("moon", "sun", new Net("net", "10.1.0.0/16", "10.2.0.0/16"));
    }

    static Policies sun() {
        return new Policies("sun", "moon", new Net("net", "10.2.0.0/16", "10.1.0.0/16"));
    }

    /** A third gateway with a tunnel to sun, from 192.0.2.3. */
    static Policies mars() {
        return new Policies("mars", "sun", new Net("net", "10.3.0.0/16", "10.2.0.0/16"));
    }

    /** What sun has with mars. */
    static Policies sunWithMars() {
        return new Policies("sun", "mars", new Net("to-mars", "10.2.0.0/16", "10.3.0.0/16"));
    }

    static java.net.InetAddress address(String host) {
        return Ip.parse(switch (host) {
            case "moon" -> "192.0.2.1";
            case "sun" -> "192.0.2.2";
            case "mars" -> "192.0.2.3";
            default -> throw new IllegalArgumentException(host);
        }).orElseThrow();
    }

    /** IKEv1's main mode, with algorithms that it has numbers for. */
    Policies v1() {
        version = IkeVersion.V1_MAIN;
        return ike("aes256-sha256-ecp256").esp("aes256-sha256");
    }

    /** IKEv2, or main mode if the peer calls so; with algorithms that both have. */
    Policies either() {
        v1();
        version = IkeVersion.ANY;
        return this;
    }

    /** IKEv1's aggressive mode. */
    Policies aggressive() {
        v1();
        version = IkeVersion.V1_AGGRESSIVE;
        return this;
    }

    /** Our end is this user. */
    Policies user(String name, String shows) {
        user = Optional.of(name);
        password = shows;
        return this;
    }

    /** The other end is a user; it gets no address. */
    Policies users() {
        users = true;
        return this;
    }

    /** The other end is a user, carol with the password "let me in", and gets an address. */
    Policies users(Pool from) {
        users = true;
        pools = List.of(from);
        return this;
    }

    /** Whoever is a user shows by EAP who it is, by one of these methods; the gateway has a certificate. */
    Policies eap(EapKind... methods) {
        userAuth = Auth.EAP;
        otherAuth = Auth.PUBKEY;
        ownAuth = Auth.PUBKEY;
        wallet = Optional.of(Wallet.of(self, KeyKind.P256));
        eap = new EapTerms(List.of(methods), true, Optional.empty());
        return this;
    }

    /** A RADIUS server judges the passwords of XAUTH. */
    Policies judged() {
        eap = new EapTerms(List.of(EapKind.RADIUS), true, Optional.empty());
        return this;
    }

    /** Whoever is a user shows a certificate first, and then who its user is (RFC 4739). */
    Policies twice() {
        twice = true;
        return this;
    }

    /** The user at the other end has to be a member of one of these. */
    Policies membersOf(String... names) {
        groups = List.of(names);
        return this;
    }

    /** The user is who it says in IKE, and has that name. */
    Policies withoutAskingTheUser() {
        guest = other + ".example.org";
        eap = new EapTerms(eap.methods(), false, eap.aaa());
        return this;
    }

    /** The other end gets addresses of these pools. */
    Policies gives(Pool... from) {
        pools = List.of(from);
        return this;
    }

    /** Our end speaks for whichever address the other gives it. */
    Policies isGiven() {
        return isGiven(VirtualAddress.ANY_IPV4);
    }

    /** The same of these addresses. */
    Policies isGiven(VirtualAddress... wanted) {
        virtual = List.of(wanted);
        return this;
    }

    /** Addresses are told unasked. */
    Policies push() {
        config = ConfigExchange.PUSH;
        return this;
    }

    Policies ikeLifetime(long soft, long hard) {
        ikeLifetimes = new Lifetimes(new Limit(soft, hard), Limit.NONE, Limit.NONE, 0);
        return this;
    }

    /** Both sides show certificates; {@code what} we have of them. */
    Policies certificates(Wallet what) {
        return certificates(what, Auth.PUBKEY, Auth.PUBKEY);
    }

    /** One side may prove by a certificate what the other proves by the pre-shared key. */
    Policies certificates(Wallet what, Auth own, Auth other) {
        wallet = Optional.of(what);
        ownAuth = own;
        otherAuth = other;
        return this;
    }

    /** Whoever is a user has nothing but a password. */
    Policies hybrid() {
        userAuth = Auth.HYBRID;
        return this;
    }

    /** Neither side shows its certificate or asks for one: each has the other's already. */
    Policies acquainted() {
        certificatesInMessages = false;
        return this;
    }

    /** What the policies call the peer, whoever it is. */
    Policies calling(String name) {
        peerName = Optional.of(name);
        return this;
    }

    /** Either side is known by its public key, and nobody has a certificate. */
    Policies byPublicKey() {
        publicKeys = List.of(new CertificateRef.Loaded("its public key"));
        return this;
    }

    /** How either side may sign. */
    Policies signatures(SignatureScheme... some) {
        schemes = List.of(some);
        return this;
    }

    Policies psk(String secret) {
        psk = secret;
        return this;
    }

    Policies ike(String... proposals) {
        ike = List.of(proposals);
        return this;
    }

    Policies forceEncapsulation() {
        force = true;
        return this;
    }

    Policies fragmentsOf(int octets) {
        fragment = octets;
        return this;
    }

    /** Neither offers nor takes fragments. */
    Policies unfragmented() {
        unfragmented = true;
        return this;
    }

    Policies liveness(long seconds) {
        livenessSeconds = seconds;
        return this;
    }

    /** The peer may call from anywhere. */
    Policies anywhere() {
        anywhere = true;
        return this;
    }

    Policies mobike() {
        mobike = true;
        return this;
    }

    /** Retransmissions without jitter. */
    Policies punctual() {
        punctual = true;
        return this;
    }

    Policies unique(Unique what) {
        unique = what;
        return this;
    }

    Policies childless(Childless what) {
        childless = what;
        return this;
    }

    Policies reauthentication(Duration after) {
        reauthentication = after;
        return this;
    }

    /** So many sequences of retransmissions, and no more. */
    Policies attempts(int most) {
        attempts = most;
        return this;
    }

    /** With IKEv1, a silent peer is dead after so long. */
    Policies livenessTimeout(Duration after) {
        livenessTimeout = after;
        return this;
    }

    /** A postquantum pre-shared key; whoever has it knows it by the same name. */
    Policies ppk(String name, String octets, boolean required) {
        ppk = Optional.of(new Ppk(new Identity.Fqdn(name), required));
        return knowsPpk(name, octets);
    }

    /** The key alone, whatever the policy says. */
    Policies knowsPpk(String name, String octets) {
        ppkName = name;
        ppkOctets = octets;
        return this;
    }

    /** Our own end is wherever this host is. */
    Policies everywhere() {
        everywhere = true;
        return this;
    }

    /** Nobody sends us elsewhere. */
    Policies staying() {
        followRedirects = false;
        return this;
    }

    Policies dscp(int octet) {
        dscp = octet;
        return this;
    }

    /** A client of the control socket has loaded them. */
    Policies loaded() {
        loaded = true;
        return this;
    }

    Settings settings() {
        Peer plain = Peer.of(peerName.orElse(other), own(), side(other, anywhere, users && !twice ? userAuth : otherAuth, users));
        Peer peer = new Peer(
                plain.name(), version, plain.local(), plain.remote(), proposals(Protocol.IKE, ike), ikeLifetimes, reauthentication,
                new LivenessPolicy(Duration.ofSeconds(livenessSeconds), livenessTimeout), punctual ? withoutJitter(plain.retransmission()) : plain.retransmission(),
                unique, childless, force,
                mobike, new Fragmentation(!unfragmented, fragment), pools.stream().map(Pool::name).toList(), config, dscp, attempts, ppk, followRedirects);
        List<ChildProfile> children = children(plain.name());
        Secret secret = Secret.take(psk.getBytes(StandardCharsets.UTF_8));
        SharedKeys keys = new SharedKeys(secret, password, user.orElse(guest), ppkName, ppkOctets);
        Credentials credentials = wallet.<Credentials>map(some -> some.with(keys)).orElse(keys);
        return new Settings(List.of(new Profile(peer, children, pools, loaded)), credentials, Settings.Ports.STANDARD);
    }

    private static Retransmission withoutJitter(Retransmission usual) {
        return new Retransmission(usual.base(), usual.factor(), usual.tries(), 0, usual.limit());
    }

    private Side own() {
        Side plain = side(self, everywhere, user.isPresent() && !twice ? userAuth : ownAuth, user.isPresent());
        return new Side(plain.addresses(), plain.port(), plain.id(), plain.auth(), user, plain.certification(), virtual, plain.eap());
    }

    private Side side(String host, boolean anywhere, Auth auth, boolean isUser) {
        return new Side(
                List.of(anywhere ? Host.any() : new Host.Address(address(host))), 500, new Identity.Fqdn(host + ".example.org"), auth,
                Optional.empty(), new Certification(List.of(), publicKeys, List.of(), Defaults.REVOCATION, schemes, ChainDemands.NONE, certificatesInMessages), List.of(),
                isUser ? eap : EapTerms.NONE, host.equals(other) ? groups : List.of());
    }
}
