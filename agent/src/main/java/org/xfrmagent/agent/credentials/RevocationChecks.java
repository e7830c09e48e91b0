package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.credentials.PathFinder.Path;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.Revocation;

/**
 * Whether a certificate of a path that is valid was revoked. Asked are, until one knows: the CRLs that we have, OCSP responders, and the
 * places where CRLs can be fetched. Only for a path that leads to an anchor (R14): whoever could have us ask anybody would have us ask on
 * his behalf.
 */
final class RevocationChecks implements AutoCloseable {
    /** For one path. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** For one place, so that the next is asked too where the first one is silent. */
    private static final Duration PATIENCE_WITH_ONE = Duration.ofSeconds(4);

    private static final int LONGEST_LIST = 4 << 20;
    private static final int LONGEST_ANSWER = 64 << 10;
    private static final int NONCE = 32;

    /** For so long nobody is asked again who did not answer. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final List<RevocationList> local;
    private final Fetching fetching;
    private final SecureRandom entropy = new SecureRandom();
    private final RevocationMemory memory;

    /** One certificate of a path, whom to ask about it, and until when, by {@link System#nanoTime}. */
    private record Question(ParsedCertificate certificate, ParsedCertificate issuer, List<URI> crls, List<URI> responders, Instant now, long end) {
        boolean hasPlaces() {
            return !crls.isEmpty() || !responders.isEmpty();
        }

        Duration patience() {
            return Duration.ofNanos(Math.min(end - System.nanoTime(), PATIENCE_WITH_ONE.toNanos()));
        }
    }

    RevocationChecks(List<RevocationList> local, Fetching fetching, RevocationMemory memory) {
        this.local = local;
        this.fetching = fetching;
        this.memory = memory;
    }

    /**
     * @param authorities those of the path's anchor, which know more places
     * @param policy what becomes of a certificate of which nobody knows
     * @return a sentence that says which certificate is not believed, and why
     */
    Optional<String> objection(Path path, List<Authority> authorities, Revocation policy, Instant now) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        // From the top: who was revoked says nothing about those below.
        for (int i = path.certificates().size() - 1; i >= 0; i--) {
            List<Authority> more = i == path.certificates().size() - 1 ? authorities : List.of();
            ParsedCertificate certificate = path.certificates().get(i);
            Question question = new Question(certificate, path.issuer(i),
                    Stream.concat(RevocationPlaces.crls(certificate).stream(), more.stream().flatMap(each -> each.crls().stream())).distinct().toList(),
                    Stream.concat(RevocationPlaces.responders(certificate).stream(), more.stream().flatMap(each -> each.ocsps().stream())).distinct().toList(),
                    now, end);
            Optional<String> objection = objection(question, policy);
            if (objection.isPresent()) {
                return objection;
            }
        }
        return Optional.empty();
    }

    private Optional<String> objection(Question question, Revocation policy) {
        return switch (standing(question)) {
            case Standing.Good _ -> Optional.empty();
            case Standing.Revoked(String sentence) -> Optional.of(sentence);
            case Standing.Unknown(String why) -> {
                boolean accepted = switch (policy) {
                    case STRICT -> false;
                    case IF_URI -> !question.hasPlaces();
                    case RELAXED -> true;
                };
                yield accepted ? Optional.empty() : Optional.of("nobody says that " + question.certificate() + " was not revoked: " + why);
            }
        };
    }

    /** The first that knows, or the last that does not. */
    private Standing standing(Question question) {
        Standing standing = new Standing.Unknown("there is no CRL of " + question.issuer() + ", and no place to ask");
        Stream<Supplier<Standing>> sources = Stream.of(
                        local.stream().filter(list -> list.isFrom(question.issuer()))
                                .<Supplier<Standing>>map(list -> () -> list.standing(question.certificate(), question.issuer(), question.now())),
                        question.responders().stream().<Supplier<Standing>>map(place -> () -> answer(place, question)),
                        question.crls().stream().<Supplier<Standing>>map(place -> () -> listed(place, question)))
                .flatMap(each -> each);
        for (Supplier<Standing> source : (Iterable<Supplier<Standing>>) sources::iterator) {
            standing = source.get();
            if (!(standing instanceof Standing.Unknown)) {
                return standing;
            }
        }
        return standing;
    }

    private Standing answer(URI place, Question question) {
        RevocationMemory.Asked asked = new RevocationMemory.Asked(question.certificate().der(), question.issuer().der());
        Optional<Standing> known = memory.answers.get(asked, question.now());
        if (known.isPresent()) {
            return known.get();
        }
        byte[] nonce = new byte[NONCE];
        entropy.nextBytes(nonce);
        OcspQuestion ocsp = new OcspQuestion(question.certificate(), question.issuer(), Bytes.wrap(nonce));
        try {
            OcspQuestion.Answer answer = ocsp.read(fetch(place, Optional.of(ocsp.encoded()), LONGEST_ANSWER, question), question.now());
            if (!(answer.standing() instanceof Standing.Unknown)) {
                memory.answers.put(asked, answer.standing(), answer.until());
            }
            return answer.standing();
        } catch (IOException nobody) {
            return new Standing.Unknown(String.valueOf(nobody.getMessage()));
        }
    }

    private Standing listed(URI place, Question question) {
        Optional<RevocationList> known = memory.lists.get(place, question.now());
        if (known.isPresent()) {
            return known.get().standing(question.certificate(), question.issuer(), question.now());
        }
        try {
            Bytes octets = fetch(place, Optional.empty(), LONGEST_LIST, question);
            Optional<RevocationList> fetched = Pem.read(octets.toArray()).stream().findFirst().map(Pem.Block::octets).flatMap(RevocationList::read);
            if (fetched.isEmpty()) {
                return new Standing.Unknown(place + " has no list of revoked certificates");
            }
            Standing standing = fetched.get().standing(question.certificate(), question.issuer(), question.now());
            if (!(standing instanceof Standing.Unknown)) {
                memory.lists.put(place, fetched.get(), fetched.get().until().orElse(question.now()));
            }
            return standing;
        } catch (IllegalArgumentException misshapen) {
            return new Standing.Unknown(place + " has no list of revoked certificates");
        } catch (IOException nobody) {
            return new Standing.Unknown(String.valueOf(nobody.getMessage()));
        }
    }

    private Bytes fetch(URI place, Optional<Bytes> question, int most, Question about) throws IOException {
        Optional<String> failed = memory.failures.get(place, about.now());
        if (failed.isPresent()) {
            throw new IOException(failed.get());
        }
        try {
            return fetching.fetch(place, question, most, about.patience());
        } catch (IOException nobody) {
            String sentence = place + " " + nobody.getMessage();
            memory.failures.put(place, sentence, about.now().plus(REST));
            throw new IOException(sentence, nobody);
        }
    }

    @Override
    public void close() {
        fetching.close();
    }
}
