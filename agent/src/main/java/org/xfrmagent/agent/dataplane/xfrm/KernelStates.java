package org.xfrmagent.agent.dataplane.xfrm;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm;
import org.xfrmagent.netlink.xfrm.XfrmEncap;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmKey;
import org.xfrmagent.netlink.xfrm.XfrmLifetime;
import org.xfrmagent.netlink.xfrm.XfrmMark;
import org.xfrmagent.netlink.xfrm.XfrmMode;
import org.xfrmagent.netlink.xfrm.XfrmOffload;
import org.xfrmagent.netlink.xfrm.XfrmReplay;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;

/** SAs as the kernel has them. */
final class KernelStates {
    static final String DEFLATE = "deflate";

    /** Whether this kernel knows XFRMA_SA_DIR (Linux 6.10), and then insists on what it means. */
    private final boolean directions;

    /** Of SAs with a mark: the kernel finds such a one by its mark only. */
    private final Map<SaId, XfrmMark> marks = new ConcurrentHashMap<>();

    KernelStates(boolean directions) {
        this.directions = directions;
    }

    /** The mark that goes with {@code id} wherever the kernel has to find the SA. */
    Optional<XfrmMark> markOf(SaId id) {
        return Optional.ofNullable(marks.get(id));
    }

    /** The kernel has {@code id} with that mark. */
    void remember(SaId id, Optional<XfrmMark> mark) {
        mark.ifPresentOrElse(value -> marks.put(id, value), () -> forget(id));
    }

    void forget(SaId id) {
        marks.remove(id);
    }

    /** What was {@code before} goes by another id now. */
    void moved(SaId before, SaId now) {
        Optional<XfrmMark> mark = markOf(before);
        forget(before);
        remember(now, mark);
    }

    /** Around compression ESP and AH are in transport mode: they protect what the IPComp SA has made, be it a tunnel. */
    private static Mode mode(SaSpec sa) {
        return sa.compression().isPresent() ? Mode.TRANSPORT : sa.mode();
    }

    XfrmState state(SaSpec sa) throws DataPlaneException {
        XfrmState.Builder state = XfrmState.builder(id(sa.id()), sa.source(), mode(mode(sa)))
                .requestId(sa.reqid())
                .algorithms(algorithms(sa.keys()))
                .replay(replay(sa))
                .lifetime(lifetime(sa.limits()))
                .interfaceId(sa.ifId().orElse(0));
        Optional<XfrmSelector> selector = selector(sa);
        selector.ifPresent(state::selector);
        state.flags(flags(sa, selector.isPresent()));
        if (sa.direction() == Direction.OUT && mode(sa) == Mode.TUNNEL) {
            state.extraFlags(sa.tunnelHeader().copyDscp().toOuter() ? 0 : XfrmState.DONT_ENCAP_DSCP);
            state.tfcPadding(sa.tfcPadding());
        }
        sa.encapsulation().ifPresent(udp -> state.encap(new XfrmEncap(
                XfrmEncap.ESP_IN_UDP,
                udp.sourcePort(),
                udp.destinationPort(),
                AddressFamily.of(sa.id().destination()).any())));
        flow(sa.direction()).ifPresent(state::flow);
        sa.marks().match().map(KernelStates::mark).ifPresent(state::mark);
        sa.marks().set().map(KernelStates::mark).ifPresent(state::outputMark);
        if (sa.offload() != Offload.NO) {
            InetAddress here = sa.direction() == Direction.IN ? sa.id().destination() : sa.source();
            int flags = (sa.direction() == Direction.IN ? XfrmOffload.INBOUND : 0) | (here instanceof Inet6Address ? XfrmOffload.IPV6 : 0);
            if (sa.offload() == Offload.PACKET) {
                state.offload(new XfrmOffload(Devices.seeingToPackets(here), flags | XfrmOffload.PACKET));
            } else {
                Devices.having(here).ifPresent(link -> state.offload(new XfrmOffload(link, flags)));
            }
        }
        return state.build();
    }

    private static int flags(SaSpec sa, boolean selector) {
        // RFC 4302, section 2.2: in IPv4 the AH header is a multiple of 4 octets. The kernel's own choice, 8, is right in IPv6 only.
        boolean shortAh = sa.id().protocol() == Protocol.AH && sa.id().destination() instanceof Inet4Address;
        return (shortAh ? XfrmState.ALIGN4 : 0) | (mode(sa) == Mode.TUNNEL ? tunnelFlags(sa, selector) : 0);
    }

