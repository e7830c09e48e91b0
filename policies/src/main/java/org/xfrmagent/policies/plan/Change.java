package org.xfrmagent.policies.plan;

import java.util.List;

import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.Radius;
import org.xfrmagent.policies.model.User;

/** One step from a policy set to the next. */
public sealed interface Change {
    record AddPeer(Peer peer) implements Change {}

    record ChangePeer(Peer before, Peer after) implements Change {}

    record RemovePeer(Peer peer) implements Change {}

    /** @param index where it stands in the wanted order, counting those already added */
    record AddPolicy(Policy policy, int index) implements Change {}

    /** In its place. */
    record ChangePolicy(Policy before, Policy after) implements Change {}

    record RemovePolicy(Policy policy) implements Change {}

    /** @param names of the policies that stay, in their new order */
    record Reorder(List<String> names) implements Change {
        public Reorder {
            names = List.copyOf(names);
        }
    }

    record AddSecret(PskSecret secret) implements Change {}

    record RemoveSecret(PskSecret secret) implements Change {}

    record AddPool(Pool pool) implements Change {}

    record ChangePool(Pool before, Pool after) implements Change {}

    record RemovePool(Pool pool) implements Change {}

    /** All who show a password. */
    record ChangeUsers(List<User> before, List<User> after) implements Change {
        public ChangeUsers {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    record AddAuthority(Authority authority) implements Change {}

    record ChangeAuthority(Authority before, Authority after) implements Change {}

    record RemoveAuthority(Authority authority) implements Change {}

    /** Certificates, lists of revoked ones and private keys, wherever they are named but for peers and authorities. */
    record ChangeCertificates(PublicKeys before, PublicKeys after) implements Change {}

    record ChangeRadius(Radius before, Radius after) implements Change {}

    record ChangeLimits(HalfOpenLimits before, HalfOpenLimits after) implements Change {}

    /** For a log line, such as {@code + policy hq-branch}. */
    default String summary() {
        return switch (this) {
            case AddPeer add -> "+ peer " + add.peer.name();
            case ChangePeer change -> "~ peer " + change.after.name();
            case RemovePeer remove -> "- peer " + remove.peer.name();
            case AddPolicy add -> "+ policy " + add.policy.name();
            case ChangePolicy change -> "~ policy " + change.after.name();
            case RemovePolicy remove -> "- policy " + remove.policy.name();
            case Reorder reorder -> "~ order " + String.join(", ", reorder.names);
            case AddSecret add -> "+ secret " + add.secret.ref();
            case RemoveSecret remove -> "- secret " + remove.secret.ref();
            case AddPool add -> "+ pool " + add.pool.name();
            case ChangePool change -> "~ pool " + change.after.name();
            case AddAuthority add -> "+ authority " + add.authority.name();
            case ChangeAuthority change -> "~ authority " + change.after.name();
            case RemoveAuthority remove -> "- authority " + remove.authority.name();
            case ChangeCertificates _ -> "~ certificates";
            case ChangeUsers _ -> "~ users";
            case ChangeRadius _ -> "~ radius";
            case ChangeLimits _ -> "~ limits";
            case RemovePool remove -> "- pool " + remove.pool.name();
        };
    }
}
