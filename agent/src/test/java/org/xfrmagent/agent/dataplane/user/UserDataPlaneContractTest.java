package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.dataplane.SiteToSite.HERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.LOCAL_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.REMOTE_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.THERE;
import static org.xfrmagent.agent.dataplane.SiteToSite.inbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.outbound;
import static org.xfrmagent.agent.dataplane.SiteToSite.protect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneContract;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.netlink.linux.UdpSocket;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** The contract on the userspace plane, in a namespace of its own whose outer packets nobody receives. */
@Tag("netns")
class UserDataPlaneContractTest extends DataPlaneContract {
    private Namespaces namespaces = none();

    private static Namespaces none() {
        try {
            return new Namespaces();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    protected DataPlane open() throws Exception {
        namespaces = new Namespaces("gw", "peer");
        namespaces.link("gw", "wan", "peer", "eth");
        namespaces.in("gw", "ip address add 192.0.2.1/24 dev wan");
        namespaces.in("gw", "ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev wan nud permanent");
        namespaces.in("gw", "ip address add 192.0.2.11/24 dev wan");
        namespaces.in("gw", "ip neighbour add 192.0.2.12 lladdr 02:00:00:00:00:02 dev wan nud permanent");
        namespaces.in("gw", "ip address add 10.1.0.1/32 dev lo");
        return namespaces.call("gw", () -> UserDataPlane.open(UserPlaneOptions.with(EspInUdp.none())));
    }

    @AfterEach
    void leave() throws Exception {
        namespaces.close();
    }

    @Override
    protected void send(int packets) throws Exception {
        namespaces.call("gw", () -> {
            try (UdpSocket socket = UdpSocket.open(new InetSocketAddress(LOCAL_HOST, 0), UdpSocket.Options.PLAIN)) {
                for (int i = 0; i < packets; i++) {
                    socket.send(LOCAL_HOST, new InetSocketAddress(REMOTE_HOST, 9), new byte[100]);
                }
            }
            return packets;
        });
    }

    @Override
    protected boolean knowsMarks() {
        return false;
    }

    @Test
    void what_it_cannot_do_is_refused_with_a_sentence() {
        SaSpec sa = outbound(0xc0ffee01, SaLimits.NONE);
        SaSpec blind = new SaSpec(
                inbound(0xc0ffee02, SaLimits.NONE).id(), THERE, Direction.IN, Mode.TUNNEL, 1, sa.keys(), Optional.empty(), 0, true,
                SaLimits.NONE, Optional.empty(), OptionalInt.empty());
        assertRefused(blind, "extended sequence numbers need a replay window");
        assertRefused(new SaSpec(
                sa.id(), HERE, Direction.OUT, Mode.TUNNEL, 1, sa.keys(), Optional.empty(), 0, false, SaLimits.NONE, Optional.empty(),
                OptionalInt.of(7)), "no xfrm interfaces");
        assertRefused(new SaSpec(
                new SaId(THERE, Protocol.AH, 0xc0ffee03), HERE, Direction.OUT, Mode.TUNNEL, 1, sa.keys(), Optional.empty(), 0, false,
                SaLimits.NONE, Optional.empty(), OptionalInt.empty()), "AH needs an integrity algorithm alone");
    }

    private void assertRefused(SaSpec sa, String why) {
        assertThat(plane().apply(List.of(new Operation.AddSa(sa)))).isInstanceOfSatisfying(
                Outcome.Refused.class, refused -> assertThat(refused.reason()).contains(why));
        assertThat(plane().installed().sas()).isEmpty();
    }

    /** The kernel says no to a route: the interface is gone. Then the SA and the policy are not there either. */
    @Test
    void when_the_kernel_refuses_the_routes_nothing_has_happened() throws Exception {
        namespaces.in("gw", "ip link delete " + UserPlaneOptions.TUN_NAME);
        Outcome outcome = plane().apply(List.of(
                new Operation.AddSa(outbound(0xc0ffee01, SaLimits.NONE)),
                new Operation.AddPolicy(protect(Direction.OUT, 1000, OptionalInt.empty()))));
        assertThat(outcome).isInstanceOfSatisfying(
                Outcome.Refused.class, refused -> assertThat(refused.reason()).contains("the kernel refused"));
        assertThat(plane().installed().sas()).isEmpty();
        assertThat(plane().installed().policies()).isEmpty();
    }
}
