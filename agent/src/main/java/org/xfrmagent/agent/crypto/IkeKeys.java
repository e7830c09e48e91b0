package org.xfrmagent.agent.crypto;

import java.util.List;
import org.xfrmagent.agent.bytes.Secret;

/**
 * The seven keys of an IKE SA (RFC 7296 section 2.14), named after SK_d, SK_ai and so on.
 *
 * @param d derives the keys of children and of the SA's successor
 * @param ai integrity of what the initiator sends; empty where the cipher is an AEAD
 * @param ar integrity of what the responder sends; empty where the cipher is an AEAD
 * @param ei encryption of what the initiator sends, with the salt behind it where the cipher has one
 * @param er encryption of what the responder sends
 * @param pi the initiator's share in AUTH
 * @param pr the responder's share in AUTH
 */
public record IkeKeys(Secret d, Secret ai, Secret ar, Secret ei, Secret er, Secret pi, Secret pr) {
    public void wipe() {
        List.of(d, ai, ar, ei, er, pi, pr).forEach(Secret::wipe);
    }
}
