package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.MsChap;

/** Whose passwords an end knows; what is found stays the owner's to wipe. */
@FunctionalInterface
public interface EapUsers {
    EapUsers NOBODY = _ -> Optional.empty();

    /** UTF-8. */
    Optional<Secret> password(String user);

    /** MD4 of the password, 16 octets, which is all that MSCHAPv2 needs: somebody may have only that. The caller wipes it. */
    default Optional<Secret> ntHash(String user) {
        return password(user).map(MsChap::ntHash);
    }

    /** Whether so many wrong passwords of {@code user} came that none is looked at for now. */
    default boolean barred(String user) {
        return false;
    }
}
