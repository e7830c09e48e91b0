package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.policies.convert.SwanctlConf.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;

/** Pools and virtual addresses of swanctl.conf, of both families. */
class AddressConversionTest {
    private static final String GATEWAY = """
            connections { staff {
                version = 2
                remote_addrs = %%any
                pools = v4, v6
                local { auth = psk
                        id = gate.example.org }
                remote { auth = psk
                         id = *.example.org }
                children { net { local_ts = %s } } } }
            pools { v4 { addrs = 10.3.0.0/24 }
                    v6 { addrs = fd00:3::/64 } }
            secrets { ike { secret = x } }
            """;

    private static final String CLIENT = """
            connections { office {
                version = 2
                remote_addrs = 192.0.2.2
                vips = %s
                local { auth = psk
                        id = moon.example.org }
                remote { auth = psk }
                children { net { remote_ts = 10.2.0.0/16, fd00:2::/64 } } } }
            secrets { ike { secret = x } }
            """;

    @TempDir
    private Path folder;

    private PolicySet read(String text) throws IOException {
        Converted converted = convert(text);
        assertThat(converted.losses()).isEmpty();
        return ConvertedFiles.read(Files.createTempDirectory(folder, "converted"), converted);
    }

    private PolicySet pool(String lines) throws IOException {
        return read(GATEWAY.formatted("10.2.0.0/16").replace("addrs = 10.3.0.0/24", lines));
    }

    @Test
    void dynamicMeansTheAddressesOfAllPools() throws IOException {
        PolicySet both = read(GATEWAY.formatted("10.2.0.0/16, fd00:2::/64"));
        assertThat(both.peers().getFirst().pools()).containsExactly("v4", "v6");
        assertThat(both.policies().getFirst().match().remote()).hasToString("10.3.0.0/24 fd00:3::/64");
        assertThat(read(GATEWAY.formatted("10.2.0.0/16")).policies().getFirst().match().remote())
                .as("a child for one family is not for addresses of the other").hasToString("10.3.0.0/24");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0.0.0.0, ::       | [any, any6]         | 0.0.0.0/0 ::/0",
        "'%any6'           | [any6]              | ::/0",
        "fd00:3::7         | [fd00:3::7]         | ::/0",
        "10.3.0.7,::       | [10.3.0.7, any6]    | 0.0.0.0/0 ::/0",
        "'0.0.0.0, 10.3.0.7, %any' | [any, 10.3.0.7, any] | 0.0.0.0/0"
    })
    void addressesAreAskedFor(String vips, String asked, String local) throws IOException {
        PolicySet policies = read(CLIENT.formatted(vips));
        assertThat(policies.peers().getFirst().local().virtualAddresses()).hasToString(asked);
        assertThat(policies.policies().getFirst().match().local()).hasToString(local);
    }

    /** charon's host has no policy before it has the address, unless that is to catch traffic. */
    @Test
    void whatIsNotGivenYetHoldsNothingButWhereTrafficAsks() throws IOException {
        String net = "net { remote_ts = 0.0.0.0/0";
        for (String more : List.of("", "\nstart_action = start", "\nstart_action = none\ndpd_action = start", "\nlocal_ts = dynamic")) {
            PolicySet policies = read(CLIENT.formatted("0.0.0.0").replace("net { remote_ts = 10.2.0.0/16, fd00:2::/64", net + more));
            assertThat(protect(policies).spdEntry().held()).as(more).isFalse();
        }
        for (String more : List.of("\nstart_action = trap", "\nclose_action = trap", "\nlocal_ts = 10.3.0.0/24")) {
            PolicySet policies = read(CLIENT.formatted("0.0.0.0").replace("net { remote_ts = 10.2.0.0/16, fd00:2::/64", net + more));
            assertThat(protect(policies).spdEntry().held()).as(more).isTrue();
        }
    }

    private static Protect protect(PolicySet policies) {
        return (Protect) policies.policies().getFirst().action();
    }

    @Test
    void whatCannotBeAskedForIsNamed() {
        assertThat(convert(CLIENT.formatted("0.0.0.0, somewhere")).losses()).anySatisfy(loss -> assertThat(loss)
                .startsWith("connections.office.vips: expected addresses, or %any4 or %any6 for whichever"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.3.0.0/24, 10.3.0.0/24, 254",
        "10.7.0.5/24, 10.7.0.5..10.7.0.254, 250",
        "10.3.1.5-10.3.1.9, 10.3.1.5..10.3.1.9, 5",
        "10.5.0.1, 10.5.0.1/32, 1",
        "10.6.0.0/31, 10.6.0.0/31, 2",
        "fd00:4::10/124, fd00:4::10/124, 14",
        "fd00:6::/127, fd00:6::/127, 2"
    })
    void aPoolHasAsManyAddressesAsUnderCharon(String addrs, String range, int size) throws IOException {
        Pool pool = read(GATEWAY.formatted("10.2.0.0/16, fd00:2::/64").replace("addrs = 10.3.0.0/24", "addrs = " + addrs)).pool("v4").orElseThrow();
        assertThat(pool.addresses()).hasToString("[" + range + "]");
        assertThat(pool.size()).isEqualTo(size);
    }

    @Test
    void everyAttributeIsCarriedOver() throws IOException {
        Pool.Told told = pool("""
                addrs = 10.3.0.0/24
                dns = 10.2.0.53, fd00:2::53
                nbns = 10.2.0.54
                dhcp = 10.2.0.67
                netmask = 255.255.255.0
                server = 10.2.0.1
                address = 10.3.9.9
                subnet = 10.2.0.0/16, fd00:2::/64
                split_include = 10.2.0.0/16, 10.8.0.0/16
                split_exclude = 10.9.0.0/16
                25 = inside.example.org
                28672 = Mind the gap
                28681 = 10.2.0.0/16
                """).pool("v4").orElseThrow().told();
        assertThat(told.dns()).hasToString("[/10.2.0.53, /fd00:2:0:0:0:0:0:53]");
        assertThat(told.nbns()).hasToString("[/10.2.0.54]");
        assertThat(told.dhcp()).hasToString("[/10.2.0.67]");
        assertThat(told.split()).hasToString("[10.2.0.0/16, fd00:2::/64, 10.8.0.0/16]");
        assertThat(told.splitExclude()).hasToString("[10.9.0.0/16]");
        assertThat(told.domain()).contains("inside.example.org");
        assertThat(told.banner()).contains("Mind the gap");
        assertThat(told.attributes()).extracting(each -> each.type() + " " + each.value()).containsExactlyInAnyOrder(
                "1 0a030909", "2 ffffff00", "23456 0a020001", "28681 0a020000ffff0000");
    }

    @Test
    void anAttributeThatIsNoneIsNamed() {
        assertThat(convert(GATEWAY.formatted("10.2.0.0/16").replace("addrs = 10.3.0.0/24", "addrs = 10.3.0.0/24\nfoo = 1.2.3.4")).losses())
                .containsExactly("pools.v4.foo: has no equal here and is left out");
    }
}
