package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.agent.daemon.IkeCounters.Counter;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Session;

final class IkeCountersTest {
    private static final int REQUEST = 0x08;
    private static final int RESPONSE = 0x20;

    private final IkeCounters counters = new IkeCounters();
    private final Session session = Samples.tunnel(Samples.settings(Samples.policies()));

    /** HDR with nothing but an Encrypted payload, or with fragment {@code fragment} of it. */
    private static Bytes message(int exchange, int flags, int fragment) {
        ByteWriter body = new ByteWriter();
        if (fragment > 0) {
            body.u8(0).u8(0).u16(8).u16(fragment).u16(3);
        }
        return new ByteWriter().i64(1).i64(2).u8(fragment > 0 ? 53 : 46).u8(0x20).u8(exchange).u8(flags).i32(1).i32(28 + body.length())
                .bytes(body.toBytes()).toBytes();
    }

    private Output sends(Bytes datagram) {
        return new Output.Act(session, new Action.Send(session.path(), datagram));
    }

    private long of(Counter counter) {
        return counters.all().getOrDefault(counter, -1L);
    }

    /** As the peer's next request leaves it. */
    private Session afterANewRequest() {
        IkeSa sa = session.phase().ikeSa().orElseThrow();
        IkeSa next = new IkeSa(sa.initiatorSpi(), sa.responderSpi(), true, sa.suite(), sa.keys(), 0, sa.window().answered(List.of()), true);
        return session.withPhase(session.phase().withIkeSa(next));
    }

    @Test
    void aMessageCountsOnceForAllAndOnceForItsPeer() {
        counters.sent(List.of(sends(message(34, REQUEST, 0))));
        counters.received(message(34, RESPONSE, 0), Optional.of(session), Optional.of(afterANewRequest()), List.of(sends(message(35, REQUEST, 0))));
        assertThat(of(Counter.IKE_INIT_OUT_REQ)).isOne();
        assertThat(of(Counter.IKE_INIT_IN_RESP)).isOne();
        assertThat(of(Counter.IKE_AUTH_OUT_REQ)).as("counted when the step is done, not with the datagram").isZero();
        assertThat(counters.byPeer()).hasEntrySatisfying("ab", sums -> assertThat(sums).containsEntry(Counter.IKE_INIT_OUT_REQ, 1L));
    }

    @Test
    void whatIsSentOrReceivedAgainDoesNotCount() {
        counters.sent(List.of(new Output.Act(session, new Action.Emit(new Event.Retransmitted(1, 1))), sends(message(37, REQUEST, 0))));
        counters.received(message(37, REQUEST, 0), Optional.of(session), Optional.of(session.heardAt(1)), List.of());
        assertThat(counters.all().values()).containsOnly(0L);
    }

    @Test
    void aMessageInFragmentsCountsOnce() {
        counters.sent(List.of(sends(message(35, REQUEST, 1)), sends(message(35, REQUEST, 2)), sends(message(35, REQUEST, 3))));
        assertThat(of(Counter.IKE_AUTH_OUT_REQ)).isOne();
    }

    @Test
    void whatIsDroppedIsInvalidAndNoMessage() {
        Event.Dropped dropped = new Event.Dropped(Event.Rule.UNAUTHENTIC, "");
        counters.happened(Optional.of(session), dropped);
        counters.received(message(37, REQUEST, 0), Optional.of(session), Optional.of(session), List.of(new Output.Act(session, new Action.Emit(dropped))));
        counters.dropped(Optional.empty(), Event.Rule.UNKNOWN_SPI);
        assertThat(of(Counter.INVALID)).isOne();
        assertThat(of(Counter.INVALID_SPI)).isOne();
        assertThat(of(Counter.INFO_IN_REQ)).isZero();
    }

    @Test
    void aResetForgetsWhatItIsAskedTo() {
        counters.happened(Optional.of(session), new Event.ChildRekeyed(session.children().getFirst(), session.children().getFirst()));
        counters.reset("nobody");
        counters.reset();
        assertThat(of(Counter.CHILD_REKEY)).isZero();
        assertThat(counters.byPeer().get("ab")).containsEntry(Counter.CHILD_REKEY, 1L);
        counters.reset("ab");
        assertThat(counters.byPeer()).isEqualTo(Map.of());
    }
}
