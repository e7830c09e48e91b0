package org.xfrmagent.agent.credentials;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** Text that has DER inside (RFC 7468), or DER itself. */
public final class Pem {
    /** What {@link Block#label} is where the octets were DER at once. */
    public static final String NONE = "";

    private static final byte[] BEGIN = ascii("-----BEGIN ");
    private static final byte[] END = ascii("-----END ");
    private static final byte[] DASHES = ascii("-----");
    private static final byte[] PROC_TYPE = ascii("Proc-Type: 4,ENCRYPTED");
    private static final byte[] DEK_INFO = ascii("DEK-Info:");
    private static final byte[] NEW_LINE = ascii("\n");
    private static final int SEQUENCE = 0x30;

    private Pem() {}

    /**
     * One thing of a text.
     *
     * @param label what stands behind BEGIN
     * @param der what the text holds; may be a secret, so whoever asks wipes it if it is
     * @param encryption what stands behind {@code DEK-Info:}, if it is encrypted as RFC 1421 has it
     */
    public record Block(String label, Secret der, Optional<String> encryption) {
        public Bytes octets() {
            return Bytes.wrap(der.copy());
        }

        @Override
        public String toString() {
            return label.isEmpty() ? "DER" : label;
        }
    }

    /**
     * All that is in {@code octets}, in its order; text around it is passed over. Nothing of it ever becomes a string.
     *
     * @throws IllegalArgumentException with a sentence that has nothing of the text in it
     */
    public static List<Block> read(byte[] octets) {
        if (octets.length > 0 && octets[0] == SEQUENCE) {
            return List.of(new Block(NONE, Secret.take(octets.clone()), Optional.empty()));
        }
        List<Block> blocks = new ArrayList<>();
        for (int begin = find(octets, BEGIN, 0); begin >= 0; begin = find(octets, BEGIN, begin)) {
            int label = begin + BEGIN.length;
            int labelEnd = find(octets, DASHES, label);
            int end = labelEnd < 0 ? -1 : find(octets, END, labelEnd);
            if (end < 0) {
                throw new IllegalArgumentException("has a BEGIN without its END");
            }
            Headers headers = headers(octets, labelEnd + DASHES.length, end);
            blocks.add(new Block(new String(octets, label, labelEnd - label, StandardCharsets.US_ASCII),
                    Secret.take(decode(octets, headers.to, end)), headers.encryption));
            begin = end;
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("is neither PEM nor DER");
        }
        return blocks;
    }

    /** @param to where they end and the text begins */
    private record Headers(int to, Optional<String> encryption) {}

    /** RFC 1421, section 4.6: lines with a colon, up to an empty one. What anybody has here are Proc-Type and DEK-Info. */
    private static Headers headers(byte[] octets, int from, int to) {
        int start = from;
        while (start < to && octets[start] <= ' ') {
            start++;
        }
        if (find(octets, PROC_TYPE, start) != start) {
            return new Headers(from, Optional.empty());
        }
        int info = find(octets, DEK_INFO, start);
        int end = info < 0 ? -1 : find(octets, NEW_LINE, info);
        if (end < 0 || end > to) {
            throw new IllegalArgumentException("is encrypted, and does not say how");
        }
        return new Headers(end, Optional.of(new String(octets, info + DEK_INFO.length, end - info - DEK_INFO.length, StandardCharsets.US_ASCII).strip()));
    }

    private static byte[] decode(byte[] octets, int from, int to) {
        byte[] digits = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            if (octets[i] > ' ') {
                digits[length++] = octets[i];
            }
            if (octets[i] == ':') {
                Arrays.fill(digits, (byte) 0);
                throw new IllegalArgumentException("has headers that are not known");
            }
        }
        byte[] trimmed = Arrays.copyOf(digits, length);
        try {
            return Base64.getDecoder().decode(trimmed);
        } catch (IllegalArgumentException _) {
            // The exception's own text would show a part of what may be a secret.
            throw new IllegalArgumentException("has something between BEGIN and END that is not Base64");
        } finally {
            Arrays.fill(digits, (byte) 0);
            Arrays.fill(trimmed, (byte) 0);
        }
    }

    private static int find(byte[] octets, byte[] wanted, int from) {
        for (int i = from; i + wanted.length <= octets.length; i++) {
            if (Arrays.equals(octets, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
