package org.xfrmagent.agent.eap;

import java.nio.charset.StandardCharsets;
import org.xfrmagent.agent.bytes.Bytes;

/** Names on the wire and in sentences. */
final class Texts {
    /** As much of a name as a sentence shows. */
    private static final int SHOWN_CHARACTERS = 64;

    private Texts() {}

    static Bytes utf8(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Bytes octets) {
        return new String(octets.toArray(), StandardCharsets.UTF_8);
    }

    /** What a stranger calls itself, fit for a log. */
    static String printable(String name) {
        return name.substring(0, Math.min(name.length(), SHOWN_CHARACTERS)).replaceAll("[^\\x20-\\x7e]", "?");
    }

    static String wrong(String user) {
        return "user '" + printable(user) + "' showed a wrong password, or is unknown";
    }

    static String barred(String user) {
        return "the password of user '" + printable(user) + "' is not looked at after so many wrong ones";
    }

    static String unknown(String user) {
        return "there is no password of user '" + printable(user) + "' among the secrets";
    }
}