    /** Kernels that know directions refuse what makes no sense in one. */
    private static int tunnelFlags(SaSpec sa, boolean selector) {
        // Without AF_UNSPEC the kernel takes the outer family for the inner one, and refuses IPv4 in IPv6.
        int flags = (selector ? 0 : XfrmState.AF_UNSPEC) | (sa.tunnelHeader().copyEcn() ? 0 : XfrmState.NO_ECN);
        return flags | switch (sa.direction()) {
            case IN -> sa.tunnelHeader().copyDscp().toInner() ? XfrmState.DECAP_DSCP : 0;
            case OUT -> sa.tunnelHeader().copyDf() ? 0 : XfrmState.NO_PMTU_DISCOVERY;
            case FWD -> 0;
        };
    }

    /** For XFRMA_SA_DIR; empty where the kernel does not know it. */
    Optional<XfrmState.Flow> flow(Direction direction) {
        return switch (direction) {
            case IN -> Optional.of(XfrmState.Flow.IN).filter(_ -> directions);
            case OUT -> Optional.of(XfrmState.Flow.OUT).filter(_ -> directions);
            case FWD -> Optional.empty();
        };
    }

    static XfrmId id(SaId id) {
        return new XfrmId(id.destination(), id.spi(), Protocols.number(id.protocol()));
    }

    static Optional<SaId> id(XfrmId id) {
        return Protocols.of(id.protocol()).map(protocol -> new SaId(id.destination(), protocol, id.spi()));
    }

    static XfrmMark mark(Mark mark) {
        return new XfrmMark(mark.value(), mark.mask());
    }

    static Mark mark(XfrmMark mark) {
        return new Mark(mark.value(), mark.mask());
    }

    static XfrmMode mode(Mode mode) {
        return switch (mode) {
            case TUNNEL -> XfrmMode.TUNNEL;
            case TRANSPORT -> XfrmMode.TRANSPORT;
        };
    }

    /**
     * A state has one selector: a pair that the kernel would have to split is left to the policies. What is in a compressing tunnel, only the
     * IPComp SA sees.
     */
    private static Optional<XfrmSelector> selector(SaSpec sa) throws DataPlaneException {
        if (sa.selector().isEmpty() || mode(sa) != sa.mode()) {
            return Optional.empty();
        }
        List<XfrmSelector> selectors = KernelSelectors.of(sa.selector().get());
        return selectors.size() == 1 ? Optional.of(selectors.getFirst()) : Optional.empty();
    }

    private static List<XfrmAlgorithm> algorithms(SaKeys keys) throws DataPlaneException {
        return switch (keys) {
            case SaKeys.Aead(Algorithm algorithm, Secret key) -> {
                Algorithm.Kernel kernel = kernel(algorithm);
                yield List.of(new XfrmAlgorithm.Aead(kernel.name(), key(key), kernel.truncationBits()));
            }
            case SaKeys.CipherAndMac(Algorithm cipher, Secret cipherKey, Algorithm mac, Secret macKey) ->
                List.of(new XfrmAlgorithm.Crypt(kernel(cipher).name(), key(cipherKey)), integrity(mac, macKey));
            case SaKeys.MacOnly(Algorithm mac, Secret key) -> List.of(integrity(mac, key));
            case SaKeys.Deflate _ -> List.of(new XfrmAlgorithm.Compression(DEFLATE));
        };
    }

    /** Always with its truncation: the kernel's default for HMAC-SHA-256 is 96 bits, RFC 4868 says 128. */
    private static XfrmAlgorithm integrity(Algorithm mac, Secret key) throws DataPlaneException {
        Algorithm.Kernel kernel = kernel(mac);
        return new XfrmAlgorithm.AuthTrunc(kernel.name(), key(key), kernel.truncationBits());
    }

    private static Algorithm.Kernel kernel(Algorithm algorithm) throws DataPlaneException {
        return algorithm.kernel().orElseThrow(() -> new DataPlaneException("the kernel has no name for " + algorithm));
    }

    private static XfrmKey key(Secret secret) {
        return XfrmKey.take(secret.copy());
    }

    /**
     * An outbound SA has no window, but kernels before 6.10 refuse ESN without one; those that know directions refuse one.
     */
    private XfrmReplay replay(SaSpec sa) {
        if (sa.direction() == Direction.OUT) {
            return !sa.esn() ? XfrmReplay.NONE : XfrmReplay.extended(directions ? 0 : 1);
        }
        int window = Math.min(sa.replayWindow(), XfrmReplay.LARGEST_WINDOW);
        return sa.esn() ? XfrmReplay.extended(Math.max(1, window)) : XfrmReplay.window(window);
    }

    private static XfrmLifetime lifetime(SaLimits limits) {
        return new XfrmLifetime(
                new XfrmLifetime.Limits(orUnlimited(limits.softBytes()), orUnlimited(limits.softPackets()), limits.softSeconds(), 0),
                new XfrmLifetime.Limits(orUnlimited(limits.hardBytes()), orUnlimited(limits.hardPackets()), limits.hardSeconds(), 0));
    }

    private static long orUnlimited(long limit) {
        return limit == 0 ? XfrmLifetime.UNLIMITED : limit;
    }
}
