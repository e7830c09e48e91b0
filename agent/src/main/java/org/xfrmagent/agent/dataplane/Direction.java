package org.xfrmagent.agent.dataplane;

/** A policy's place in the packet's way, in the kernel's terms (XFRM_POLICY_IN, _OUT, _FWD). An SA is IN or OUT. */
public enum Direction {
    IN,
    OUT,
    FWD
}
