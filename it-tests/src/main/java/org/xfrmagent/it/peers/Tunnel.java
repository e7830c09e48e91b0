package org.xfrmagent.it.peers;

import java.time.Duration;
import java.util.List;

/**
 * A site-to-site tunnel as one end wants it, in no daemon's language.
 *
 * @param name of the child, the same at both ends
 * @param psk the shared secret
 * @param ike proposals for the IKE SA, as all daemons here write them
 * @param esp proposals for the child
 * @param liveness how long the peer may be silent before it is asked whether it lives
 * @param version the one IKE that both speak
 */
public record Tunnel(String name, End local, End remote, String psk, List<String> ike, List<String> esp, Start start, Duration liveness,
        Ike version) {
    /**
     * One end.
     *
     * @param name of the gateway, and of the peer in the other end's configuration
     * @param id what it calls itself, a domain name
     * @param address where its IKE daemon is
     * @param subnet the network behind it
     */
    public record End(String name, String id, String address, String subnet) {
        private End withSubnet(String other) {
            return new End(name, id, address, other);
        }

        private End sibling(String kind, String otherAddress, String otherSubnet) {
            return new End(name + "-" + kind, kind + "." + id, otherAddress, otherSubnet);
        }
    }

    /** With IKEv2. */
    public Tunnel(String name, End local, End remote, String psk, List<String> ike, List<String> esp, Start start, Duration liveness) {
        this(name, local, remote, psk, ike, esp, start, liveness, Ike.V2);
    }

    /** An address that stands for all. */
    public static final String ANY_ADDRESS = "%any";

    /** Which IKE. */
    public enum Ike {
        V2,
        V1_MAIN,
        V1_AGGRESSIVE;

        public boolean isV1() {
            return this != V2;
        }
    }

    /** Who brings it up. */
    public enum Start {
        /** Nobody before a command or the peer does. */
        BY_COMMAND,
        /** The daemon, and again whenever it is lost. */
        AT_START,
        /** The first packet that needs it. */
        ON_TRAFFIC
    }

    /** The same tunnel as the other end sees it. */
    public Tunnel reversed() {
        return new Tunnel(name, remote, local, psk, ike, esp, start, liveness, version);
    }

    public Tunnel withPsk(String other) {
        return new Tunnel(name, local, remote, other, ike, esp, start, liveness, version);
    }

    public Tunnel withIke(String... proposals) {
        return new Tunnel(name, local, remote, psk, List.of(proposals), esp, start, liveness, version);
    }

    public Tunnel withEsp(String... proposals) {
        return new Tunnel(name, local, remote, psk, ike, List.of(proposals), start, liveness, version);
    }

    public Tunnel withStart(Start other) {
        return new Tunnel(name, local, remote, psk, ike, esp, other, liveness, version);
    }

    public Tunnel withLiveness(Duration other) {
        return new Tunnel(name, local, remote, psk, ike, esp, start, other, version);
    }

    /** For a gateway that does not know where the other one is, and waits for it. */
    public Tunnel withRemoteAnywhere() {
        return new Tunnel(name, local, new End(remote.name(), remote.id(), ANY_ADDRESS, remote.subnet()), psk, ike, esp, start, liveness, version);
    }

    /** For a gateway that takes whatever address it has. */
    public Tunnel withLocalAnywhere() {
        return new Tunnel(name, new End(local.name(), local.id(), ANY_ADDRESS, local.subnet()), remote, psk, ike, esp, start, liveness, version);
    }

    /** One more between the same gateways, that no daemon can confuse with this one: other names, other addresses, other networks. */
    public Tunnel sibling(String kind, String ofLocal, String ofRemote, String localSubnet, String remoteSubnet) {
        return new Tunnel(name + "-" + kind, local.sibling(kind, ofLocal, localSubnet), remote.sibling(kind, ofRemote, remoteSubnet), psk, ike, esp,
                start, liveness, version);
    }

    public Tunnel withSubnets(String ofLocal, String ofRemote) {
        return new Tunnel(name, local.withSubnet(ofLocal), remote.withSubnet(ofRemote), psk, ike, esp, start, liveness, version);
    }

    /** IKEv1's main mode, with algorithms that it has. */
    public Tunnel withIkev1() {
        return with(Ike.V1_MAIN);
    }

    /** IKEv1's aggressive mode. */
    public Tunnel withAggressiveMode() {
        return with(Ike.V1_AGGRESSIVE);
    }

    private Tunnel with(Ike ikev1) {
        return new Tunnel(name, local, remote, psk, List.of("aes256-sha256-modp2048"), List.of("aes256-sha256"), start, liveness, ikev1);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "%s: %s [%s] … %s [%s]".formatted(name, local.address(), local.subnet(), remote.address(), remote.subnet());
    }
}
