package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One security association in the kernel's SAD. Made by {@link #builder}; printing it never shows a key.
 *
 * @param id destination, SPI and protocol
 * @param source where its packets come from
 * @param mode tunnel or transport
 * @param requestId ties it to the templates with this number; 0 is none
 * @param selector packets it accepts after decapsulation; {@link XfrmSelector#ANY} leaves that to the policies
 * @param algorithms one AEAD, or a cipher and an integrity algorithm, or an integrity algorithm for AH, or a compression
 * @param replay window and sequence numbers
 * @param lifetime when it expires
 * @param counters what the kernel counted; an installed state starts with them
 * @param stats what the kernel refused; ignored when installing
 * @param sequence the number of the ACQUIRE it answers; 0 for none
 * @param flags {@link #NO_ECN} and the other XFRM_STATE_ bits; ESN is set from {@code replay}
 * @param extraFlags {@link #DONT_ENCAP_DSCP}, {@link #OSEQ_MAY_WRAP}
 * @param encap UDP encapsulation
 * @param mark packets with this mark only
 * @param outputMark the mark it gives its packets
 * @param interfaceId the id of an xfrm interface; 0 is none
 * @param flow which way, for kernels that ask ({@link Xfrm#knowsDirections})
 * @param tfcPadding pads payloads to this many octets (RFC 4303 section 2.7); 0 is none
 * @param offload the device that encrypts; the kernel leaves it out where it does so itself after all
 * @param natKeepalive seconds between NAT keepalives that the kernel sends (Linux 6.11); 0 is none
 * @param lastUsed when it was last used, seconds since 1970; 0 if never, or if the kernel does not tell
 */
public record XfrmState(
        XfrmId id,
        InetAddress source,
        XfrmMode mode,
        int requestId,
        XfrmSelector selector,
        List<XfrmAlgorithm> algorithms,
        XfrmReplay replay,
        XfrmLifetime lifetime,
        XfrmCounters counters,
        Stats stats,
        int sequence,
        int flags,
        int extraFlags,
        Optional<XfrmEncap> encap,
        Optional<XfrmMark> mark,
        Optional<XfrmMark> outputMark,
        int interfaceId,
        Optional<Flow> flow,
        int tfcPadding,
        Optional<XfrmOffload> offload,
        int natKeepalive,
        long lastUsed) {

    public static final int NO_ECN = 1;
    public static final int DECAP_DSCP = 2;
    public static final int NO_PMTU_DISCOVERY = 4;
    public static final int WILD_RECEIVE = 8;
    public static final int ICMP = 16;
    /** Both address families inside; the selector is then {@link XfrmSelector#ANY}. */
    public static final int AF_UNSPEC = 32;

    public static final int ALIGN4 = 64;
    static final int ESN = 128;
    public static final int DONT_ENCAP_DSCP = 1;
    public static final int OSEQ_MAY_WRAP = 2;

    /** XFRM_SA_DIR_IN and XFRM_SA_DIR_OUT. */
    public enum Flow implements Numbered {
        IN(1),
        OUT(2);

        private final int number;

        Flow(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * @param replayWindow packets behind the window
     * @param replayed packets seen before
     * @param integrityFailed packets whose integrity check failed
     */
    public record Stats(int replayWindow, int replayed, int integrityFailed) {
        public static final Stats NONE = new Stats(0, 0, 0);
    }

    public XfrmState {
        algorithms = List.copyOf(algorithms);
    }

    /** A state of {@code mode} without algorithms, limits or extras. */
    public static Builder builder(XfrmId id, InetAddress source, XfrmMode mode) {
        return new Builder(id, source, mode);
    }

    public Builder toBuilder() {
        return new Builder(this);
    }

    /** The same association at other addresses; what it has counted and seen goes along. */
    public XfrmState movedTo(InetAddress newSource, InetAddress newDestination, Optional<XfrmEncap> newEncap) {
        return new XfrmState(
                new XfrmId(newDestination, id.spi(), id.protocol()), newSource, mode, requestId, selector, algorithms, replay, lifetime,
                counters, stats, sequence, flags, extraFlags, newEncap, mark, outputMark, interfaceId, flow, tfcPadding, Optional.empty(), natKeepalive,
                lastUsed);
    }

    /** Encrypted by the kernel itself. */
    public XfrmState withoutOffload() {
        Builder same = toBuilder();
        same.offload = Optional.empty();
        return same.build();
    }

    @Override
    public String toString() {
        return mode + " state " + id + " from " + source.getHostAddress();
    }

    /** Collects the parts of a state, each with the meaning that {@link XfrmState} gives it. */
    public static final class Builder {
        private final XfrmId id;
        private final InetAddress source;
        private final XfrmMode mode;
        private int requestId;
        private XfrmSelector selector = XfrmSelector.ANY;
        private List<XfrmAlgorithm> algorithms = List.of();
        private XfrmReplay replay = XfrmReplay.NONE;
        private XfrmLifetime lifetime = XfrmLifetime.NONE;
        private XfrmCounters counters = XfrmCounters.NONE;
        private Stats stats = Stats.NONE;
        private int sequence;
        private int flags;
        private int extraFlags;
        private Optional<XfrmEncap> encap = Optional.empty();
        private Optional<XfrmMark> mark = Optional.empty();
        private Optional<XfrmMark> outputMark = Optional.empty();
        private int interfaceId;
        private Optional<Flow> flow = Optional.empty();
        private int tfcPadding;
        private Optional<XfrmOffload> offload = Optional.empty();
        private int natKeepalive;
        private long lastUsed;

        private Builder(XfrmId id, InetAddress source, XfrmMode mode) {
            this.id = id;
            this.source = source;
            this.mode = mode;
        }

        private Builder(XfrmState from) {
            this(from.id, from.source, from.mode);
            requestId = from.requestId;
            selector = from.selector;
            algorithms = from.algorithms;
            replay = from.replay;
            lifetime = from.lifetime;
            counters = from.counters;
            stats = from.stats;
            sequence = from.sequence;
            flags = from.flags;
            extraFlags = from.extraFlags;
            encap = from.encap;
            mark = from.mark;
            outputMark = from.outputMark;
            interfaceId = from.interfaceId;
            flow = from.flow;
            tfcPadding = from.tfcPadding;
            offload = from.offload;
            natKeepalive = from.natKeepalive;
            lastUsed = from.lastUsed;
        }

        public Builder requestId(int number) {
            requestId = number;
            return this;
        }

        public Builder selector(XfrmSelector packets) {
            selector = packets;
            return this;
        }

        public Builder algorithms(XfrmAlgorithm... all) {
            algorithms = List.of(all);
            return this;
        }

        public Builder algorithms(List<XfrmAlgorithm> all) {
            algorithms = List.copyOf(all);
            return this;
        }

        public Builder replay(XfrmReplay state) {
            replay = state;
            return this;
        }

        public Builder lifetime(XfrmLifetime limits) {
            lifetime = limits;
            return this;
        }

        public Builder counters(XfrmCounters counted) {
            counters = counted;
            return this;
        }

        Builder stats(Stats counted) {
            stats = counted;
            return this;
        }

        public Builder sequence(int acquire) {
            sequence = acquire;
            return this;
        }

        public Builder flags(int bits) {
            flags = bits;
            return this;
        }

        public Builder extraFlags(int bits) {
            extraFlags = bits;
            return this;
        }

        public Builder encap(XfrmEncap udp) {
            encap = Optional.of(udp);
            return this;
        }

        public Builder mark(XfrmMark matched) {
            mark = Optional.of(matched);
            return this;
        }

        public Builder outputMark(XfrmMark given) {
            outputMark = Optional.of(given);
            return this;
        }

        public Builder interfaceId(int number) {
            interfaceId = number;
            return this;
        }

        public Builder flow(Flow way) {
            flow = Optional.of(way);
            return this;
        }

        public Builder tfcPadding(int octets) {
            tfcPadding = octets;
            return this;
        }

        public Builder offload(XfrmOffload device) {
            offload = Optional.of(device);
            return this;
        }

        public Builder natKeepalive(int seconds) {
            natKeepalive = seconds;
            return this;
        }

        Builder lastUsed(long seconds) {
            lastUsed = seconds;
            return this;
        }

        public XfrmState build() {
            return new XfrmState(
                    id, source, mode, requestId, selector, algorithms, replay, lifetime, counters, stats, sequence, flags, extraFlags,
                    encap, mark, outputMark, interfaceId, flow, tfcPadding, offload, natKeepalive, lastUsed);
        }
    }
}
