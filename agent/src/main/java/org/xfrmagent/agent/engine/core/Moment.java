package org.xfrmagent.agent.engine.core;

import java.security.SecureRandom;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * When and with what luck a step happens: the only time and the only randomness the engine sees.
 *
 * @param millis a clock that never goes back, in milliseconds
 * @param entropy seeded in a simulation, the system's otherwise
 */
public record Moment(long millis, SecureRandom entropy) {
    public Bytes random(int octets) {
        byte[] drawn = new byte[octets];
        entropy.nextBytes(drawn);
        return Bytes.wrap(drawn);
    }

    /** An IKE SPI below {@code shard}: 56 random bits under the shard's number, never zero. */
    public long spi(int shard) {
        long low;
        do {
            low = entropy.nextLong() >>> 8;
        } while (low == 0);
        return (long) shard << 56 | low;
    }
}
