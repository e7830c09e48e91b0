package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;

/**
 * What a conversation has shown.
 *
 * @param identity whom the method itself has authenticated: the user whose password it was, the name in the certificate. Not what was
 *     merely claimed in EAP-Identity
 * @param method by which
 * @param msk 64 octets that both ends have, whoever takes this over wipes them; empty if the method makes none, and then AUTH is made with
 *     SK_pi and SK_pr (RFC 7296, section 2.16)
 * @param grant what the one who authenticated it lets it have
 */
public record EapProof(String identity, EapType method, Optional<Secret> msk, EapGrant grant) {
    public static final int MSK_OCTETS = 64;
}
