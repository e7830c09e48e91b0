package org.xfrmagent.agent.daemon;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.PayloadType;

/**
 * Messages of IKEv2 and what came of them, in all and by peer, as charon's plugin "counters" has them: a request that is sent again
 * counts once, and so does a message in fragments (RFC 7383). Counted on the shards' threads, read by anybody.
 */
public final class IkeCounters {
    /** Where the number of a fragment is, if the first payload is an Encrypted Fragment (RFC 7383, section 2.5). */
    private static final int FRAGMENT_NUMBER_OFFSET = Header.LENGTH + 4;
    private static final int NEXT_PAYLOAD_OFFSET = 16;
    private static final int FLAGS_OFFSET = 19;
    private static final int RESPONSE_BIT = 0x20;

    /** In charon's order. */
    public enum Counter {
        IKE_REKEY_INIT,
        IKE_REKEY_RESP,
        CHILD_REKEY,
        INVALID,
        INVALID_SPI,
        IKE_INIT_IN_REQ,
        IKE_INIT_IN_RESP,
        IKE_INIT_OUT_REQ,
        IKE_INIT_OUT_RESP,
        IKE_AUTH_IN_REQ,
        IKE_AUTH_IN_RESP,
        IKE_AUTH_OUT_REQ,
        IKE_AUTH_OUT_RESP,
        CREATE_CHILD_IN_REQ,
        CREATE_CHILD_IN_RESP,
        CREATE_CHILD_OUT_REQ,
        CREATE_CHILD_OUT_RESP,
        INFO_IN_REQ,
        INFO_IN_RESP,
        INFO_OUT_REQ,
        INFO_OUT_RESP;

        /** {@code ike-init-in-req} */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final class Tally {
        private final Map<Counter, LongAdder> adders = new EnumMap<>(Counter.class);

        private Tally() {
            for (Counter counter : Counter.values()) {
                adders.put(counter, new LongAdder());
            }
        }

        private Map<Counter, Long> sums() {
            Map<Counter, Long> sums = new EnumMap<>(Counter.class);
            adders.forEach((counter, adder) -> sums.put(counter, adder.sum()));
            return Collections.unmodifiableMap(sums);
        }

        private void count(Counter counter) {
            LongAdder adder = adders.get(counter);
            if (adder != null) {
                adder.increment();
            }
        }

        private void reset() {
            adders.values().forEach(LongAdder::reset);
        }
    }

    private final Tally all = new Tally();
    /** Only of configured peers: strangers cannot make it grow. */
    private final Map<String, Tally> peers = new ConcurrentHashMap<>();

    public Map<Counter, Long> all() {
        return all.sums();
    }

    /** Those that have counted anything, by name. */
    public Map<String, Map<Counter, Long>> byPeer() {
        Map<String, Map<Counter, Long>> sums = new TreeMap<>();
        peers.forEach((name, tally) -> sums.put(name, tally.sums()));
        return sums;
    }

    public void reset() {
        all.reset();
    }

    public void resetPeers() {
        peers.clear();
    }

    public void reset(String peer) {
        peers.remove(peer);
    }

    /**
     * A datagram that came, and what the endpoint did with it.
     *
     * @param before the session it belongs to, as it was
     * @param after the same session now
     */
    void received(Bytes datagram, Optional<Session> before, Optional<Session> after, List<Output> outputs) {
        if (outputs.stream().noneMatch(IkeCounters::isDrop) && !isRepetition(datagram, before, after)) {
            // Whose it is was known before it, or is not: as with charon, nobody has said who they are before their IKE_AUTH.
            Optional<Session> session = before.or(() -> after).or(() -> outputs.stream().flatMap(output -> session(output).stream()).findFirst());
            message(datagram, true).ifPresent(counter -> count(session, counter));
        }
    }

    /** A whole request that is new moves the window (RFC 7296, section 2.3). */
    private static boolean isRepetition(Bytes datagram, Optional<Session> before, Optional<Session> after) {
        if (isFragment(datagram) || isResponse(datagram)) {
            return false;
        }
        List<Window> earlier = windows(before);
        return !earlier.isEmpty() && earlier.equals(windows(after));
    }

