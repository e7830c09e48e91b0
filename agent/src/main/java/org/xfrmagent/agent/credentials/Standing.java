package org.xfrmagent.agent.credentials;

/** Whether a certificate was revoked. */
sealed interface Standing {
    /** Its issuer says that it was not. */
    record Good() implements Standing {}

    /** @param sentence who says so */
    record Revoked(String sentence) implements Standing {}

    /** @param why nobody could say */
    record Unknown(String why) implements Standing {}
}
