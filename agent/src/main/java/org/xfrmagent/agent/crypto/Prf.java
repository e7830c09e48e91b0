package org.xfrmagent.agent.crypto;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * A pseudo-random function (RFC 7296 section 2.13): HMAC, AES-XCBC-PRF-128 (RFC 4434) or AES-CMAC-PRF-128 (RFC 4615). Each takes a
 * key of any length; holds no key itself, so one serves every session.
 */
public final class Prf {
    /** Nonces count with this many octets each where the PRF's key is fixed at 16 (RFC 7296 section 2.14). */
    private static final int FIXED_KEY_NONCE = 8;

    private static final int MOST_ROUNDS = 255;

    private final Algorithm row;
    private final Providers providers;

    private Prf(Algorithm row, Providers providers) {
        if (row.type() != TransformType.PRF) {
            throw new IllegalArgumentException(row + " is no PRF");
        }
        this.row = row;
        this.providers = providers;
    }

    /** The PRF of a row of the algorithm table. */
    public static Prf of(Algorithm prf) {
        return of(prf, Providers.best());
    }

    static Prf of(Algorithm prf, Providers providers) {
        return new Prf(prf, providers);
    }

    /** Octets of its result. */
    public int outputBytes() {
        return row.keyBytes();
    }

    /** The preferred key length in octets, which is that of SK_d, SK_pi and SK_pr (RFC 7296 section 2.14). */
    public int keyBytes() {
        return row.keyBytes();
    }

    /** Whether the underlying function takes keys of one length only; then SKEYSEED uses only the start of each nonce. */
    private boolean isFixedKey() {
        return row.blockBytes() == CbcMac.BLOCK;
    }

    /** prf(key, data), where the data is one after the other. */
    public Secret compute(Secret key, Bytes... data) {
        return Secret.take(result(key, data));
    }

    /** prf(key, data) as something to send or compare. */
    public Bytes mac(Secret key, Bytes... data) {
        return Bytes.wrap(result(key, data));
    }

    private byte[] result(Secret key, Bytes... data) {
        return keyed(key).of(data);
    }

    /** The function under {@code key}, with the rules of RFC 4434 section 2 and RFC 4615 section 3 for keys of other lengths. */
    private KeyedMac keyed(Secret key) {
        if (!isFixedKey() || key.length() == CbcMac.BLOCK) {
            return KeyedMac.of(row, key, providers);
        }
        Secret fitting = row.jca().isEmpty() && key.length() < CbcMac.BLOCK ? zeroPadded(key) : hashed(key);
        try {
            return KeyedMac.of(row, fitting, providers);
        } finally {
            fitting.wipe();
        }
    }

    /** RFC 4434: a short XCBC key is padded on the right with zeros. */
    private static Secret zeroPadded(Secret key) {
        return key.with(octets -> Secret.take(Arrays.copyOf(octets, CbcMac.BLOCK)));
    }

    /** RFC 4434 (long keys) and RFC 4615 (all others): the key is the function of itself under a zero key. */
    private Secret hashed(Secret key) {
        KeyedMac zero = KeyedMac.of(row, Secret.take(new byte[CbcMac.BLOCK]), providers);
        return key.with(octets -> Secret.take(zero.of(Bytes.wrap(octets))));
    }

    /** The key under which SKEYSEED is computed: Ni | Nr, or the first eight octets of each where the key is fixed. */
    Secret nonceKey(Bytes ni, Bytes nr) {
        Bytes key = isFixedKey()
                ? Bytes.concat(ni.slice(0, FIXED_KEY_NONCE), nr.slice(0, FIXED_KEY_NONCE))
                : Bytes.concat(ni, nr);
        return Secret.copyOf(key);
    }

    /**
     * prf+ (RFC 7296 section 2.13):
     *
     * <pre>
     *   T1 = prf(key, seed | 0x01)     T2 = prf(key, T1 | seed | 0x02)     ...     at most 255 rounds
     * </pre>
     *
     * @param length octets wanted of T1 | T2 | ...
     */
    public Secret plus(Secret key, Bytes seed, int length) {
        return plus(key, length, seed);
    }

    /** The same with the seed in pieces, so that a secret in it need not be copied. */
    Secret plus(Secret key, int length, Bytes... seed) {
        int rounds = (length + outputBytes() - 1) / outputBytes();
        if (length < 0 || rounds > MOST_ROUNDS) {
            throw new IllegalArgumentException("prf+ with " + row + " cannot give " + length + " octets");
        }
        KeyedMac mac = keyed(key);
        byte[] counter = new byte[1];
        byte[] stream = new byte[rounds * outputBytes()];
        for (int round = 0; round < rounds; round++) {
            int at = round * outputBytes();
            if (round > 0) {
                mac.update(stream, at - outputBytes(), outputBytes());
            }
            mac.update(seed);
            counter[0] = (byte) (round + 1);
            mac.update(counter, 0, 1);
            mac.finish(stream, at);
        }
        byte[] wanted = Arrays.copyOf(stream, length);
        Arrays.fill(stream, (byte) 0);
        return Secret.take(wanted);
    }

    @Override
    public String toString() {
        return row.keyword();
    }
}