    /** Of the IKE SA, and of those that it has replaced: the peer deletes them. */
    private static List<Window> windows(Optional<Session> session) {
        return session.map(Session::phase).stream()
                .flatMap(phase -> Stream.concat(phase.ikeSa().stream(), phase.retired().stream().map(Phase.Retired::sa)))
                .map(IkeSa::window)
                .toList();
    }

    /** What an endpoint asks for. */
    void sent(List<Output> outputs) {
        if (outputs.stream().anyMatch(output -> output instanceof Output.Act(_, Action.Emit(Event.Retransmitted _)))) {
            return;
        }
        for (Output output : outputs) {
            if (output instanceof Output.Act(Session session, Action.Send(_, Bytes datagram))) {
                message(datagram, false).ifPresent(counter -> count(Optional.of(session), counter));
            }
        }
    }

    /** {@code session} is absent where an event belongs to none. */
    public void happened(Optional<Session> session, Event event) {
        switch (event) {
            case Event.IkeRekeyed _ -> count(session, session.flatMap(it -> it.phase().ikeSa()).filter(IkeSa::initiator).isPresent()
                    ? Counter.IKE_REKEY_INIT : Counter.IKE_REKEY_RESP);
            case Event.ChildRekeyed _ -> count(session, Counter.CHILD_REKEY);
            case Event.Dropped(Event.Rule rule, _) -> dropped(session, rule);
            default -> {}
        }
    }

    void dropped(Optional<Session> session, Event.Rule rule) {
        switch (rule) {
            case MALFORMED, UNAUTHENTIC -> count(session, Counter.INVALID);
            case UNKNOWN_SPI -> count(session, Counter.INVALID_SPI);
            case OUT_OF_WINDOW, OUT_OF_PHASE, OVERLOADED, UNKNOWN_PEER, BUG -> {}
        }
    }

    private static boolean isDrop(Output output) {
        return switch (output) {
            case Output.Note(Event.Dropped _) -> true;
            case Output.Act(_, Action.Emit(Event.Dropped _)) -> true;
            default -> false;
        };
    }

    private static Optional<Session> session(Output output) {
        return output instanceof Output.Act(Session session, _) ? Optional.of(session) : Optional.empty();
    }

    private void count(Optional<Session> session, Counter counter) {
        all.count(counter);
        session.flatMap(Session::profile).ifPresent(profile -> peers.computeIfAbsent(profile.name(), _ -> new Tally()).count(counter));
    }

    private static boolean isResponse(Bytes datagram) {
        return datagram.length() >= Header.LENGTH && (datagram.u8(FLAGS_OFFSET) & RESPONSE_BIT) != 0;
    }

    private static boolean isFragment(Bytes datagram) {
        return datagram.length() >= FRAGMENT_NUMBER_OFFSET + 2 && datagram.u8(NEXT_PAYLOAD_OFFSET) == PayloadType.ENCRYPTED_FRAGMENT.number();
    }

    /** What a datagram counts as; nothing if it is no message of IKEv2, or a later part of one. */
    private static Optional<Counter> message(Bytes datagram, boolean in) {
        if (datagram.length() < Header.LENGTH) {
            return Optional.empty();
        }
        Header header;
        try {
            header = Header.peek(datagram);
        } catch (Malformed none) {
            return Optional.empty();
        }
        if (header.majorVersion() != 2 || isFragment(datagram) && datagram.u16(FRAGMENT_NUMBER_OFFSET) > 1) {
            return Optional.empty();
        }
        return prefix(header).map(prefix -> Counter.valueOf(prefix + (in ? "_IN" : "_OUT") + (header.response() ? "_RESP" : "_REQ")));
    }

    private static Optional<String> prefix(Header header) {
        return header.exchangeType().flatMap(type -> switch (type) {
            case IKE_SA_INIT -> Optional.of("IKE_INIT");
            case IKE_AUTH -> Optional.of("IKE_AUTH");
            case CREATE_CHILD_SA -> Optional.of("CREATE_CHILD");
            case INFORMATIONAL -> Optional.of("INFO");
            default -> Optional.empty();
        });
    }
}
