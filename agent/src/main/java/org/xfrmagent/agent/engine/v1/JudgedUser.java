package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Membership;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Authorizing;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Authorizing.Verdict;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Side;

/** A user of XAUTH whose password a RADIUS server judges: it says of which groups it is a member, too, and by that which peer of the policies it is. */
final class JudgedUser {
    private JudgedUser() {}

    static void ask(Turn turn, Authorizing phase, String user, Bytes password) {
        Secret shown = Secret.copyOf(password);
        turn.unlessTaken(shown::wipe);
        turn.enter(phase.pending(), "asking a RADIUS server about the user");
        turn.start(
                new Job.EapRound(phase.next().sa().responderCookie(), turn.session().settings().credentials(), Phase1.profile(turn).peer(), turn.session().path(),
                        new EapWork.Password(user, shown)),
                new AwaitingV1.UserJudged(user));
    }

    static void completed(Turn turn, String user, Result result) {
        if (!(turn.session().phase() instanceof Authorizing phase) || !phase.isPending()) {
            return;
        }
        switch (result) {
            case Result.EapAnswered(EapWork.Result.LetIn(String known, EapGrant grant)) -> settle(turn, phase, known, grant);
            case Result.EapAnswered(EapWork.Result.Rejected(String reason)) -> Xauth.wrong(turn, phase, user, reason);
            case Result.EapAnswered(EapWork.Result.Refused(String reason)) -> refuse(turn, phase, reason);
            default -> refuse(turn, phase, Completion.reason(result));
        }
    }

    /** Another password would change nothing. */
    private static void refuse(Turn turn, Authorizing phase, String reason) {
        turn.emit(new Event.Refused("XAUTH_STATUS", reason));
        Xauth.verdict(turn, phase, phase.refused(), new Verdict.Refused(reason));
    }

    private static void settle(Turn turn, Authorizing phase, String user, EapGrant grant) {
        Profile now = Phase1.profile(turn);
        List<String> objections = new ArrayList<>();
        for (Profile candidate : candidates(turn, phase, now)) {
            Optional<String> objection = Membership.objection(candidate, user, grant.groups());
            if (objection.isEmpty()) {
                if (!candidate.name().equals(now.name())) {
                    turn.change(session -> session.withProfile(candidate));
                    turn.emit(new Event.Remark("it is not peer " + now.name() + ": " + objections.getFirst() + "; it is " + candidate.name()));
                }
                Xauth.welcome(turn, phase, user, grant.addresses());
                return;
            }
            objections.add(objection.get());
        }
        refuse(turn, phase, String.join("; ", objections));
    }

    /** Those that want of the caller what it has shown by now, and of its user something else. */
    private static List<Profile> candidates(Turn turn, Authorizing phase, Profile now) {
        return Stream.concat(
                        Stream.of(now),
                        turn.session().settings().profiles().stream()
                                .filter(candidate -> !candidate.name().equals(now.name()) && isAlike(now, candidate))
                                .filter(candidate -> phase.next().remote().matches(candidate.peer().remote().id())))
                .toList();
    }

    private static boolean isAlike(Profile now, Profile candidate) {
        Side theirs = now.peer().remote();
        Side other = candidate.peer().remote();
        return now.peer().ike() == candidate.peer().ike() && now.peer().local().equals(candidate.peer().local())
                && theirs.auth() == other.auth() && theirs.addresses().equals(other.addresses()) && theirs.port() == other.port()
                && theirs.certification().equals(other.certification()) && theirs.eap().equals(other.eap());
    }
}
