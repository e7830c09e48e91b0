package org.xfrmagent.agent.engine;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.FirstGlance;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;

/**
 * Stands before an {@link Endpoint}, on the thread that reads datagrams, and decides from a header what each is worth: a flood costs
 * one comparison or one HMAC a datagram here, and never the time of the thread that has the sessions.
 *
 * <pre>
 *   datagram → header → our SPI?    → known: to its session, before anybody new
 *                     → IKE_SA_INIT → few are waiting:  a stranger, may be answered
 *                                   → many are waiting: none of a network that has all its places;
 *                                                       with a valid cookie a stranger, else a cookie and nothing stored
 *                     → anything else is dropped
 * </pre>
 *
 * <p>Does no I/O and stores nothing about anybody. One for each reading thread.
 */
public final class Doorkeeper {
    /** What is to be done with a datagram. */
    public sealed interface Verdict {
        /** For a session that exists. */
        record Known() implements Verdict {}

        /** From somebody new; may wait, and be forgotten when too many do. */
        record Stranger() implements Verdict {}

        /** Show first that you receive what we send to your address. */
        record Challenge(Bytes reply) implements Verdict {}

        record Drop(Rule rule) implements Verdict {}
    }

    private static final Verdict KNOWN = new Verdict.Known();
    private static final Verdict STRANGER = new Verdict.Stranger();
    private static final Verdict MALFORMED = new Verdict.Drop(Rule.MALFORMED);
    private static final Verdict UNKNOWN_SPI = new Verdict.Drop(Rule.UNKNOWN_SPI);
    private static final Verdict OVERLOADED = new Verdict.Drop(Rule.OVERLOADED);

    private static final int IKEV2_MAJOR = 2;

    /** While more strangers wait, somebody new goes before somebody who repeats himself. */
    private static final int MOST_BEFORE_REPETITIONS = 64;

    private final Endpoint endpoint;
    private final Cookies cookies;

    /** @param cookieKey the one that the endpoint has */
    Doorkeeper(Endpoint endpoint, Secret cookieKey) {
        this.endpoint = endpoint;
        this.cookies = new Cookies(cookieKey);
    }

    /**
     * @param waiting strangers that the endpoint has not seen yet
     * @param now the endpoint's clock, in milliseconds
     */
    public Verdict examine(Path path, Bytes datagram, int waiting, long now) {
        if (datagram.length() < Header.LENGTH || datagram.i32(Header.LENGTH - 4) != datagram.length()) {
            return MALFORMED;
        }
        FirstGlance glance = new FirstGlance(datagram);
        boolean crowded = endpoint.isCrowded(waiting);
        if (glance.majorVersion() != IKEV2_MAJOR) {
            // What comes next in another version is between both SPIs.
            return endpoint.isSpi(glance.initiatorSpi()) || endpoint.isSpi(glance.responderSpi()) ? KNOWN : crowded ? OVERLOADED : STRANGER;
        }
        boolean first = glance.exchange() == ExchangeType.IKE_SA_INIT.number() && !glance.isResponse() && glance.responderSpi() == 0;
        if (!first) {
            return endpoint.isSpi(glance.isFromInitiator() ? glance.responderSpi() : glance.initiatorSpi()) ? KNOWN : UNKNOWN_SPI;
        }
        if (!crowded) {
            return STRANGER;
        }
        if (endpoint.isCaller(path, glance.initiatorSpi())) {
            // Its answer was lost; a cookie would make another request of the one that we have answered.
            return waiting < MOST_BEFORE_REPETITIONS ? STRANGER : OVERLOADED;
        }
        return endpoint.isFull(path.remote()) ? OVERLOADED : ask(path, glance, now);
    }

    private Verdict ask(Path path, FirstGlance glance, long now) {
        Optional<Bytes> nonce = glance.nonce();
        if (nonce.isEmpty()) {
            return MALFORMED;
        }
        long spi = glance.initiatorSpi();
        if (glance.cookie().filter(cookie -> cookies.valid(cookie, nonce.get(), path, spi, now)).isPresent()) {
            return STRANGER;
        }
        Header header = Header.of(spi, 0, ExchangeType.IKE_SA_INIT, false, true, 0);
        Bytes reply = MessageCodec.encode(
                header, List.of(NotifyPayload.of(Notify.COOKIE, cookies.make(nonce.get(), path, spi, now))));
        // Whoever forges the address of another must not make us send that more than was sent to us.
        return reply.length() <= glance.length() ? new Verdict.Challenge(reply) : MALFORMED;
    }
}
