package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.v1.FragmentPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;

/** IKEv1's pieces of messages, which anybody on the way can send. */
class FragmentsV1Test {
    private static int kept(World world) {
        return world.session(world.sun).reassembly().orElseThrow().octets();
    }

    private static void piece(World world, int id, int number) {
        PhaseV1.Up up = (PhaseV1.Up) world.session(world.sun).phase();
        IsakmpHeader header = IsakmpHeader.of(
                up.sa().initiatorCookie(), up.sa().responderCookie(), IsakmpExchange.IDENTITY_PROTECTION, false, 0);
        Bytes datagram = IsakmpCodec.encode(header, List.of(new FragmentPayload(id, number, false, Bytes.wrap(new byte[100]))));
        world.network.send(world.moon, new Path(world.moon.address, 500, world.sun.address, 500), datagram);
        world.network.run(100);
    }

    @Test
    void piecesOfAMessageThatDoesNotBecomeWholeAreForgotten() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1()).established(1);
        piece(world, 7, 1);
        world.network.run(20_000);
        piece(world, 7, 3);
        assertThat(kept(world)).isEqualTo(200);
        world.network.run(9_000);
        assertThat(kept(world)).isEqualTo(200);
        world.network.run(2_000);
        assertThat(kept(world)).as("30 seconds after the first").isZero();
        piece(world, 7, 2);
        assertThat(kept(world)).as("and may come anew").isEqualTo(100);
        piece(world, 8, 1);
        world.network.run(29_000);
        assertThat(kept(world)).as("those of another message have their own time").isEqualTo(100);
        world.assertSameChildren();
    }
}
