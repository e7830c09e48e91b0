package org.xfrmagent.policies.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form of a file with a certificate, a list of revoked ones, a public or a private key: what it says on its outside, without cryptography. */
public final class CertificateFile {
    /** The longest that is read, octets: lists of revoked certificates can be long. */
    static final int LONGEST = 16 << 20;

    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----");
    private static final int SEQUENCE = 0x30;

    private CertificateFile() {}

    /** What a file is meant to hold. */
    public enum Holding {
        CERTIFICATE("a certificate", "(X509 |TRUSTED )?CERTIFICATE"),
        CRL("a list of revoked certificates", "(X509 )?CRL"),
        ATTRIBUTES("an attribute certificate", "(X509 )?ATTRIBUTE CERTIFICATE"),
        PUBLIC_KEY("a public key", "(RSA )?PUBLIC KEY"),
        PRIVATE_KEY("a private key", "((RSA|EC) )?PRIVATE KEY"),
        /** Encrypted or not. */
        LOCKED_KEY("a private key", "((RSA|EC|ENCRYPTED) )?PRIVATE KEY"),
        /** Of PKCS #12, which is DER. */
        CONTAINER("a container of PKCS #12", "PKCS12");

        private final String noun;
        /** What stands behind BEGIN, as a regular expression. */
        private final String label;

        Holding(String noun, String label) {
            this.noun = noun;
            this.label = label;
        }
    }

    /** Why the file at {@code path} can hold nothing of the kind, as the rest of a sentence; empty if it can. */
    public static Optional<String> objection(Path path, Holding holding) {
        if (!Files.isRegularFile(path)) {
            return Optional.of(Files.exists(path) ? "is no file" : "cannot be read: there is no file " + path);
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] octets = in.readNBytes(LONGEST + 1);
            return octets.length > LONGEST ? Optional.of("has more than " + LONGEST + " octets") : objection(octets, holding);
        } catch (IOException e) {
            return Optional.of(SecretReader.unreadable(path, e).sentence());
        }
    }

    /** The same of what is in a file. */
    public static Optional<String> objection(byte[] octets, Holding holding) {
        if (octets.length == 0) {
            return Optional.of("is empty");
        }
        if (isDer(octets)) {
            return Optional.empty();
        }
        return labels(octets)
                .map(labels -> ofPem(labels, holding))
                .orElseGet(() -> Optional.of("is neither PEM nor DER, expected " + holding.noun));
    }

    private static Optional<String> ofPem(List<String> labels, Holding holding) {
        if (labels.stream().anyMatch(label -> label.matches(holding.label))) {
            return Optional.empty();
        }
        if (holding == Holding.PRIVATE_KEY && labels.contains("ENCRYPTED PRIVATE KEY")) {
            return Optional.of("is encrypted, and there is no 'passphrase' beside it, expected { from: file:…, passphrase: file:… }");
        }
        return Optional.of("has '" + labels.getFirst() + "' in it, expected " + holding.noun);
    }

    /** What stands behind BEGIN; empty where nothing does, so that the octets are no PEM. */
    private static Optional<List<String>> labels(byte[] octets) {
        if (!contains(octets, "-----BEGIN ")) {
            return Optional.empty();
        }
        char[] text = new char[octets.length];
        for (int i = 0; i < text.length; i++) {
            text[i] = (char) (octets[i] & 0xff);
        }
        try {
            Matcher begin = BEGIN.matcher(CharBuffer.wrap(text));
            List<String> labels = begin.results().map(match -> match.group(1)).toList();
            boolean legacy = contains(octets, "Proc-Type: 4,ENCRYPTED");
            return labels.isEmpty() ? Optional.empty() : Optional.of(legacy ? List.of("ENCRYPTED PRIVATE KEY") : labels);
        } finally {
            Arrays.fill(text, '\0');
        }
    }

    private static boolean contains(byte[] octets, String ascii) {
        byte[] wanted = ascii.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i + wanted.length <= octets.length; i++) {
            if (Arrays.mismatch(octets, i, i + wanted.length, wanted, 0, wanted.length) < 0) {
                return true;
            }
        }
        return false;
    }

    /** One SEQUENCE that is as long as it says. */
    private static boolean isDer(byte[] octets) {
        if (octets.length < 2 || octets[0] != SEQUENCE) {
            return false;
        }
        int first = octets[1] & 0xff;
        if (first < 0x80) {
            return octets.length == 2 + first;
        }
        int count = first & 0x7f;
        if (count == 0 || count > 4 || octets.length < 2 + count) {
            return false;
        }
        long length = 0;
        for (int i = 0; i < count; i++) {
            length = length << 8 | octets[2 + i] & 0xff;
        }
        return octets.length == 2 + count + length;
    }
}
