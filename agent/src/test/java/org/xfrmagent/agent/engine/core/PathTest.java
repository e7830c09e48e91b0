package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Ip;

class PathTest {
    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    /** RFC 5952, as status and policies write them: whoever looks for an address in the log finds it. */
    @Test
    void addressesAreWrittenAsEverywhereElse() {
        assertThat(new Path(address("2001:db8::1"), 500, address("2001:db8:0:0:1::2"), 4500)).hasToString("[2001:db8::1]:500 -> [2001:db8::1:0:0:2]:4500");
        assertThat(new Path(address("192.0.2.1"), 500, address("192.0.2.2"), 4500)).hasToString("192.0.2.1:500 -> 192.0.2.2:4500");
    }
}
