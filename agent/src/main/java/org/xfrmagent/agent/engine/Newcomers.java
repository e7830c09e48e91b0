package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.AggressiveMode;
import org.xfrmagent.agent.engine.v1.MainMode;
import org.xfrmagent.agent.engine.v1.Objection;
import org.xfrmagent.agent.engine.v2.IkeSaInit;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Ip;

/**
 * The first request of somebody we know nothing about: retransmission, cookie, limits, and only then Diffie-Hellman and a session
 * (RFC 7296, section 2.6).
 */
final class Newcomers {
    /** What an initiator is before its session has a name: its address and SPI. */
    private record Caller(InetAddress address, int port, long spi) {
        static Caller of(Path path, long initiatorSpi) {
            return new Caller(path.remote(), path.remotePort(), initiatorSpi);
        }
    }

    /**
     * Replies and notes; and the first step of a new session, if there is one.
     *
     * @param makesWay the half-open session that ends for it
     */
    record Reception(List<Output> outputs, Optional<Step> step, Optional<Long> makesWay) {
        static Reception of(Output... outputs) {
            return new Reception(List.of(outputs), Optional.empty(), Optional.empty());
        }
    }

    /** A genuine initiator sends IKE_AUTH within a round trip or two: one that has not after so long makes way when all places are taken. */
    private static final long SLOW_MILLIS = 3_000;

    /** Octets of an IKE_SA_INIT, which is kept until it is authenticated. The largest useful one has some 4000. */
    static final int LARGEST_REQUEST = 8_192;

    private static final int COOKIE_KEY_OCTETS = 32;

    /** What says that a version is not ours; it answers nothing that is smaller. */
    private static final int INVALID_VERSION_OCTETS = Header.LENGTH + 8;

    private final int shard;
    private final LongSupplier sessionIds;
    /** Also asked by those who read datagrams. */
    private volatile HalfOpenLimits limits;
    private Optional<Secret> cookieKey = Optional.empty();
    private Optional<Cookies> cookies = Optional.empty();
    /** Also asked by those who read datagrams. */
    private final Map<Caller, Session> callers = new ConcurrentHashMap<>();
    private final Map<Long, Caller> bySession = new HashMap<>();
    /** By id, the longest waiting first, with the time when each began. */
    private final Map<Long, Long> waiting = new LinkedHashMap<>();
    private final Crowd crowd = new Crowd();
    private final ErrorBudget errors = new ErrorBudget();
    private volatile int halfOpen;
    private boolean refusing;

    Newcomers(int shard, HalfOpenLimits limits, LongSupplier sessionIds) {
        this.limits = limits;
        this.shard = shard;
        this.sessionIds = sessionIds;
    }

    /** The key of all cookies here; drawn when it is first asked for. */
    Secret cookieKey(Moment at) {
        Secret key = cookieKey.orElseGet(() -> Secret.copyOf(at.random(COOKIE_KEY_OCTETS)));
        cookieKey = Optional.of(key);
        return key;
    }

    private Cookies cookies(Moment at) {
        Cookies ours = cookies.orElseGet(() -> new Cookies(cookieKey(at)));
        cookies = Optional.of(ours);
        return ours;
    }

    /** Any thread may ask. */
    boolean isCaller(Path path, long initiatorSpi) {
        return callers.containsKey(Caller.of(path, initiatorSpi));
    }

    /** Any thread may ask. */
    boolean isCrowded(int more) {
        return halfOpen + more >= limits.cookiesFrom();
    }

    /** Whether this address, or its network, has all the places that it may have. Any thread may ask. */
    boolean isFull(InetAddress address) {
        HalfOpenLimits now = limits;
        return crowd.ofAddress(address) >= now.perAddress()
                || crowd.ofNetwork(address) >= Math.max(now.perAddress(), now.total() / Crowd.NETWORKS);
    }

    /** The policies changed. */
    void limit(HalfOpenLimits next) {
        limits = next;
    }

    /** From here on nobody new is answered: the agent is stopping. */
    void refuseAll() {
        refusing = true;
    }

