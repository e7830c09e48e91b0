package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Mobility;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Redirect;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Ip;

/**
 * A gateway sends its clients to another (RFC 5685), which has to prove the identity that the policy expects as the first one had.
 *
 * <pre>
 *   HDR, SA, KE, Ni, N(REDIRECT_SUPPORTED), [N(REDIRECTED_FROM)]  -->   &lt;--  HDR, N(REDIRECT, with Ni)
 *
 *   &lt;--  HDR, SK{N(REDIRECT)}          HDR, SK{}  -->          in an IKE SA that is up
 * </pre>
 */
final class Redirection {
    /** While nobody is authenticated, so many gateways may send us on: MAX_REDIRECTS of RFC 5685. */
    private static final int MOST = 5;

    /** A client that was sent away and stays is let go. */
    private static final long PATIENCE_MILLIS = 30_000;

    private Redirection() {}

    // ---- the client

    /** Whether we may be sent elsewhere, and who has sent us here. */
    static List<Payload> offer(Profile profile, Phase.Course course) {
        if (!profile.peer().followRedirects()) {
            return List.of();
        }
        Payload supported = NotifyPayload.of(Notify.REDIRECT_SUPPORTED);
        return course.redirectedFrom()
                .map(from -> List.of(supported, Redirect.to(Ip.text(from)).as(Notify.REDIRECTED_FROM)))
                .orElseGet(() -> List.of(supported));
    }

    static boolean isAsked(List<Payload> payloads) {
        return Payload.notification(payloads, Notify.REDIRECT).isPresent();
    }

    /** In the answer to IKE_SA_INIT: nobody is authenticated, but only who has read our request knows its nonce (section 3). */
    static void follow(Turn turn, Phase.Initiating phase, Profile profile, List<Payload> payloads) {
        Optional<Redirect> redirect = Payload.notification(payloads, Notify.REDIRECT).flatMap(Redirect::read);
        Optional<InetAddress> gateway = redirect.filter(told -> told.nonce().equals(phase.nonce())).flatMap(told -> gateway(turn, profile, told));
        if (gateway.isEmpty()) {
            // It may be somebody on the way: the true answer may still come.
            turn.emit(new Event.Remark("an answer to IKE_SA_INIT sends us elsewhere and is not followed: "
                    + redirect.map(told -> told.nonce().equals(phase.nonce()) ? "to " + told.gateway() : "it does not have our nonce").orElse("it cannot be read")));
        } else if (phase.course().redirects() >= MOST) {
            Ending.failed(turn, "the peer sends us to " + Ip.text(gateway.get()) + ", after " + MOST + " gateways that have sent us on");
        } else {
            turn.emit(new Event.Remark("the peer sends us to " + Ip.text(gateway.get())));
            IkeSaInit.elsewhere(turn, profile, phase, gateway.get());
        }
    }

    /** In an IKE SA that is up, where the gateway is authenticated. */
    static void obey(Turn turn, List<Payload> payloads) {
        Optional<NotifyPayload> told = Payload.notification(payloads, Notify.REDIRECT);
        if (told.isEmpty() || !turn.session().initiator()) {
            return;
        }
        Optional<Redirect> redirect = Redirect.read(told.get());
        Optional<InetAddress> gateway = redirect.flatMap(to -> turn.session().profile().flatMap(profile -> gateway(turn, profile, to)));
        gateway.ifPresentOrElse(
                address -> turn.emit(new Event.Redirected(address)),
                () -> turn.emit(new Event.Remark("the peer sends us to " + redirect.map(Redirect::gateway).orElse("somebody") + ", and is not followed")));
    }

    /** Where to go, if the policy lets us, and it is an address of the family that we are at. */
    private static Optional<InetAddress> gateway(Turn turn, Profile profile, Redirect redirect) {
        AddressFamily family = AddressFamily.of(turn.session().path().local());
        return redirect.address().filter(address -> profile.peer().followRedirects() && AddressFamily.of(address) == family);
    }

    // ---- the gateway

    /** Whether the client goes where it is sent. */
    static void note(Turn turn, List<Payload> payloads) {
        if (Payload.notification(payloads, Notify.REDIRECT_SUPPORTED).isPresent()) {
            turn.change(session -> session.withMobility(Mobility::allowRedirects));
        }
    }

    static void send(Turn turn, String gateway) {
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.Redirect(gateway), List.of(Redirect.to(gateway).as(Notify.REDIRECT)));
    }

    /** The client knows: it makes an IKE SA there, and ends this one. */
    static void concluded(Turn turn, Exchange.Redirect exchange) {
        turn.emit(new Event.Remark("the peer was sent to " + exchange.gateway()));
        turn.queueIn(PATIENCE_MILLIS, new Task.DeleteIke("the peer was sent to " + exchange.gateway()));
    }
}
