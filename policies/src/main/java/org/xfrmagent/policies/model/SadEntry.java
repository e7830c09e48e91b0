package org.xfrmagent.policies.model;

/**
 * What a protect policy wants of its SAs beside their algorithms.
 *
 * @param shortSha256 whether HMAC-SHA-256, which is agreed on as with 128 bits (RFC 4868), is cut to 96, as some old peers do
 * @param offload by whom packets are encrypted
 * @param compress whether packets are compressed before that (IPComp, RFC 3173), if the peer agrees
 */
public record SadEntry(boolean shortSha256, Offload offload, boolean compress) {
    public static final SadEntry USUAL = new SadEntry(false, Offload.NO, false);
}
