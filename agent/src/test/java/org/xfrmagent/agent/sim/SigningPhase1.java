package org.xfrmagent.agent.sim;

import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;

/** Main or aggressive mode, and what proves each side. */
enum SigningPhase1 {
    MAIN_RSA(false, KeyKind.RSA_2048, AuthenticationMethod.RSA_SIGNATURES),
    MAIN_ECDSA_256(false, KeyKind.P256, AuthenticationMethod.ECDSA_256),
    MAIN_ECDSA_384(false, KeyKind.P384, AuthenticationMethod.ECDSA_384),
    MAIN_ECDSA_521(false, KeyKind.P521, AuthenticationMethod.ECDSA_521),
    AGGRESSIVE_RSA(true, KeyKind.RSA_2048, AuthenticationMethod.RSA_SIGNATURES),
    AGGRESSIVE_ECDSA_256(true, KeyKind.P256, AuthenticationMethod.ECDSA_256),
    MAIN_XAUTH(false, KeyKind.RSA_2048, AuthenticationMethod.XAUTH_INIT_RSA),
    AGGRESSIVE_XAUTH(true, KeyKind.RSA_2048, AuthenticationMethod.XAUTH_INIT_RSA),
    MAIN_XAUTH_RESPONDER(false, KeyKind.RSA_2048, AuthenticationMethod.XAUTH_RESP_RSA),
    MAIN_HYBRID(false, KeyKind.RSA_2048, AuthenticationMethod.HYBRID_INIT_RSA),
    AGGRESSIVE_HYBRID(true, KeyKind.RSA_2048, AuthenticationMethod.HYBRID_INIT_RSA),
    MAIN_HYBRID_RESPONDER(false, KeyKind.RSA_2048, AuthenticationMethod.HYBRID_RESP_RSA);

    final boolean aggressive;
    final KeyKind key;
    final AuthenticationMethod method;

    SigningPhase1(boolean aggressive, KeyKind key, AuthenticationMethod method) {
        this.aggressive = aggressive;
        this.key = key;
        this.method = method;
    }

    boolean isHybrid() {
        return name().contains("HYBRID");
    }

    boolean hasUser() {
        return isHybrid() || name().contains("XAUTH");
    }

    boolean isMoonUser() {
        return hasUser() && !name().endsWith("_RESPONDER");
    }

    private Policies mode(Policies policies) {
        Policies plain = aggressive ? policies.aggressive() : policies.v1();
        return isHybrid() ? plain.hybrid() : plain;
    }

    private Policies role(Policies policies, boolean user) {
        return !hasUser() ? policies : user ? policies.user("carol", "let me in") : policies.users();
    }

    Policies moon(Wallet wallet) {
        return role(mode(Policies.moon()), isMoonUser()).certificates(wallet);
    }

    Policies sun(Wallet wallet) {
        return role(mode(Policies.sun()), !isMoonUser()).certificates(wallet);
    }

    World world() {
        return new World(moon(Wallet.of("moon", key)), sun(Wallet.of("sun", key)));
    }
}
