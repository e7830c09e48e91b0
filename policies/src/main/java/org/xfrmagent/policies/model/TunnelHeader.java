package org.xfrmagent.policies.model;

/**
 * What the two headers of a tunnel take from each other (RFC 4301 section 5.1.2).
 *
 * @param copyDscp the DSCP: six bits that everybody on the way can read
 * @param copyEcn congestion marks, both ways (RFC 6040); without it they end at the tunnel, and so does what they are for
 * @param copyDf whether the outer header forbids fragments when the inner one does; without it the outer one never does
 */
public record TunnelHeader(CopyDscp copyDscp, boolean copyEcn, boolean copyDf) {
    /** As most kernels do it by themselves. */
    public static final TunnelHeader USUAL = new TunnelHeader(CopyDscp.OUT, true, true);

    /** Which way the DSCP is copied: to the outer header of what is sent, to the inner header of what is received. */
    public enum CopyDscp {
        OUT("out", true, false),
        IN("in", false, true),
        YES("yes", true, true),
        NO("no", false, false);

        private final String word;
        private final boolean toOuter;
        private final boolean toInner;

        CopyDscp(String word, boolean toOuter, boolean toInner) {
            this.word = word;
            this.toOuter = toOuter;
            this.toInner = toInner;
        }

        public String word() {
            return word;
        }

        public boolean toOuter() {
            return toOuter;
        }

        public boolean toInner() {
            return toInner;
        }
    }
}
