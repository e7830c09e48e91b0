package org.xfrmagent.policies.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/16, 10.1.0.0/16", "10.0.0.1-10.0.0.9, 10.0.0.1..10.0.0.9", "10.0.0.1..10.0.0.9, 10.0.0.1..10.0.0.9",
        "192.0.2.1, 192.0.2.1/32", "0.0.0.0/0, 0.0.0.0/0", "10.0.0.0-10.0.0.255, 10.0.0.0/24", "2001:DB8:0:0::/64, 2001:db8::/64",
        "::/0, ::/0", "2001:db8::1-2001:db8::ff, 2001:db8::1..2001:db8::ff", "fe80:0:0:1:0:0:0:1, fe80:0:0:1::1/128"
    })
    void a_range_is_read_and_printed_as_strongswan_does(String text, String printed) {
        assertThat(AddressRange.parse(text)).hasToString(printed);
        assertThat(AddressRange.parse(printed)).isEqualTo(AddressRange.parse(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.0.1/16         | '10.1.0.1/16' has bits set to the right of its prefix; did you mean '10.1.0.0/16' or '10.1.0.1'?
            10.1.0.0/33         | the prefix length of '10.1.0.0/33' is '33', expected 0 to 32
            10.1.0.0/x          | the prefix length of '10.1.0.0/x' is 'x', expected 0 to 32
            10.0.0.9-10.0.0.1   | a range runs upwards, and 10.0.0.9 is above 10.0.0.1
            10.0.0.1-2001:db8:: | a range from 10.0.0.1 to 2001:db8:: mixes IPv4 and IPv6
            10.1                | '10.1' is no IP address
            10.0.0.256          | '10.0.0.256' is no IP address
            example.org         | 'example.org' is no IP address
            fe80::1%lo          | 'fe80::1%lo' is no IP address
            """)
    void what_is_no_range_is_explained(String text, String sentence) {
        assertThatThrownBy(() -> AddressRange.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    }

    @Test
    void a_range_that_is_no_prefix_becomes_the_fewest_prefixes() {
        assertThat(AddressRange.parse("10.0.0.1-10.0.0.9").toPrefixes()).extracting(AddressRange::toString)
                .containsExactly("10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30", "10.0.0.8/31");
        assertThat(AddressRange.ALL_IPV4.toPrefixes()).containsExactly(AddressRange.ALL_IPV4);
        assertThat(AddressRange.ALL_IPV6.toPrefixes()).containsExactly(AddressRange.ALL_IPV6);
        assertThat(AddressRange.parse("255.255.255.255").toPrefixes()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1, 1", "10.1.0.0/16, 65536", "10.0.0.1-10.0.0.9, 9", "0.0.0.0/0, 4294967296", "2001:db8::/64, 18446744073709551616"})
    void a_range_knows_how_many_addresses_it_has(String text, BigInteger size) {
        assertThat(AddressRange.parse(text).size()).isEqualTo(size);
    }

    @Property
    void prefixes_cover_exactly_the_range(@ForAll int a, @ForAll int b) {
        exactly(range(v4(a), v4(b)));
    }

    @Property
    void prefixes_cover_exactly_the_range_in_ipv6(@ForAll @Size(16) byte[] a, @ForAll @Size(16) byte[] b) {
        exactly(range(six(a), six(b)));
    }

    private static void exactly(AddressRange range) {
        List<AddressRange> prefixes = range.toPrefixes();
        assertThat(prefixes.getFirst().from()).isEqualTo(range.from());
        assertThat(prefixes.getLast().to()).isEqualTo(range.to());
        assertThat(prefixes).hasSizeLessThanOrEqualTo(2 * range.family().bits()).allMatch(prefix -> prefix.prefixLength().isPresent());
        for (int i = 1; i < prefixes.size(); i++) {
            assertThat(Ip.number(prefixes.get(i).from())).isEqualTo(Ip.number(prefixes.get(i - 1).to()).add(BigInteger.ONE));
        }
    }

    @Property
    void an_intersection_is_the_same_both_ways_and_within_both(@ForAll int a, @ForAll int b, @ForAll int c, @ForAll int d) {
        AddressRange one = range(v4(a), v4(b));
        AddressRange other = range(v4(c), v4(d));
        assertThat(one.intersect(other)).isEqualTo(other.intersect(one));
        one.intersect(other).ifPresent(both -> assertThat(one.contains(both) && other.contains(both)).isTrue());
        assertThat(one.intersect(one)).contains(one);
    }

    @Property
    void the_text_of_an_ipv6_address_reads_back(@ForAll @Size(16) byte[] octets) {
        InetAddress address = six(octets);
        assertThat(Ip.parse(Ip.text(address))).contains(address);
    }

    @Test
    void ipv6_is_written_as_rfc_5952_says() {
        assertThat(Ip.text(Ip.parse("2001:db8:0:0:1:0:0:1").orElseThrow())).isEqualTo("2001:db8::1:0:0:1");
        assertThat(Ip.text(Ip.parse("2001:db8:0:1:1:1:1:1").orElseThrow())).isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(Ip.text(Ip.parse("::").orElseThrow())).isEqualTo("::");
        assertThat(Ip.text(Ip.parse("2001:0:0:1:0:0:0:1").orElseThrow())).isEqualTo("2001:0:0:1::1");
    }

    @Test
    void groups_are_recognised() {
        assertThat(AddressRange.parse("224.0.0.5").isMulticast()).isTrue();
        assertThat(AddressRange.parse("ff02::/16").isMulticast()).isTrue();
        assertThat(AddressRange.parse("10.0.0.0/8").isMulticast()).isFalse();
        assertThat(AddressRange.parse("255.255.255.255").isBroadcast()).isTrue();
    }

    static InetAddress v4(int number) {
        return Ip.of((byte) (number >> 24), (byte) (number >> 16), (byte) (number >> 8), (byte) number);
    }

    /** Kept out of ::ffff:0:0/96, which Java takes for IPv4. */
    private static InetAddress six(byte[] octets) {
        byte[] safe = octets.clone();
        safe[0] |= 0x20;
        return Ip.of(safe);
    }

    static AddressRange range(InetAddress a, InetAddress b) {
        return Ip.compare(a, b) <= 0 ? new AddressRange(a, b) : new AddressRange(b, a);
    }
}
