package org.xfrmagent.agent.engine.v2;

import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Unique;

/** What an initiator has to meet besides being who it says it is. Each throws a {@link Refusal} if it does not. */
final class Admission {
    private Admission() {}

    /**
     * {@code unique: keep} refuses a second IKE SA of the same two identities, unless the first is known to be worthless
     * (INITIAL_CONTACT), or comes from where the second does: then the peer authenticates itself anew before the first ends.
     */
    static void checkUnique(Turn turn, Profile profile, Identity local, Lessee caller, boolean initialContact) {
        if (profile.peer().unique() != Unique.KEEP || initialContact) {
            return;
        }
        Path path = turn.session().path();
        turn.neighbours().like(local, caller).stream()
                .filter(other -> !other.path().remote().equals(path.remote()) || other.path().remotePort() != path.remotePort())
                .findFirst()
                .ifPresent(other -> {
                    throw new Refusal(Notify.AUTHENTICATION_FAILED, "is " + caller.name() + ", which is up already at "
                            + Ip.text(other.path().remote()) + ", and 'unique: keep' keeps that");
                });
    }

    /** RFC 6023, section 3; without its notification an IKE_AUTH without a child is a broken one. */
    static void checkChildless(Profile profile, boolean childless) {
        if (childless && profile.peer().childless() == Childless.NEVER) {
            throw new Refusal(Notify.INVALID_SYNTAX, "sent no SA payload, and 'childless: never' wants a child at once");
        }
        if (!childless && profile.peer().childless() == Childless.FORCE) {
            throw new Refusal(Notify.INVALID_SYNTAX, "asks for a child in IKE_AUTH, and 'childless: force' wants none there");
        }
    }
}
