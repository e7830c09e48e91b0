package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Peer;

class ResolverTest {
    private static final InetAddress SOURCE = ip("192.0.2.1");
    private static final Resolver.Names NO_NAMES = name -> {
        throw new UnknownHostException(name);
    };

    private static InetAddress ip(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static Peer peer(String local, String remote) {
        return Yaml.read("peers: { sun: { local: { address: %s, id: a.example, auth: psk }, remote: { address: %s, id: b.example, auth: psk } } }\n"
                        .formatted(local, remote)
                + "secrets: [ { psk: env:SUN_PSK, ids: [a.example, b.example] } ]\n")
                .peers().getFirst();
    }

    private static List<Ends> resolve(Peer peer, Resolver.RouteLookup routes, Resolver.Names names) throws Resolver.Unreachable {
        try (Resolver resolver = new Resolver(routes, names, Duration.ofMillis(200))) {
            return resolver.resolve(peer);
        }
    }

    @Test
    void literalAddressesAskNobody() throws Resolver.Unreachable {
        Resolver.RouteLookup never = destination -> {
            throw new AssertionError("asked for " + destination);
        };
        assertThat(resolve(peer("192.0.2.9", "192.0.2.2"), never, NO_NAMES)).containsExactly(new Ends(ip("192.0.2.9"), ip("192.0.2.2")));
    }

    @Test
    void withoutALocalAddressTheRouteChooses() throws Resolver.Unreachable {
        assertThat(resolve(peer("\"%any\"", "192.0.2.2"), _ -> Optional.of(SOURCE), NO_NAMES))
                .containsExactly(new Ends(SOURCE, ip("192.0.2.2")));
        assertThatThrownBy(() -> resolve(peer("\"%any\"", "192.0.2.2"), _ -> Optional.empty(), NO_NAMES))
                .hasMessage("there is no route to 192.0.2.2");
    }

    @Test
    void aNameGivesAllItsAddressesThatOurSideCanTalkTo() throws Resolver.Unreachable {
        InetAddress[] both = {ip("2001:db8::2"), ip("192.0.2.2"), ip("192.0.2.3")};
        assertThat(resolve(peer("192.0.2.1", "vpn.example.org"), _ -> Optional.of(SOURCE), _ -> both))
                .containsExactly(new Ends(SOURCE, ip("192.0.2.2")), new Ends(SOURCE, ip("192.0.2.3")));
    }

    @Test
    void whatCannotBeFoundIsSaidInASentence() {
        assertThatThrownBy(() -> resolve(peer("192.0.2.1", "\"%any\""), _ -> Optional.of(SOURCE), NO_NAMES))
                .hasMessage("it can only call us: no address of it is configured");
        assertThatThrownBy(() -> resolve(peer("192.0.2.1", "vpn.example.org"), _ -> Optional.of(SOURCE), NO_NAMES))
                .hasMessage("'vpn.example.org' cannot be resolved");
    }

    @Test
    void aNameServerThatHangsIsNotWaitedFor() {
        CountDownLatch never = new CountDownLatch(1);
        Resolver.Names hanging = _ -> {
            try {
                never.await();
            } catch (InterruptedException given) {
                throw new IllegalStateException(given);
            }
            return new InetAddress[0];
        };
        assertThatThrownBy(() -> resolve(peer("192.0.2.1", "vpn.example.org"), _ -> Optional.of(SOURCE), hanging))
                .hasMessageContaining("'vpn.example.org' was not resolved within");
    }

    @Test
    void theFirstMessageGoesFromIkePortToIkePortUnlessThePeerListensOnTheOther() {
        Ends ends = new Ends(SOURCE, ip("192.0.2.2"));
        assertThat(Caller.path(peer("192.0.2.1", "192.0.2.2"), ends, Settings.Ports.STANDARD))
                .isEqualTo(new Path(SOURCE, 500, ip("192.0.2.2"), 500));
        assertThat(Caller.path(peer("192.0.2.1", "192.0.2.2, port: 4500"), ends, Settings.Ports.STANDARD))
                .isEqualTo(new Path(SOURCE, 4500, ip("192.0.2.2"), 4500));
        assertThat(Caller.path(peer("192.0.2.1", "192.0.2.2"), ends, new Settings.Ports(1500, 1501)))
                .isEqualTo(new Path(SOURCE, 1500, ip("192.0.2.2"), 1500));
    }
}
