package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.TunnelHeader;

/**
 * One SA, in one direction.
 *
 * @param source the outer source address (the peer's for IN)
 * @param direction IN or OUT
 * @param reqid ties the SA to its policies' templates
 * @param encapsulation present for ESP in UDP
 * @param replayWindow in packets; an OUT SA's is ignored
 * @param esn 64-bit sequence numbers (RFC 4304)
 * @param selector outbound: what this SA may carry when that is one pair; keeps a wider policy of the same reqid off it
 * @param ifId the xfrm interface
 * @param marks the packets' marks, before and after
 * @param tunnelHeader in tunnel mode
 * @param tfcPadding outbound, ESP in tunnel mode: octets to which packets are filled up; 0: none
 * @param offload whether a device encrypts
 * @param compression the CPI of the IPComp SA through which its packets go before this one, in the same mode
 */
public record SaSpec(
        SaId id,
        InetAddress source,
        Direction direction,
        Mode mode,
        int reqid,
        SaKeys keys,
        Optional<UdpEncapsulation> encapsulation,
        int replayWindow,
        boolean esn,
        SaLimits limits,
        Optional<SelectorPair> selector,
        OptionalInt ifId,
        SaMarks marks,
        TunnelHeader tunnelHeader,
        int tfcPadding,
        Offload offload,
        OptionalInt compression) {
    /** Without compression. */
    public SaSpec(
            SaId id,
            InetAddress source,
            Direction direction,
            Mode mode,
            int reqid,
            SaKeys keys,
            Optional<UdpEncapsulation> encapsulation,
            int replayWindow,
            boolean esn,
            SaLimits limits,
            Optional<SelectorPair> selector,
            OptionalInt ifId,
            SaMarks marks,
            TunnelHeader tunnelHeader,
            int tfcPadding,
            Offload offload) {
        this(
                id, source, direction, mode, reqid, keys, encapsulation, replayWindow, esn, limits, selector, ifId, marks, tunnelHeader, tfcPadding,
                offload, OptionalInt.empty());
    }

    /** With the usual tunnel header and without TFC padding. */
    public SaSpec(
            SaId id,
            InetAddress source,
            Direction direction,
            Mode mode,
            int reqid,
            SaKeys keys,
            Optional<UdpEncapsulation> encapsulation,
            int replayWindow,
            boolean esn,
            SaLimits limits,
            Optional<SelectorPair> selector,
            OptionalInt ifId,
            SaMarks marks) {
        this(id, source, direction, mode, reqid, keys, encapsulation, replayWindow, esn, limits, selector, ifId, marks, TunnelHeader.USUAL, 0, Offload.NO);
    }

    /** Without marks, too. */
    public SaSpec(
            SaId id,
            InetAddress source,
            Direction direction,
            Mode mode,
            int reqid,
            SaKeys keys,
            Optional<UdpEncapsulation> encapsulation,
            int replayWindow,
            boolean esn,
            SaLimits limits,
            Optional<SelectorPair> selector,
            OptionalInt ifId) {
        this(id, source, direction, mode, reqid, keys, encapsulation, replayWindow, esn, limits, selector, ifId, SaMarks.NONE);
    }

    /** The same SA where {@code move} brings it. */
    public SaSpec moved(Operation.MoveSa move) {
        return new SaSpec(
                move.moved(), move.source(), direction, mode, reqid, keys, move.encapsulation(), replayWindow, esn, limits, selector, ifId,
                marks, tunnelHeader, tfcPadding, offload, compression);
    }

    /** The same SA for other policies. */
    public SaSpec withReqid(int other) {
        return new SaSpec(
                id, source, direction, mode, other, keys, encapsulation, replayWindow, esn, limits, selector, ifId, marks, tunnelHeader, tfcPadding,
                offload, compression);
    }

    /** The same, with compression before it. */
    public SaSpec compressed(int cpi) {
        return new SaSpec(
                id, source, direction, mode, reqid, keys, encapsulation, replayWindow, esn, limits, selector, ifId, marks, tunnelHeader, 0, offload,
                OptionalInt.of(cpi));
    }

    /** The IPComp SA that goes along with this one; its packets are those of this one, so that it has no limits of its own. */
    public Optional<SaSpec> compressor() {
        return compression.isEmpty() ? Optional.empty() : Optional.of(new SaSpec(
                new SaId(id.destination(), Protocol.IPCOMP, compression.getAsInt()), source, direction, mode, reqid, new SaKeys.Deflate(),
                Optional.empty(), 0, false, SaLimits.NONE, selector, ifId, marks, tunnelHeader, 0, Offload.NO));
    }
}
