package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Session;

/** What we have under way when the peer asks for something. Our window is one request wide, so it is one of these. */
sealed interface Pending {
    /** Nothing that touches an SA. */
    record Nothing() implements Pending {}

    /** A child of ours is on its way: the peer may have it already, we have not heard. */
    record Creating() implements Pending {}

    /** The successor of the child {@code serial} is wanted; no request has left. */
    record Preparing(int serial) implements Pending {}

    /** The request for the successor of {@code serial} is on its way. */
    record Rekeying(int serial) implements Pending {}

    /** Our DELETE for children is on its way. */
    record Deleting(List<Integer> serials) implements Pending {}

    /** The request for the IKE SA's successor is on its way; {@code rival}: we have granted the peer one as well. */
    record RekeyingIke(boolean rival) implements Pending {}

    record DeletingIke() implements Pending {}

    static Pending of(Session session) {
        Optional<Exchange> request =
                session.phase().ikeSa().flatMap(sa -> sa.window().outstanding()).map(Outstanding::exchange);
        return request.isPresent() ? sent(request.get(), session) : unsent(session);
    }

    private static Pending sent(Exchange request, Session session) {
        return switch (request) {
            case Exchange.CreateChild(var offer, _) ->
                offer.replaces().isPresent() ? new Rekeying(offer.replaces().getAsInt()) : new Creating();
            case Exchange.Authenticate _, Exchange.Converse _, Exchange.ShowKey _ -> new Creating();
            case Exchange.DeleteChildren(List<Integer> serials, _) -> new Deleting(serials);
            case Exchange.Disown _ -> new Deleting(List.of());
            case Exchange.RekeyIke rekey -> new RekeyingIke(rekey.rival().isPresent());
            case Exchange.DeleteIke _ -> new DeletingIke();
            case Exchange.Liveness _, Exchange.Init _, Exchange.UpdateAddresses _, Exchange.ReturnRoutability _, Exchange.Announce _, Exchange.Redirect _ ->
                unsent(session);
        };
    }

    private static Pending unsent(Session session) {
        for (Awaiting job : session.jobs().values()) {
            if (job instanceof Awaiting.InstallOfOffer) {
                return new Creating();
            }
            if (job instanceof Awaiting.SpiForOffer(_, _, var replaces) && replaces.isPresent()) {
                return new Preparing(replaces.getAsInt());
            }
        }
        return new Nothing();
    }
}
