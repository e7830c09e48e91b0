package org.xfrmagent.agent.dataplane;

/** When an SA asks to be rekeyed (soft) and when it ends (hard), counted by the plane. Seconds since it was added; 0 means no limit. */
public record SaLimits(
        long softSeconds, long hardSeconds, long softBytes, long hardBytes, long softPackets, long hardPackets) {
    public static final SaLimits NONE = new SaLimits(0, 0, 0, 0, 0, 0);
}