    /** RFC 7296, section 2.5: a higher version is told ours. Version 1 is not answered at all (RFC 9395). */
    List<Output> otherVersion(Path path, Header header, Moment at) {
        Output note = drop(Rule.MALFORMED, path, "speaks IKE version " + header.majorVersion());
        if (header.majorVersion() < 2 || header.response() || header.length() < INVALID_VERSION_OCTETS || !errors.allows(at)) {
            return List.of(note);
        }
        Header answer = new Header(
                header.initiatorSpi(), header.responderSpi(), 0, Header.IKEV2, header.exchange(), false, true, false, header.messageId(),
                Header.LENGTH);
        return List.of(
                note, new Output.Reply(path, MessageCodec.encode(answer, List.of(NotifyPayload.of(Notify.INVALID_MAJOR_VERSION)))));
    }

    /**
     * The first message of IKEv1's main or aggressive mode, from an address whose peer the policies want it with (RFC 9395); anything
     * else is not answered. Nor is what the peers of that address do not speak, so that nobody learns what is configured.
     */
    Reception receiveV1(Path path, Bytes datagram, Header header, Settings settings, Moment at) {
        List<Profile> candidates = phase1(header.exchange()).map(mode -> Candidates.of(path, settings, mode)).orElse(List.of());
        boolean first = header.initiatorSpi() != 0
                && header.responderSpi() == 0
                && header.messageId() == 0;
        if (!first || candidates.isEmpty()) {
            return Reception.of(drop(Rule.UNKNOWN_SPI, path, "sent a message of IKE version 1 that belongs to no session of a peer"));
        }
        Optional<Session> known = Optional.ofNullable(callers.get(Caller.of(path, header.initiatorSpi())));
        if (known.isPresent()) {
            Optional<PhaseV1.Answer> answer = known.map(Session::phase)
                    .flatMap(phase -> phase instanceof PhaseV1 v1 ? v1.firstAnswer() : Optional.empty())
                    .filter(said -> said.request().equals(datagram));
            return answer.isPresent()
                    ? Reception.of(new Output.Reply(path, answer.get().reply()))
                    : Reception.of(drop(Rule.OUT_OF_WINDOW, path, "sent a first message again that was answered"));
        }
        int here = crowd.ofAddress(path.remote());
        if (refusing || halfOpen >= limits.total() || here >= limits.perAddress()) {
            return Reception.of(drop(Rule.OVERLOADED, path, "is one too many: " + halfOpen + " half-open, " + here + " of that address"));
        }
        return beginV1(path, datagram, settings, candidates, at);
    }

    private static Optional<IkeVersion> phase1(int exchange) {
        return exchange == IsakmpExchange.IDENTITY_PROTECTION.number()
                ? Optional.of(IkeVersion.V1_MAIN)
                : exchange == IsakmpExchange.AGGRESSIVE.number() ? Optional.of(IkeVersion.V1_AGGRESSIVE) : Optional.empty();
    }

    private Reception beginV1(Path path, Bytes datagram, Settings settings, List<Profile> candidates, Moment at) {
        try {
            IsakmpMessage message = IsakmpCodec.decode(datagram);
            if (!(message.body() instanceof IsakmpMessage.Clear(Chain chain))) {
                return Reception.of(drop(Rule.MALFORMED, path, "sent an encrypted first message"));
            }
            Session fresh = Session.fresh(
                    sessionIds.getAsLong(), shard, false, false, settings, Optional.empty(), path, at.millis());
            Turn turn = new Turn(fresh, at);
            if (candidates.getFirst().peer().ike() == IkeVersion.V1_AGGRESSIVE) {
                AggressiveMode.respond(turn, message.header(), chain, datagram, candidates);
            } else {
                MainMode.respond(turn, message.header(), chain, datagram, candidates);
            }
            bySession.put(fresh.id(), Caller.of(path, message.header().initiatorCookie()));
            return new Reception(List.of(), Optional.of(turn.finish()), Optional.empty());
        } catch (Malformed malformed) {
            return Reception.of(drop(Rule.MALFORMED, path, String.valueOf(malformed.getMessage())));
        } catch (Objection objection) {
            return Reception.of(new Output.Note(
                    new Event.Refused(objection.notifyType().name(), Ip.text(path.remote()) + " " + objection.detail())));
        } catch (RuntimeException bug) {
            return Reception.of(drop(Rule.BUG, path, Sessions.describe(bug)));
        }
    }

