package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.engine.core.Membership;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.policies.model.Side;

/**
 * Which of the peers of the policies that fit one identity somebody is, by its user and the groups that this is a member of: those are not
 * known before the user has shown who it is, and by then an address and a child are still to come.
 */
final class OneOfSeveral {
    private OneOfSeveral() {}

    /**
     * Takes the caller for the first of the peers that its user is let in by; for the one that it is taken for by now, if that is one.
     *
     * @throws Refusal if it is none of them
     */
    static void settle(Turn turn, PhaseEap.Asking phase, EapProof proof) {
        Profile now = IkeAuth.profile(turn);
        List<String> objections = new ArrayList<>();
        for (Profile candidate : candidates(turn, phase, now, proof)) {
            Optional<String> objection = Membership.objection(candidate, proof.identity(), proof.grant().groups());
            if (objection.isEmpty()) {
                if (!candidate.name().equals(now.name())) {
                    turn.change(session -> session.withProfile(candidate));
                    turn.enter(phase.with(turn.ikeSa()), "it is not peer " + now.name() + ": " + objections.getFirst() + "; it is " + candidate.name());
                }
                return;
            }
            objections.add(objection.get());
        }
        proof.msk().ifPresent(Secret::wipe);
        throw new Refusal(Notify.AUTHENTICATION_FAILED, String.join("; ", objections));
    }

    /** As the policies have them now. */
    private static List<Profile> candidates(Turn turn, PhaseEap.Asking phase, Profile now, EapProof proof) {
        List<Profile> candidates = new ArrayList<>(List.of(now));
        phase.candidates().stream()
                .filter(candidate -> !candidate.name().equals(now.name()))
                .flatMap(candidate -> turn.session().settings().profile(candidate.name()).filter(candidate::isReachedAs).stream())
                .filter(candidate -> hasShownSo(turn, now, candidate, proof))
                .forEach(candidates::add);
        return candidates;
    }

    /** Whether what both ends have shown until now is what {@code candidate} would have had them show. */
    private static boolean hasShownSo(Turn turn, Profile now, Profile candidate, EapProof proof) {
        Side ours = now.peer().local();
        Side theirs = now.peer().remote();
        Side other = candidate.peer().remote();
        boolean before = theirs.auth() == other.auth() && theirs.hasSecondRound() == other.hasSecondRound();
        boolean certified = theirs.hasSecondRound() || theirs.eap().hasCertificates();
        boolean chain = !certified || theirs.certification().equals(other.certification()) && (theirs.eap().isRelayed() || theirs.groups().equals(other.groups()));
        boolean method = theirs.eap().isRelayed() == other.eap().isRelayed()
                && (theirs.eap().isRelayed() || Eap.types(other.eap().methods()).contains(proof.method()));
        boolean named = theirs.eap().asksUser() == other.eap().asksUser() || other.user().isPresent();
        return before && chain && method && named
                && ours.auth() == candidate.peer().local().auth()
                && IkeAuth.localIdentity(turn, now).equals(IkeAuth.localIdentity(turn, candidate))
                && now.peer().ppk().equals(candidate.peer().ppk());
    }
}
