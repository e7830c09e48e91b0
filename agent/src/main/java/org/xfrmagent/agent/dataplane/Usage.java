package org.xfrmagent.agent.dataplane;

/**
 * An SA's counters.
 *
 * @param bytes payload octets as the plane counts them against byte limits
 * @param lastUsedSecondsAgo seconds since the last packet, -1 if none or unknown
 */
public record Usage(long bytes, long packets, long lastUsedSecondsAgo) {
    public static final Usage NONE = new Usage(0, 0, -1);
}
