package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Secret;

/**
 * The keys of one direction of a child SA.
 *
 * @param encryption the cipher's key with its salt behind it, as RFC 4106 and its kin take it from KEYMAT; empty for AH
 * @param integrity the MAC's key; empty where the cipher is an AEAD
 */
public record DirectionKeys(Secret encryption, Secret integrity) {
    public void wipe() {
        encryption.wipe();
        integrity.wipe();
    }
}
