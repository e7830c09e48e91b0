package org.xfrmagent.agent.engine.core;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.IsakmpKeys;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.policies.algorithm.Proposal;

/**
 * IKEv1's counterpart of an IKE SA (RFC 2408, section 2.4).
 *
 * @param initiatorCookie names it together with the other: what IKEv2 calls SPIs
 * @param initiator whether we started phase 1
 * @param suite cipher, PRF and group
 * @param method how the two sides show who they are
 * @param lastBlock of phase 1's last message: the first IVs of phase 2 come from it (RFC 2409, appendix B)
 * @param deadPeerDetection whether the peer answers R-U-THERE (RFC 3706)
 * @param lifetime seconds after which it ends: the shorter of what both sides want
 * @param shortened the peer would have it live longer
 */
public record IsakmpSa(
        long initiatorCookie,
        long responderCookie,
        boolean initiator,
        Proposal suite,
        AuthenticationMethod method,
        IsakmpKeys keys,
        Bytes lastBlock,
        boolean deadPeerDetection,
        NatTraversal natTraversal,
        long lifetime,
        boolean shortened) {
    /** Which specification of NAT traversal both sides follow: they differ in numbers only. */
    public enum NatTraversal {
        NONE,
        /** draft-ietf-ipsec-nat-t-ike-02 and -03. */
        DRAFT,
        RFC_3947
    }

    public long localCookie() {
        return initiator ? initiatorCookie : responderCookie;
    }

    public long remoteCookie() {
        return initiator ? responderCookie : initiatorCookie;
    }

    /** Both cookies: the SPI of this SA in notifications and deletes. */
    public Bytes cookies() {
        return new ByteWriter(16).i64(initiatorCookie).i64(responderCookie).toBytes();
    }

    /** The same at the end of phase 1. */
    public IsakmpSa withLastBlock(Bytes block) {
        return new IsakmpSa(
                initiatorCookie, responderCookie, initiator, suite, method, keys, block, deadPeerDetection, natTraversal, lifetime, shortened);
    }

    /** The same, that ends after so many seconds. */
    public IsakmpSa withLifetime(long seconds) {
        return new IsakmpSa(
                initiatorCookie, responderCookie, initiator, suite, method, keys, lastBlock, deadPeerDetection, natTraversal, seconds, shortened);
    }
}
