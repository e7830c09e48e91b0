package org.xfrmagent.policies.model;

import java.util.List;
import java.util.Optional;

/**
 * How a side with {@link Auth#EAP} shows who it is (RFC 7296, section 2.16).
 *
 * @param methods that may be used, the preferred one first
 * @param asksUser whether the peer is asked for its user's name by EAP; if not, that is its identity in IKE, unless the policy has one
 * @param aaa whom the user expects at the other end of a method that authenticates both ends, if not the gateway itself
 */
public record EapTerms(List<EapKind> methods, boolean asksUser, Optional<Identity> aaa) {
    /** Of a side that proves who it is by other means. */
    public static final EapTerms NONE = new EapTerms(List.of(), true, Optional.empty());

    public EapTerms {
        methods = List.copyOf(methods);
    }

    /** Whether a password is needed for some of it. */
    public boolean hasPasswords() {
        return methods.stream().anyMatch(method -> method != EapKind.TLS && method != EapKind.RADIUS);
    }

    /** Whether a RADIUS server judges. */
    public boolean isRelayed() {
        return methods.contains(EapKind.RADIUS);
    }

    public boolean hasCertificates() {
        return methods.contains(EapKind.TLS);
    }
}
