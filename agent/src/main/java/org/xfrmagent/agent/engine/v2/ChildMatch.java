package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Narrowing;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Selection.Chosen;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Translated;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TsPayload;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * The policy that a child which the peer asks for belongs to, and what is left of its wishes (RFC 7296, section 2.9).
 *
 * @param local selectors of our side
 * @param more there are other SAs to be had for other parts of what the peer asked for
 */
record ChildMatch(ChildProfile profile, Chosen chosen, List<TrafficSelector> local, List<TrafficSelector> remote, Mode mode, boolean more) {
    /** RFC 7296, section 1.3: "if the responder rejects the CREATE_CHILD_SA request with a NO_ADDITIONAL_SAS notification". */
    static void refuseOneTooMany(Turn turn) {
        int policies = turn.session().profile().map(profile -> profile.children().size()).orElse(0);
        int most = Constants.CHILDREN_PER_POLICY * (policies + 1);
        if (turn.session().children().size() >= most) {
            throw new Refusal(Notify.NO_ADDITIONAL_SAS, "wants more than " + most + " children");
        }
    }

    /**
     * The first policy of the peer that covers something of what it asks for, under the same label, and has a proposal in common with it.
     *
     * @param tsr what it asks for on our side
     * @param tsi and on its own
     * @throws Refusal if there is none
     */
    static ChildMatch of(
            Turn turn, SaPayload offer, boolean transport, TsPayload tsr, TsPayload tsi,
            Optional<KePayload> ke, KeyExchangeUse use, OptionalInt replaces) {
        List<TrafficSelector> ours = Narrowing.selectors(tsr);
        List<TrafficSelector> theirs = Narrowing.selectors(tsi);
        Profile peer = turn.session().profile().orElseThrow(() -> new IllegalStateException("a child before its peer is known"));
        Addresses.check(turn.session(), peer);
        List<ChildProfile> considered = considered(turn, peer, ours, theirs, replaces).stream()
                .filter(profile -> isLabelled(profile, tsr) && isLabelled(profile, tsi))
                .toList();
        boolean anySelectors = false;
        for (ChildProfile profile : considered) {
            if (!transport && profile.protect().mode() == Mode.TRANSPORT && !profile.protect().tunnelFallback()) {
                continue;
            }
            // Section 1.3.1: a tunnel policy declines transport mode by not repeating the notification.
            Mode mode = transport ? profile.protect().mode() : Mode.TUNNEL;
            boolean through = mode == Mode.TRANSPORT;
            List<TrafficSelector> local = Narrowing.narrow(
                    through ? Translated.local(turn.session(), ours) : ours, Addresses.local(turn.session(), profile));
            List<TrafficSelector> remote = Narrowing.narrow(
                    through ? Translated.remote(turn.session(), theirs) : theirs, Addresses.remote(turn.session(), profile));
            if (local.isEmpty() || remote.isEmpty()) {
                continue;
            }
            if (through) {
                Children.refuseOthersThanTheHosts(turn.session(), local, remote);
            }
            anySelectors = true;
            Optional<Chosen> chosen =
                    Selection.choose(profile.protect().proposals(), offer, use, ke.map(KePayload::group));
            if (chosen.isPresent()) {
                return new ChildMatch(profile, chosen.get(), local, remote, mode, others(turn.session(), considered, profile, ours, theirs));
            }
        }
        if (!anySelectors) {
            throw new Refusal(Notify.TS_UNACCEPTABLE, "asks for " + theirs + " === " + ours + labels(tsi, tsr) + ", which no policy of the peer covers"
                    + (considered.isEmpty() ? peer.children() : considered).stream()
                            .limit(Constants.POLICIES_NAMED)
                            .map(profile -> profile.name() + " (" + profile.policy().match() + ", " + profile.protect().mode().word() + " mode)")
                            .toList());
        }
        throw new Refusal(Notify.NO_PROPOSAL_CHOSEN, "offers no ESP or AH proposal that a policy for " + theirs + " === " + ours + " may use: "
                + considered.stream().limit(Constants.POLICIES_NAMED).map(profile -> profile.name() + " " + profile.protect().proposals()).toList());
    }

    /** Section 2.9: "other Traffic Selectors could have been chosen", for another SA. */
    private static boolean others(
            Session session, List<ChildProfile> considered, ChildProfile chosen, List<TrafficSelector> ours, List<TrafficSelector> theirs) {
        return considered.stream()
                .filter(profile -> !profile.equals(chosen))
                .anyMatch(profile -> !Narrowing.narrow(ours, Addresses.local(session, profile)).isEmpty()
                        && !Narrowing.narrow(theirs, Addresses.remote(session, profile)).isEmpty());
    }

    private static boolean isLabelled(ChildProfile profile, TsPayload asked) {
        return Narrowing.offers(asked, profile.policy().match().label());
    }

    private static String labels(TsPayload tsi, TsPayload tsr) {
        return tsi.labels().isEmpty() && tsr.labels().isEmpty() ? "" : " with labels " + Narrowing.labels(tsi) + " === " + Narrowing.labels(tsr);
    }

    /** A rekeyed child stays with its policy (section 2.8); a new one may be any. */
    private static List<ChildProfile> considered(
            Turn turn, Profile peer, List<TrafficSelector> ours, List<TrafficSelector> theirs, OptionalInt replaces) {
        if (replaces.isEmpty()) {
            return peer.near(ours, theirs);
        }
        return turn.session().child(replaces.getAsInt()).map(child -> List.of(child.profile())).orElse(List.of());
    }
}
