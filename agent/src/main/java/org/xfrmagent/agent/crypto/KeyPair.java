package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * Our half of one key exchange, as plain data.
 *
 * @param publicValue the KE payload's data
 * @param privateValue opaque to all but the {@link KeyExchange} that made it
 */
public record KeyPair(Bytes publicValue, Secret privateValue) {
    public void wipe() {
        privateValue.wipe();
    }
}
