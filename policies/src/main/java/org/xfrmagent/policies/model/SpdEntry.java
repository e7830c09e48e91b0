package org.xfrmagent.policies.model;

/**
 * What a protect policy puts into the kernel's SPD.
 *
 * @param installed without it the data plane has the SAs only, and others see to what goes through them
 * @param forwardsOut whether packets that are forwarded on their way out have an entry of their own, as on hosts whose other policies
 *     would drop them otherwise
 * @param held whether what the policy covers is held or dropped while it has no SA; without it the entry comes and goes with the SAs
 */
public record SpdEntry(boolean installed, boolean forwardsOut, boolean held) {
    public static final SpdEntry USUAL = new SpdEntry(true, false, true);
    public static final SpdEntry NONE = new SpdEntry(false, false, true);
}
