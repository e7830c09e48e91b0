package org.xfrmagent.netlink.xfrm;

/**
 * Where an association stands (GETAE): what moves to another host or to a successor, and what a rekeying is decided by.
 *
 * @param id which one
 * @param replay window and sequence numbers now; {@code extended} is true whenever the kernel used the large struct
 * @param counters what passed
 */
public record XfrmUsage(XfrmId id, XfrmReplay replay, XfrmCounters counters) {}
