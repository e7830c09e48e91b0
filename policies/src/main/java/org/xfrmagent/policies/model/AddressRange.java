package org.xfrmagent.policies.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Addresses of one family, from the first to the last (both included).
 *
 * @param from the first, not above {@code to}
 * @param to the last
 */
public record AddressRange(InetAddress from, InetAddress to) {
    public static final AddressRange ALL_IPV4 = prefix(Ip.of(new byte[4]), 0);
    public static final AddressRange ALL_IPV6 = prefix(Ip.of(new byte[16]), 0);

    /** @throws IllegalArgumentException if the families differ or the order is wrong */
    public AddressRange {
        if (AddressFamily.of(from) != AddressFamily.of(to)) {
            throw new IllegalArgumentException("a range from " + Ip.text(from) + " to " + Ip.text(to) + " mixes IPv4 and IPv6");
        }
        if (Ip.compare(from, to) > 0) {
            throw new IllegalArgumentException("a range runs upwards, and " + Ip.text(from) + " is above " + Ip.text(to));
        }
    }

    public static AddressRange of(InetAddress address) {
        return new AddressRange(address, address);
    }

    /** The prefix of {@code bits} bits that {@code address} lies in. */
    public static AddressRange prefix(InetAddress address, int bits) {
        AddressFamily family = AddressFamily.of(address);
        if (bits < 0 || bits > family.bits()) {
            throw new IllegalArgumentException("an " + family + " prefix has 0 to " + family.bits() + " bits, not " + bits);
        }
        byte[] first = address.getAddress();
        byte[] last = first.clone();
        for (int bit = bits; bit < family.bits(); bit++) {
            first[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            last[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return new AddressRange(Ip.of(first), Ip.of(last));
    }

    public static AddressRange all(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ALL_IPV4 : ALL_IPV6;
    }

    /**
     * Reads {@code 10.1.0.0/16}, {@code 10.0.0.1-10.0.0.9} (or with {@code ..} for {@code -}) or one address.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong, also for a prefix with host bits set
     */
    public static AddressRange parse(String text) {
        String plain = text.strip();
        int slash = plain.indexOf('/');
        if (slash >= 0) {
            return parsePrefix(plain, plain.substring(0, slash), plain.substring(slash + 1));
        }
        String[] ends = plain.contains("..") ? plain.split("\\.\\.", 2) : plain.split("-", 2);
        InetAddress from = address(ends[0].strip());
        return ends.length == 1 ? of(from) : new AddressRange(from, address(ends[1].strip()));
    }

    private static AddressRange parsePrefix(String all, String left, String right) {
        InetAddress address = address(left);
        AddressFamily family = AddressFamily.of(address);
        if (!right.matches("\\d{1,3}") || Integer.parseInt(right) > family.bits()) {
            throw new IllegalArgumentException(
                    "the prefix length of '" + all + "' is '" + right + "', expected 0 to " + family.bits());
        }
        AddressRange range = prefix(address, Integer.parseInt(right));
        if (!range.from.equals(address)) {
            throw new IllegalArgumentException("'" + all + "' has bits set to the right of its prefix; did you mean '"
                    + Ip.text(range.from) + "/" + right + "' or '" + Ip.text(address) + "'?");
        }
        return range;
    }

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no IP address"));
    }

    public AddressFamily family() {
        return AddressFamily.of(from);
    }

    public boolean contains(InetAddress address) {
        return AddressFamily.of(address) == family() && Ip.compare(from, address) <= 0 && Ip.compare(address, to) <= 0;
    }

    public boolean contains(AddressRange other) {
        return contains(other.from) && contains(other.to);
    }

    /** The addresses that both have; empty when there are none. */
    public Optional<AddressRange> intersect(AddressRange other) {
        if (family() != other.family()) {
            return Optional.empty();
        }
        InetAddress first = Ip.compare(from, other.from) >= 0 ? from : other.from;
        InetAddress last = Ip.compare(to, other.to) <= 0 ? to : other.to;
        return Ip.compare(first, last) <= 0 ? Optional.of(new AddressRange(first, last)) : Optional.empty();
    }

    /** How many addresses it has. */
    public BigInteger size() {
        return Ip.number(to).subtract(Ip.number(from)).add(BigInteger.ONE);
    }

    /**
     * The address {@code offset} after the first.
     *
     * @throws IllegalArgumentException if that is after the last
     */
    public InetAddress at(BigInteger offset) {
        if (offset.signum() < 0 || offset.compareTo(size()) >= 0) {
            throw new IllegalArgumentException(this + " has " + size() + " addresses, and none after " + offset + " others");
        }
        return Ip.of(Ip.number(from).add(offset), family());
    }

    public boolean isSingle() {
        return from.equals(to);
    }

    /** Whether these are all addresses of the family. */
    public boolean isEverything() {
        return equals(all(family()));
    }

    /** Bits of the one prefix that this range is, if it is one: what comes behind them is all zeros in the first, all ones in the last. */
    public Optional<Integer> prefixLength() {
        byte[] first = from.getAddress();
        byte[] last = to.getAddress();
        int octet = Arrays.mismatch(first, last);
        if (octet < 0) {
            return Optional.of(family().bits());
        }
        int different = (first[octet] ^ last[octet]) & 0xff;
        int hostBits = Integer.SIZE - Integer.numberOfLeadingZeros(different);
        int host = (1 << hostBits) - 1;
        boolean prefix = (first[octet] & host) == 0 && (last[octet] & host) == host;
        for (int i = octet + 1; i < first.length; i++) {
            prefix &= first[i] == 0 && last[i] == -1;
        }
        return prefix ? Optional.of((octet + 1) * Byte.SIZE - hostBits) : Optional.empty();
    }

    /** The fewest prefixes that cover exactly this range, upwards; at most twice the bits of an address. */
    public List<AddressRange> toPrefixes() {
        List<AddressRange> prefixes = new ArrayList<>();
        AddressFamily family = family();
        BigInteger next = Ip.number(from);
        BigInteger last = Ip.number(to);
        while (next.compareTo(last) <= 0) {
            // The largest block that starts at `next` (alignment) and ends no later than `last` (size).
            int aligned = next.signum() == 0 ? family.bits() : Math.min(next.getLowestSetBit(), family.bits());
            int fitting = last.subtract(next).add(BigInteger.ONE).bitLength() - 1;
            int free = Math.min(aligned, fitting);
            prefixes.add(prefix(Ip.of(next, family), family.bits() - free));
            next = next.add(BigInteger.ONE.shiftLeft(free));
        }
        return List.copyOf(prefixes);
    }

    /** Whether every address is a multicast group (224.0.0.0/4, ff00::/8). */
    public boolean isMulticast() {
        return from.isMulticastAddress() && to.isMulticastAddress();
    }

    /** Whether this is only the limited broadcast address 255.255.255.255. */
    public boolean isBroadcast() {
        return family() == AddressFamily.IPV4 && isSingle() && from.equals(ALL_IPV4.to);
    }

    /** {@code 10.1.0.0/16}, or {@code 10.0.0.1..10.0.0.9} for what is no prefix. */
    @Override
    public String toString() {
        return prefixLength().map(bits -> Ip.text(from) + "/" + bits).orElseGet(() -> Ip.text(from) + ".." + Ip.text(to));
    }
}
