package org.xfrmagent.policies.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What two peers call a set of SAs beside its addresses, protocol and ports: those of one label carry nothing of another's (RFC 9478).
 * It is agreed on as it is, octet by octet; what it means is theirs.
 *
 * @param text printable ASCII, such as {@code system_u:object_r:ipsec_spd_t:s0}
 */
public record SecurityLabel(String text) {
    /** More than any context of SELinux has. */
    public static final int LONGEST = 1024;

    public SecurityLabel {
        if (text.isEmpty() || text.length() > LONGEST || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException("'" + text + "' is no security label");
        }
    }

    /** As it goes over the wire: strongSwan, libreswan and the Linux kernel count the NUL after it. */
    public byte[] octets() {
        return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), text.length() + 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
