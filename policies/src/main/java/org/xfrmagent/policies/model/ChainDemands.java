package org.xfrmagent.policies.model;

import java.util.List;
import java.util.Map;

import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * What the certificates from a peer's to its authority's must be like, besides valid.
 *
 * @param leastBits of a key, by its kind; if there are any, keys of other kinds are not believed
 * @param signatures how the certificates may be signed; empty = by whatever is strong enough
 * @param policies object identifiers of certificate policies (RFC 5280, section 4.2.1.4), all of which the certificates must be issued under
 */
public record ChainDemands(Map<SignatureScheme.Key, Integer> leastBits, List<SignatureScheme> signatures, List<String> policies) {
    public static final ChainDemands NONE = new ChainDemands(Map.of(), List.of(), List.of());

    public ChainDemands {
        leastBits = Map.copyOf(leastBits);
        signatures = List.copyOf(signatures);
        policies = List.copyOf(policies);
    }
}
