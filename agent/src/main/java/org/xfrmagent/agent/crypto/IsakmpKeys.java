package org.xfrmagent.agent.crypto;

import java.util.List;
import org.xfrmagent.agent.bytes.Secret;

/**
 * The keys of an ISAKMP SA (RFC 2409, section 5), one set for both directions.
 *
 * @param skeyid what HASH_I and HASH_R are made with
 * @param d SKEYID_d, from which the keys of phase 2 come
 * @param a SKEYID_a, which authenticates messages
 * @param cipher the cipher's key, cut from SKEYID_e
 */
public record IsakmpKeys(Secret skeyid, Secret d, Secret a, Secret cipher) {
    public void wipe() {
        List.of(skeyid, d, a, cipher).forEach(Secret::wipe);
    }
}