    Reception receive(Path path, Bytes datagram, Header header, Settings settings, Moment at) {
        if (header.initiatorSpi() == 0 || header.responderSpi() != 0 || header.messageId() != 0 || !header.initiator()) {
            return Reception.of(drop(Rule.MALFORMED, path, "sent an IKE_SA_INIT request with a header that none has"));
        }
        Optional<Session> known = Optional.ofNullable(callers.get(Caller.of(path, header.initiatorSpi())));
        if (known.isPresent()) {
            return retransmission(path, datagram, known.get());
        }
        if (refusing) {
            return Reception.of(drop(Rule.OVERLOADED, path, "calls while the agent is stopping"));
        }
        if (datagram.length() > LARGEST_REQUEST) {
            return Reception.of(drop(Rule.MALFORMED, path, "sent an IKE_SA_INIT of " + datagram.length() + " octets"));
        }
        Message message;
        try {
            message = MessageCodec.decode(datagram);
        } catch (Malformed malformed) {
            return Reception.of(drop(Rule.MALFORMED, path, String.valueOf(malformed.getMessage())));
        }
        return consider(path, datagram, message, settings, at);
    }

    /** Section 2.1: the identical request gets the identical answer; any other with the same SPI gets none. */
    private static Reception retransmission(Path path, Bytes datagram, Session session) {
        Optional<Phase.Transcript> transcript = session.phase().unproven().filter(messages -> messages.request().equals(datagram));
        if (transcript.isPresent()) {
            return Reception.of(new Output.Reply(path, transcript.get().response()));
        }
        return Reception.of(drop(Rule.OUT_OF_WINDOW, path, "sent an IKE_SA_INIT again that was answered"));
    }

    private Reception consider(Path path, Bytes datagram, Message message, Settings settings, Moment at) {
        Optional<NoncePayload> nonce = Payload.first(message.payloads(), NoncePayload.class);
        if (nonce.isEmpty()) {
            return Reception.of(drop(Rule.MALFORMED, path, "sent an IKE_SA_INIT without a nonce"));
        }
        // Whoever comes back with our cookie is where it says it is: it may be told errors, and be given a place.
        long spi = message.header().initiatorSpi();
        boolean shown = Payload.notification(message.payloads(), Notify.COOKIE)
                .filter(cookie -> cookies(at).valid(cookie.data(), nonce.get().data(), path, spi, at.millis()))
                .isPresent();
        int here = crowd.ofAddress(path.remote());
        if (!shown && (isCrowded(0) || here >= limits.cookiesFromPerAddress())) {
            return challenge(path, datagram, spi, nonce.get(), at);
        }
        OptionalInt critical = Payload.unsupportedCritical(message.payloads());
        if (critical.isPresent()) {
            return refuse(
                    path, message, shown, NotifyData.unsupportedCriticalPayload(critical.getAsInt()), "sent an unknown critical payload", at);
        }
        List<Profile> candidates = Candidates.of(path, settings, IkeVersion.V2);
        if (candidates.isEmpty()) {
            return refuse(path, message, shown, NotifyPayload.of(Notify.NO_PROPOSAL_CHOSEN), "is no peer of any policy", at);
        }
        if (isFull(path.remote())) {
            int near = crowd.ofNetwork(path.remote());
            return Reception.of(drop(Rule.OVERLOADED, path, "is one too many: " + here + " of that address are half-open, " + near + " of its network"));
        }
        Optional<Long> slow = Optional.empty();
        if (halfOpen >= limits.total()) {
            slow = slowest(at);
            if (slow.isEmpty()) {
                return Reception.of(drop(Rule.OVERLOADED, path, "is one too many: " + halfOpen + " are half-open"));
            }
        }
        return begin(path, datagram, message, settings, candidates, shown, slow, at);
    }

