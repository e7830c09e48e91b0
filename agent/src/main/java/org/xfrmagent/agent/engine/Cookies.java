package org.xfrmagent.agent.engine;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.policies.algorithm.Algorithms;

/**
 * Stateless cookies (RFC 7296, section 2.6): generation | HMAC-SHA-256(secret of the generation, Ni | IPi | SPIi). The secret changes
 * every minute; the one before stays valid, so that a cookie lives for one to two minutes. Each secret is HMAC(key, generation): whoever
 * has the key gives and takes the same cookies, without a word between them. Not for two threads at once.
 */
final class Cookies {
    private static final long LIFE_MILLIS = 60_000;

    private final Prf prf;
    private final Secret key;
    private long generation = Long.MIN_VALUE;
    private Optional<Secret> current = Optional.empty();
    private Optional<Secret> previous = Optional.empty();

    /** @param key 32 random octets, drawn when the agent starts; never wiped while this lives */
    Cookies(Secret key) {
        this.key = key;
        prf = Prf.of(Algorithms.byKeyword("prfsha256").orElseThrow(() -> new IllegalStateException("no row prfsha256")));
    }

    /** Octets of a cookie. */
    int length() {
        return 1 + prf.outputBytes();
    }

    /** @param now in milliseconds, of the one clock that all who share the key have */
    Bytes make(Bytes nonce, Path path, long initiatorSpi, long now) {
        Secret secret = rotate(now);
        return new ByteWriter(length()).u8((int) generation & 0xff).bytes(mac(secret, nonce, path, initiatorSpi)).toBytes();
    }

    boolean valid(Bytes cookie, Bytes nonce, Path path, long initiatorSpi, long now) {
        Secret newest = rotate(now);
        if (cookie.length() != length()) {
            return false;
        }
        Optional<Secret> secret = cookie.u8(0) == (generation & 0xff) ? Optional.of(newest)
                : cookie.u8(0) == (generation - 1 & 0xff) ? previous : Optional.empty();
        return secret.isPresent()
                && Hashes.equalInConstantTime(cookie.from(1), mac(secret.get(), nonce, path, initiatorSpi));
    }

    private Bytes mac(Secret secret, Bytes nonce, Path path, long initiatorSpi) {
        return prf.mac(secret, nonce, Bytes.of(path.remote().getAddress()), new ByteWriter(8).i64(initiatorSpi).toBytes());
    }

    private Secret rotate(long now) {
        long due = Math.floorDiv(now, LIFE_MILLIS);
        if (current.isPresent() && due == generation) {
            return current.get();
        }
        current.ifPresent(Secret::wipe);
        previous.ifPresent(Secret::wipe);
        Secret fresh = secret(due);
        current = Optional.of(fresh);
        previous = Optional.of(secret(due - 1));
        generation = due;
        return fresh;
    }

    private Secret secret(long which) {
        return prf.compute(key, new ByteWriter(8).i64(which).toBytes());
    }
}
