package org.xfrmagent.agent.credentials;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.credentials.PathFinder.Path;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.ChainDemands;

/** What a policy asks of a path that is valid: keys of a strength, signatures of a kind, certificate policies. */
final class PathDemands {
    private PathDemands() {}

    static Optional<String> objection(Path path, ChainDemands demands, Instant now) {
        return Stream.of(toKeys(path, demands.leastBits()), toSignatures(path, demands.signatures()), toPolicies(path, demands.policies(), now))
                .flatMap(Optional::stream).findFirst();
    }

    /** The authority's key is as weak a link as any other. */
    private static Optional<String> toKeys(Path path, Map<SignatureScheme.Key, Integer> leastBits) {
        if (leastBits.isEmpty()) {
            return Optional.empty();
        }
        return Stream.concat(path.certificates().stream(), Stream.of(path.anchor())).flatMap(certificate -> toKey(certificate, leastBits).stream()).findFirst();
    }

    private static Optional<String> toKey(ParsedCertificate certificate, Map<SignatureScheme.Key, Integer> leastBits) {
        try {
            VerifyingKey key = VerifyingKeys.of(certificate.x509().getPublicKey());
            Integer least = leastBits.get(key.kind());
            return least != null && key.bits() >= least
                    ? Optional.empty()
                    : Optional.of(certificate + " has a key of " + key + ", expected "
                            + String.join(" or ", leastBits.entrySet().stream().map(each -> each.getKey() + " from " + each.getValue()).sorted().toList()));
        } catch (UnusableKey weak) {
            return Optional.of(certificate + " cannot be believed: " + weak.reason());
        }
    }

    private static Optional<String> toSignatures(Path path, List<SignatureScheme> allowed) {
        return path.certificates().stream()
                .filter(certificate -> !allowed.isEmpty() && Signatures.scheme(certificate.algorithm()).filter(allowed::contains).isEmpty())
                .findFirst()
                .map(certificate -> certificate + " is signed with "
                        + Signatures.scheme(certificate.algorithm()).map(SignatureScheme::word).orElse(certificate.x509().getSigAlgName())
                        + ", expected " + String.join(" or ", allowed.stream().map(SignatureScheme::word).toList()));
    }

    private static Optional<String> toPolicies(Path path, List<String> wanted, Instant now) {
        return wanted.stream().filter(policy -> !PolicyTree.has(path, policy, now)).findFirst()
                .map(policy -> path.certificates().getFirst() + " is not issued under the certificate policy " + policy);
    }
}
