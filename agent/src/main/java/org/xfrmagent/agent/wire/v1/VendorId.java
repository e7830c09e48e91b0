package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.Bytes;

/** Vendor ids by which IKEv1 says what it can do. */
public enum VendorId {
    /** RFC 3947, section 3.1. */
    NAT_TRAVERSAL("4a131c81070358455c5728f20e95452f"),
    NAT_TRAVERSAL_03("7d9419a65310ca6f2c179d9215529d56"),
    /** Of draft 02 with the newline that some implementations hashed along, as RFC 3947, section 3.1, knows. */
    NAT_TRAVERSAL_02_NEWLINE("90cb80913ebb696e086381b5ec427b1f"),
    NAT_TRAVERSAL_02("cd60464335df21f87cfdb2fc68b6a448"),
    /** RFC 3706, section 5.1, version 1.0. */
    DEAD_PEER_DETECTION("afcad71368a1f1c96b8696fc77570100"),
    /** MD5 of "FRAGMENTATION": takes messages in pieces ([MS-IKEE], section 1.7). */
    FRAGMENTATION("4048b7d56ebce88525e7de7f00d6c2d3"),
    /** draft-ietf-ipsra-isakmp-xauth-06. */
    XAUTH("09002689dfd6b712"),
    /** Cisco's clients ask for its private attributes of those that say this. */
    UNITY("12f5f28c457168a9702d9fe274cc0100");

    @SuppressWarnings("ImmutableEnumChecker") // Bytes never change
    private final Bytes octets;

    VendorId(String hex) {
        octets = Bytes.hex(hex);
    }

    public VendorIdPayload payload() {
        return new VendorIdPayload(octets);
    }

    /** Whether one of the payloads is this. Cisco and others say more about fragmentation behind its id. */
    public boolean in(Chain chain) {
        return chain.all(VendorIdPayload.class).stream()
                .map(VendorIdPayload::data)
                .map(data -> this == FRAGMENTATION && data.length() > octets.length() ? data.slice(0, octets.length()) : data)
                .anyMatch(octets::equals);
    }
}
