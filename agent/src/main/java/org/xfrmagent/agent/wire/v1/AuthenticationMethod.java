package org.xfrmagent.agent.wire.v1;

import java.util.Arrays;
import java.util.Optional;

/**
 * How the two sides show who they are in phase 1, and which of them is a user with a password behind it: values of
 * {@link OakleyAttribute#AUTHENTICATION}.
 *
 * <p>The columns: number, what the initiator shows, what the responder shows, who is a user.
 */
public enum AuthenticationMethod {
    /** RFC 2409, section 5.4. */
    PRE_SHARED_KEY(1, Means.PRE_SHARED_KEY, Means.PRE_SHARED_KEY, User.NOBODY),
    /** RFC 2409, section 5.1. */
    RSA_SIGNATURES(3, Means.RSA, Means.RSA, User.NOBODY),
    /** RFC 4754, section 4, as are the next two. */
    ECDSA_256(9, Means.ECDSA_256, Means.ECDSA_256, User.NOBODY),
    ECDSA_384(10, Means.ECDSA_384, Means.ECDSA_384, User.NOBODY),
    ECDSA_521(11, Means.ECDSA_521, Means.ECDSA_521, User.NOBODY),
    /** draft-ietf-ipsec-isakmp-hybrid-auth-05, section 3.2.1, as is the next. */
    HYBRID_INIT_RSA(64221, Means.NOTHING, Means.RSA, User.INITIATOR),
    HYBRID_RESP_RSA(64222, Means.RSA, Means.NOTHING, User.RESPONDER),
    /** draft-ietf-ipsec-isakmp-xauth-06, section 7.2, as are the next. */
    XAUTH_INIT_PRE_SHARED(65001, Means.PRE_SHARED_KEY, Means.PRE_SHARED_KEY, User.INITIATOR),
    XAUTH_RESP_PRE_SHARED(65002, Means.PRE_SHARED_KEY, Means.PRE_SHARED_KEY, User.RESPONDER),
    XAUTH_INIT_RSA(65005, Means.RSA, Means.RSA, User.INITIATOR),
    XAUTH_RESP_RSA(65006, Means.RSA, Means.RSA, User.RESPONDER);

    /** What a side shows in phase 1. */
    public enum Means {
        PRE_SHARED_KEY,
        RSA,
        ECDSA_256,
        ECDSA_384,
        ECDSA_521,
        /** That it is still the same that it was in the message before; who it is, its password says later. */
        NOTHING
    }

    /** Which side has a password to show once phase 1 is done. */
    public enum User {
        NOBODY,
        INITIATOR,
        RESPONDER
    }

    private final int number;
    private final Means initiator;
    private final Means responder;
    private final User user;

    AuthenticationMethod(int number, Means initiator, Means responder, User user) {
        this.number = number;
        this.initiator = initiator;
        this.responder = responder;
        this.user = user;
    }

    public int number() {
        return number;
    }

    /** What the initiator shows if {@code byInitiator}, else the responder. */
    public Means means(boolean byInitiator) {
        return byInitiator ? initiator : responder;
    }

    /** Whether every key of phase 1 comes from the pre-shared one. */
    public boolean isPreShared() {
        return initiator == Means.PRE_SHARED_KEY;
    }

    /** The row of these columns, if there is one. */
    public static Optional<AuthenticationMethod> of(Means initiator, Means responder, User user) {
        return Arrays.stream(values())
                .filter(row -> row.initiator == initiator && row.responder == responder && row.user == user)
                .findFirst();
    }
}
