package org.xfrmagent.agent.engine.core;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.model.Identity;

/** Secrets held in memory; looking one up is a pure computation. */
@FunctionalInterface
public interface Credentials {
    /** The pre-shared key whose owners fit these two identities best. */
    Optional<Secret> psk(Identity local, Identity remote);

    /** The password of a user, by the name that is typed. */
    default Optional<Secret> password(String user) {
        return Optional.empty();
    }
}
