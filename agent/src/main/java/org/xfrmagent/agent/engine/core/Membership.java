package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.Side;

/** Whether a user whom a RADIUS server has judged is one that a peer of the policies lets in. */
public final class Membership {
    /** So many of a user's groups go into logs, and so much of each. */
    private static final int MOST_GROUPS = 16;

    private static final int LONGEST = 64;

    private Membership() {}

    /**
     * @param user as whoever has judged it calls it
     * @param groups that it is a member of
     * @return empty if it is, else the rest of a sentence that begins with the caller
     */
    public static Optional<String> objection(Profile profile, String user, List<String> groups) {
        Side theirs = profile.peer().remote();
        if (theirs.user().isPresent() && !theirs.user().get().equals(user)) {
            return Optional.of("is user " + name(user) + ", peer " + profile.name() + " has " + theirs.user().get());
        }
        // Of who has no RADIUS server an attribute certificate has said it before.
        boolean member = theirs.groups().isEmpty() || !theirs.eap().isRelayed()
                || theirs.groups().stream().anyMatch(group -> groups.stream().anyMatch(group::equalsIgnoreCase));
        return member
                ? Optional.empty()
                : Optional.of("is user " + name(user) + ", a member of " + (groups.isEmpty() ? "no group" : groups.stream().limit(MOST_GROUPS).map(Membership::group).toList())
                        + ", peer " + profile.name() + " has members of " + theirs.groups());
    }

    private static String name(String user) {
        return shortened(user).replaceAll("[^\\x21-\\x7e]", "?");
    }

    /** Groups have spaces in their names. */
    private static String group(String group) {
        return shortened(group).replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST));
    }
}
