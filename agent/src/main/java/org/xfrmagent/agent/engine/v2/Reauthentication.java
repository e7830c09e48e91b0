package org.xfrmagent.agent.engine.v2;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Defaults;

/**
 * How long an authentication is good for (RFC 7296, section 2.8.3; RFC 4478). Rekeying does not renew it: only a new IKE SA does, which
 * the original initiator makes with all children before it deletes the old one.
 *
 * <pre>
 *   initiator   authenticated ──────────── reauth less jitter: new IKE SA ── all children there: old one deleted
 *   responder   authenticated, N(AUTH_LIFETIME) to the peer ──────────────────── reauth and a tenth: deleted
 * </pre>
 */
public final class Reauthentication {
    /** A peer's limit is kept with so much to spare, a tenth of it at most: the new IKE SA has to be there in time. */
    private static final long MARGIN_MILLIS = 60_000;

    /** A reauthentication that failed is tried again after at least this, and up to twice as much. */
    private static final long RETRY_MILLIS = 30_000;

    private Reauthentication() {}

    private static Optional<Duration> limit(Profile profile) {
        return Optional.of(profile.peer().reauthentication()).filter(Duration::isPositive);
    }

    /** The shorter one of what the policy says, and of what whoever has judged the user does. */
    private static Optional<Duration> limit(Profile profile, Optional<Duration> term) {
        return Stream.of(limit(profile), term.filter(Duration::isPositive)).flatMap(Optional::stream).min(Comparator.naturalOrder());
    }

    // ---- initiator

    /** The IKE SA is up: when it is to be followed, if the policy says so. */
    static void schedule(Turn turn, Profile profile) {
        limit(profile).ifPresent(limit -> {
            double soft = profile.peer().ikeLifetimes().seconds().jitter().early(limit.toSeconds(), turn.at().entropy().nextDouble());
            turn.queueIn(Math.max(1, Math.round(soft * 1000)), new Task.Reauthenticate());
        });
    }

    /** RFC 4478, section 3: the responder says how long it takes us for who we are. Earlier if we have planned so. */
    static void obey(Turn turn, List<Payload> payloads) {
        Optional<NotifyPayload> told = Payload.notification(payloads, Notify.AUTH_LIFETIME);
        if (told.isEmpty() || !turn.session().initiator()) {
            return;
        }
        long lifetime = NotifyData.lifetime(told.get()).toMillis();
        long margin = Math.min(MARGIN_MILLIS, lifetime / 10);
        long at = turn.now() + Math.max(1, lifetime - margin - Math.round(margin * turn.at().entropy().nextDouble()));
        boolean sooner = turn.session().delayed().due(at).stream().anyMatch(later -> later.task() instanceof Task.Reauthenticate);
        turn.emit(new Event.Remark("the peer wants us to authenticate ourselves anew within " + lifetime / 1000 + " s"));
        if (!sooner) {
            turn.queueIn(at - turn.now(), new Task.Reauthenticate());
        }
    }

    /** The endpoint makes the new IKE SA: it is a session of its own. */
    static void begin(Turn turn) {
        turn.emit(turn.session().notAnew().<Event>map(Event.Remark::new).orElseGet(Event.ReauthenticationDue::new));
    }

    /** It could not be made. */
    public static void later(Turn turn) {
        if (turn.session().phase() instanceof Phase.Established) {
            turn.queueIn(RETRY_MILLIS + Math.floorMod(turn.at().entropy().nextLong(), RETRY_MILLIS), new Task.Reauthenticate());
        }
    }

    // ---- responder

    /** What the initiator is told beside our AUTH. */
    static List<Payload> demand(Profile profile, Optional<Duration> term) {
        return limit(profile, term).map(NotifyData::authLifetime).<List<Payload>>map(List::of).orElse(List.of());
    }

    /** Milliseconds until a peer that has not authenticated itself anew is let go; it may have to try twice. */
    static OptionalLong patience(Turn turn, Profile profile) {
        if (turn.session().initiator() || !(turn.session().phase() instanceof Phase.Established established)) {
            return OptionalLong.empty();
        }
        Optional<Duration> limit = limit(profile, established.term());
        return limit.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, established.since() + Defaults.hardLimit(limit.get().toSeconds()) * 1000 - turn.now()));
    }
}
