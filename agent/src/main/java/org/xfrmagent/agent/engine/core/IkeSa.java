package org.xfrmagent.agent.engine.core;

import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.policies.algorithm.Proposal;

/**
 * An IKE SA with its keys.
 *
 * @param initiatorSpi of the original initiator (RFC 7296, section 3.1)
 * @param initiator whether we are the original initiator
 * @param nextIv counts messages sealed by us: the IV of counter modes, never used twice with one key
 * @param ppk whether a postquantum pre-shared key is in its keys (RFC 8784)
 * @param fragmentation both sides announced RFC 7383
 */
public record IkeSa(
        long initiatorSpi,
        long responderSpi,
        boolean initiator,
        Proposal suite,
        IkeKeys keys,
        long nextIv,
        Window window,
        boolean fragmentation,
        boolean ppk) {
    /** Without a postquantum pre-shared key. */
    public IkeSa(
            long initiatorSpi, long responderSpi, boolean initiator, Proposal suite, IkeKeys keys, long nextIv, Window window, boolean fragmentation) {
        this(initiatorSpi, responderSpi, initiator, suite, keys, nextIv, window, fragmentation, false);
    }

    public long localSpi() {
        return initiator ? initiatorSpi : responderSpi;
    }

    public long remoteSpi() {
        return initiator ? responderSpi : initiatorSpi;
    }

    public IkeSa withWindow(Window next) {
        return new IkeSa(initiatorSpi, responderSpi, initiator, suite, keys, nextIv, next, fragmentation, ppk);
    }

    /** With a postquantum pre-shared key in these keys. */
    public IkeSa withPpk(IkeKeys mixed) {
        return new IkeSa(initiatorSpi, responderSpi, initiator, suite, mixed, nextIv, window, fragmentation, true);
    }

    /** The IKE SA after {@code count} messages more were sealed. */
    public IkeSa withIvsUsed(int count) {
        return new IkeSa(initiatorSpi, responderSpi, initiator, suite, keys, nextIv + count, window, fragmentation, ppk);
    }
}
