package org.xfrmagent.agent.engine;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.policies.algorithm.Algorithms;

/**
 * Stateless cookies (RFC 7296, section 2.6): generation | HMAC-SHA-256(secret of the generation, Ni | IPi | SPIi). The secret changes
 * every minute; the one before stays valid, so that a cookie lives for one to two minutes.
 */
final class Cookies {
    private static final long LIFE_MILLIS = 60_000;
    private static final int SECRET_OCTETS = 32;

    private final Prf prf;
    private int generation;
    private Optional<Secret> current = Optional.empty();
    private Optional<Secret> previous = Optional.empty();
    private long since;

    Cookies() {
        prf = Prf.of(Algorithms.byKeyword("prfsha256").orElseThrow(() -> new IllegalStateException("no row prfsha256")));
    }

    Bytes make(Bytes nonce, Path path, long initiatorSpi, Moment at) {
        Secret secret = rotate(at);
        return new ByteWriter(33).u8(generation).bytes(mac(secret, nonce, path, initiatorSpi)).toBytes();
    }

    boolean valid(Bytes cookie, Bytes nonce, Path path, long initiatorSpi, Moment at) {
        rotate(at);
        if (cookie.length() != 1 + prf.outputBytes()) {
            return false;
        }
        Optional<Secret> secret = cookie.u8(0) == (generation & 0xff) ? current
                : cookie.u8(0) == (generation - 1 & 0xff) ? previous : Optional.empty();
        return secret.isPresent()
                && Hashes.equalInConstantTime(cookie.from(1), mac(secret.get(), nonce, path, initiatorSpi));
    }

    private Bytes mac(Secret secret, Bytes nonce, Path path, long initiatorSpi) {
        return prf.mac(secret, nonce, Bytes.of(path.remote().getAddress()), new ByteWriter(8).i64(initiatorSpi).toBytes());
    }

    private Secret rotate(Moment at) {
        if (current.isPresent() && at.millis() - since < LIFE_MILLIS) {
            return current.get();
        }
        // Idle for longer than a life: the secret before is as old as a cookie may never be.
        boolean stale = at.millis() - since >= 2 * LIFE_MILLIS;
        previous.ifPresent(Secret::wipe);
        previous = stale ? Optional.empty() : current;
        Secret fresh = Secret.copyOf(at.random(SECRET_OCTETS));
        current = Optional.of(fresh);
        generation++;
        since = at.millis();
        return fresh;
    }
}
