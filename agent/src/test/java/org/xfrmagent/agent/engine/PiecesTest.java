package org.xfrmagent.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Reassembly;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;

class PiecesTest {
    private static final int PIECE = 16_384;

    private final Pieces pieces = new Pieces();

    private static Session session(long id, int octets) {
        Path path = new Path(Ip.parse("192.0.2.1").orElseThrow(), 500, Ip.parse("192.0.2.2").orElseThrow(), 500);
        Settings settings = new Settings(List.of(), (_, _) -> Optional.empty(), Settings.Ports.STANDARD);
        PhaseV1 phase = new PhaseV1.Offered(id, Bytes.empty(), new PhaseV1.Sent(Bytes.empty(), 1, 0), List.of());
        Map<Integer, Bytes> parts = octets == 0 ? Map.of() : Map.of(1, Bytes.wrap(new byte[octets]));
        return Session.fresh(id, 0, true, true, settings, Optional.empty(), path, 0)
                .withPhase(phase)
                .withReassembly(Optional.of(new Reassembly(false, 1, Integer.MAX_VALUE, 0, parts, 0)));
    }

    private static int octets(Session session) {
        return session.reassembly().orElseThrow().octets();
    }

    @Test
    void allSessionsTogetherKeepNoMoreThanThereIsRoomFor() {
        List<Session> full = new ArrayList<>();
        for (int i = 0; i < Pieces.MOST / PIECE; i++) {
            full.add(pieces.admit(Optional.of(session(i, 0)), session(i, PIECE)));
        }
        assertThat(full).allMatch(session -> octets(session) == PIECE);
        assertThat(octets(pieces.admit(Optional.of(session(9_999, 0)), session(9_999, 1)))).as("one more").isZero();

        pieces.admit(Optional.of(full.getFirst()), session(0, 0));
        assertThat(octets(pieces.admit(Optional.of(session(9_999, 0)), session(9_999, PIECE)))).as("in the place of another").isEqualTo(PIECE);
        assertThat(octets(pieces.admit(Optional.of(full.get(1)), full.get(1)))).as("who has some keeps them").isEqualTo(PIECE);
    }
}
