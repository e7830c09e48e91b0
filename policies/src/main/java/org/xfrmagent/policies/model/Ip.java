package org.xfrmagent.policies.model;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as text and as numbers, without ever asking a name server. */
public final class Ip {
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    private Ip() {}

    /** The address written as {@code text}: dotted quad or RFC 4291 section 2.2, without brackets or scope. */
    public static Optional<InetAddress> parse(String text) {
        boolean quad = IPV4.matcher(text).matches();
        if (!quad && (text.indexOf(':') < 0 || !IPV6.matcher(text).matches())) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The address of 4 or 16 octets in network order. */
    public static InetAddress of(byte... octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 octets, not " + octets.length, e);
        }
    }

    /** The shortest usual text; IPv6 as RFC 5952 writes it. */
    public static String text(InetAddress address) {
        return address instanceof Inet6Address six ? rfc5952(six.getAddress()) : address.getHostAddress();
    }

    /** Order by number; both of one family. */
    static int compare(InetAddress a, InetAddress b) {
        return Arrays.compareUnsigned(a.getAddress(), b.getAddress());
    }

    static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    static InetAddress of(BigInteger number, AddressFamily family) {
        byte[] octets = new byte[family.bytes()];
        byte[] magnitude = number.toByteArray();
        int length = Math.min(magnitude.length, octets.length);
        System.arraycopy(magnitude, magnitude.length - length, octets, octets.length - length, length);
        return of(octets);
    }

    private static String rfc5952(byte[] octets) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (octets[2 * i] & 0xff) << 8 | octets[2 * i + 1] & 0xff;
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = i;
                bestLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