    /** A cookie, unless that would be more than was sent: the address may be another's. */
    private Reception challenge(Path path, Bytes datagram, long spi, NoncePayload nonce, Moment at) {
        Output reply = reply(path, spi, NotifyPayload.of(Notify.COOKIE, cookies(at).make(nonce.data(), path, spi, at.millis())));
        return reply instanceof Output.Reply(_, Bytes octets) && octets.length() <= datagram.length()
                ? Reception.of(reply)
                : Reception.of(drop(Rule.MALFORMED, path, "sent an IKE_SA_INIT of " + datagram.length() + " octets"));
    }

    private Optional<Long> slowest(Moment at) {
        return waiting.entrySet().stream()
                .findFirst()
                .filter(oldest -> at.millis() - oldest.getValue() >= SLOW_MILLIS)
                .map(Map.Entry::getKey);
    }

    private Reception begin(
            Path path, Bytes datagram, Message message, Settings settings, List<Profile> candidates, boolean shown, Optional<Long> slow,
            Moment at) {
        Session fresh = Session.fresh(
                sessionIds.getAsLong(), shard, false, false, settings, Optional.empty(), path, at.millis());
        Turn turn = new Turn(fresh, at);
        try {
            IkeSaInit.respond(turn, message, datagram, candidates);
            Step step = turn.finish();
            Caller caller = Caller.of(path, message.header().initiatorSpi());
            bySession.put(fresh.id(), caller);
            return new Reception(List.of(), Optional.of(step), slow);
        } catch (Refusal refusal) {
            return refuse(path, message, shown, refusal.payload(), refusal.detail(), at);
        } catch (RuntimeException bug) {
            return Reception.of(drop(Rule.BUG, path, Sessions.describe(bug)));
        }
    }

    /** Keeps count of half-open sessions, and forgets callers whose session is gone. */
    void changed(Optional<Session> before, Session next, Moment at) {
        boolean was = before.isPresent() && isHalfOpen(before.get());
        boolean is = isHalfOpen(next);
        Optional<Caller> caller = Optional.ofNullable(bySession.get(next.id()));
        if (caller.isEmpty()) {
            return;
        }
        if (was != is) {
            count(next.id(), caller.get().address(), is, at);
        }
        if (next.isClosed()) {
            callers.remove(caller.get());
            bySession.remove(next.id());
        } else {
            callers.put(caller.get(), next);
        }
    }

    private static boolean isHalfOpen(Session session) {
        return session.phase().unproven().isPresent() || session.phase() instanceof PhaseV1 v1 && v1.isHalfOpen();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others look
    private void count(long session, InetAddress address, boolean more, Moment at) {
        crowd.count(address, more ? 1 : -1);
        halfOpen += more ? 1 : -1;
        if (more) {
            waiting.put(session, at.millis());
        } else {
            waiting.remove(session);
        }
    }

    /** @param shown whether it is known to be where it says: then we owe it an answer, else only now and then */
    private Reception refuse(Path path, Message message, boolean shown, NotifyPayload notify, String why, Moment at) {
        if (!shown && !errors.allows(at)) {
            return Reception.of(drop(Rule.OVERLOADED, path, why));
        }
        return Reception.of(
                reply(path, message.header().initiatorSpi(), notify),
                new Output.Note(new Event.Refused(Notify.nameOf(notify.type()), Ip.text(path.remote()) + " " + why)));
    }

    /** Section 2.6 and 2.21.1: an answer in the clear, with no SPI of ours. */
    private static Output reply(Path path, long initiatorSpi, NotifyPayload notify) {
        Header header = Header.of(initiatorSpi, 0, ExchangeType.IKE_SA_INIT, false, true, 0);
        return new Output.Reply(path, MessageCodec.encode(header, List.of(notify)));
    }

    private static Output drop(Rule rule, Path path, String detail) {
        return new Output.Note(new Event.Dropped(rule, Ip.text(path.remote()) + " " + detail));
    }
}
