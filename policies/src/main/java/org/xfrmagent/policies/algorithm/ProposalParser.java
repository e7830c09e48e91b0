package org.xfrmagent.policies.algorithm;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.xfrmagent.policies.algorithm.Algorithm.Standing;

/**
 * Reads a proposal such as {@code aes256gcm16-prfsha384-x25519}: keywords of {@link Algorithms} joined by '-', several of one kind
 * in order of preference.
 *
 * <p>The rules: IKE needs encryption and a key exchange; its PRF follows from the integrity algorithm when none is named, which
 * an AEAD cipher has not, so there the PRF must be named. AEAD and classic ciphers never share a proposal, nor does AEAD share one
 * with an integrity algorithm (RFC 7296 section 3.3); a classic cipher needs one, and AH has nothing else. ESP and AH without an
 * {@code esn} or {@code noesn} get {@code noesn}.
 */
public final class ProposalParser {
    private static final int LONGEST = 1024;
    private static final List<TransformType> ORDER =
            List.of(TransformType.ENCR, TransformType.INTEG, TransformType.PRF, TransformType.KE, TransformType.ESN);

    private final Protocol protocol;
    private final List<String> problems = new ArrayList<>();
    private final Set<Algorithm> named = new LinkedHashSet<>();

    private ProposalParser(Protocol protocol) {
        this.protocol = protocol;
    }

    /** What became of a proposal's text. */
    public sealed interface Result {}

    /**
     * A proposal that can be used.
     *
     * @param warnings a sentence for each algorithm that the RFCs discourage
     */
    public record Accepted(Proposal proposal, List<String> warnings) implements Result {}

    /** Text that is no proposal, with a sentence for each thing that is wrong with it. */
    public record Refused(List<String> problems) implements Result {}

    public static Result parse(Protocol protocol, String text) {
        ProposalParser parser = new ProposalParser(protocol);
        parser.read(text);
        if (parser.problems.isEmpty()) {
            parser.complete();
            parser.check();
        }
        return parser.problems.isEmpty() ? parser.accepted() : new Refused(List.copyOf(parser.problems));
    }

    private void read(String text) {
        if (text.isBlank()) {
            problems.add("a proposal cannot be empty");
            return;
        }
        if (text.length() > LONGEST) {
            problems.add("a proposal has at most " + LONGEST + " characters, this one has " + text.length());
            return;
        }
        for (String word : text.strip().split("-", -1)) {
            Algorithms.byKeyword(word).ifPresentOrElse(row -> name(word, row), () -> unknown(word));
        }
    }

    private void unknown(String word) {
        List<String> known = Algorithms.all().stream().filter(row -> row.usableIn(protocol)).map(Algorithm::keyword).toList();
        problems.add("there is no algorithm '" + word + "'" + NearestWord.hint(word, known));
    }

    private void name(String word, Algorithm row) {
        switch (row.standing()) {
            case REFUSED -> problems.add("'" + word + "' " + advice(row) + " and is not available");
            case ADDITIONAL_ONLY -> problems.add("'" + word
                    + "' can only be an additional key exchange (RFC 9370), and those are not supported yet");
            case USABLE, IKEV1_ONLY -> {
                if (!row.usableIn(protocol)) {
                    problems.add("'" + word + "' is a" + (startsWithVowel(row) ? "n " : " ") + row.type().word()
                            + " algorithm that " + protocol + " cannot use");
                } else if (!named.add(row)) {
                    problems.add("'" + word + "' is named twice");
                }
            }
        }
    }

    private static boolean startsWithVowel(Algorithm row) {
        return "aeiou".indexOf(row.type().word().charAt(0)) >= 0;
    }

    private static String advice(Algorithm row) {
        return row.ike().or(row::ipsec).map(Advice::sentence).orElse("cannot be used");
    }

    private void complete() {
        if (protocol == Protocol.IKE) {
            if (of(TransformType.PRF).isEmpty()) {
                of(TransformType.INTEG).forEach(integrity -> named.add(Algorithms.the("prf" + integrity.keyword())));
            }
        } else if (of(TransformType.ESN).isEmpty()) {
            named.add(Algorithms.the("noesn"));
        }
    }

    private void check() {
        List<Algorithm> encryption = of(TransformType.ENCR);
        List<Algorithm> integrity = of(TransformType.INTEG);
        List<Algorithm> aeads = encryption.stream().filter(Algorithm::aead).toList();
        List<Algorithm> classic = encryption.stream().filter(row -> !row.aead()).toList();
        if (protocol == Protocol.AH) {
            if (integrity.isEmpty()) {
                problems.add("AH needs an integrity algorithm such as 'sha256'");
            }
            return;
        }
        if (encryption.isEmpty()) {
            problems.add(protocol + " needs an encryption algorithm such as 'aes256gcm16'");
        }
        if (!aeads.isEmpty() && !classic.isEmpty()) {
            problems.add(words(aeads) + " and " + words(classic)
                    + " cannot share a proposal: one kind carries its own integrity and the other does not; write two proposals");
        } else if (!aeads.isEmpty() && !integrity.isEmpty()) {
            problems.add(words(aeads) + " carries its own integrity, so " + words(integrity) + " cannot be named with it");
        } else if (!classic.isEmpty() && integrity.isEmpty()) {
            problems.add(words(classic) + " needs an integrity algorithm such as 'sha256'");
        }
        if (protocol == Protocol.IKE) {
            if (of(TransformType.PRF).isEmpty() && (integrity.isEmpty() && !aeads.isEmpty())) {
                problems.add(words(aeads) + " needs a PRF such as 'prfsha256'");
            }
            if (of(TransformType.KE).isEmpty()) {
                problems.add("IKE needs a key exchange such as 'x25519'");
            }
        }
    }

    private List<Algorithm> of(TransformType type) {
        return named.stream().filter(row -> row.type() == type).toList();
    }

    private static String words(List<Algorithm> rows) {
        return rows.stream().map(row -> "'" + row.keyword() + "'").collect(joining(", "));
    }

    private Accepted accepted() {
        List<Algorithm> ordered = ORDER.stream().flatMap(type -> of(type).stream()).toList();
        List<String> warnings = ordered.stream()
                .filter(row -> row.advice(protocol).filter(Advice::discouraged).isPresent())
                .map(row -> "'" + row.keyword() + "' " + row.advice(protocol).map(Advice::sentence).orElse("") + " in " + protocol)
                .toList();
        return new Accepted(new Proposal(protocol, ordered), warnings);
    }
}
