package org.xfrmagent.agent.crypto;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

/** Rows by their keyword, keys that are only a pattern, and the two ways to compute. */
final class TestKeys {
    private TestKeys() {}

    /** Both ways to compute, which must agree; the same one twice where the machine has no native provider. */
    static List<Providers> providers() {
        return List.of(Providers.best(), Providers.portable());
    }

    static Algorithm row(String keyword) {
        return Algorithms.byKeyword(keyword).orElseThrow();
    }

    static List<Algorithm> usable(TransformType type, Protocol protocol) {
        return Algorithms.all().stream().filter(row -> row.type() == type && row.usableIn(protocol)).toList();
    }

    static Bytes octets(int count, int first) {
        byte[] pattern = new byte[count];
        for (int i = 0; i < count; i++) {
            pattern[i] = (byte) (first + 7 * i);
        }
        return Bytes.wrap(pattern);
    }

    static Secret secret(int count, int first) {
        return Secret.copyOf(octets(count, first));
    }

    static Secret hexSecret(String digits) {
        return Secret.copyOf(Bytes.hex(digits));
    }

    static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    static Bytes reveal(Secret secret) {
        return Bytes.wrap(secret.copy());
    }

    /** What a proposal of {@code protocol} can protect with: each AEAD alone, every other cipher with every MAC. */
    static Stream<Suite> suites(Protocol protocol) {
        List<Algorithm> macs = usable(TransformType.INTEG, protocol);
        return usable(TransformType.ENCR, protocol).stream().flatMap(cipher -> cipher.aead()
                ? Stream.of(new Suite(cipher, Optional.empty()))
                : macs.stream().map(mac -> new Suite(cipher, Optional.of(mac))));
    }

    /** A cipher with what completes it. */
    record Suite(Algorithm cipher, Optional<Algorithm> mac) {
        DirectionKeys keys(int first) {
            return new DirectionKeys(
                    secret(cipher.keyMaterialBytes(), first), secret(mac.map(Algorithm::keyBytes).orElse(0), first + 1));
        }

        @Override
        public String toString() {
            return cipher + mac.map(name -> "-" + name).orElse("");
        }
    }
}
