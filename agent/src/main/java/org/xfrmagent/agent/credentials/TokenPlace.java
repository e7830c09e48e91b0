package org.xfrmagent.agent.credentials;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.model.TokenUri;

/** What stands for a private key that stays in its token, wherever private keys are kept: its URI, and its PIN on the next line if it has one. */
public final class TokenPlace {
    private static final byte[] BEGIN = "pkcs11:".getBytes(StandardCharsets.US_ASCII);

    private TokenPlace() {}

    /** @param pin stays the caller's */
    public static Secret of(TokenUri uri, Optional<Secret> pin) {
        byte[] place = uri.toString().getBytes(StandardCharsets.UTF_8);
        if (pin.isEmpty()) {
            return Secret.take(place);
        }
        byte[] word = pin.get().copy();
        byte[] whole = Arrays.copyOf(place, place.length + 1 + word.length);
        whole[place.length] = '\n';
        System.arraycopy(word, 0, whole, place.length + 1, word.length);
        Arrays.fill(word, (byte) 0);
        return Secret.take(whole);
    }

    /** Whether it is no key, but stands for one. */
    static boolean isOne(Secret key) {
        return key.with(octets -> octets.length > BEGIN.length && Arrays.equals(octets, 0, BEGIN.length, BEGIN, 0, BEGIN.length));
    }

    static TokenUri uri(Secret place) {
        return place.with(octets -> TokenUri.parse(new String(octets, 0, end(octets), StandardCharsets.UTF_8)));
    }

    /** A copy, which the caller wipes. */
    static Optional<Secret> pin(Secret place) {
        return place.with(octets -> end(octets) == octets.length
                ? Optional.empty()
                : Optional.of(Secret.take(Arrays.copyOfRange(octets, end(octets) + 1, octets.length))));
    }

    private static int end(byte[] octets) {
        int end = 0;
        while (end < octets.length && octets[end] != '\n') {
            end++;
        }
        return end;
    }
}
