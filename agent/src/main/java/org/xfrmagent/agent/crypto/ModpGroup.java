package org.xfrmagent.agent.crypto;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * The MODP groups of RFC 2409 section 6 and RFC 3526: 2^x modulo a safe prime.
 *
 * <p>The power is {@link BigInteger#modPow}, which is also what the JDK's and BouncyCastle's Diffie-Hellman are made of; those
 * draw exponents of up to half the prime, four times as long as the group's strength needs. It is not constant in time: what it
 * could leak is an exponent that is used once.
 */
final class ModpGroup extends KeyExchange {
    private final BigInteger prime;
    private final int exponentBits;

    ModpGroup(Algorithm row) {
        super(row);
        int bits = row.values().secretBytes() * 8;
        Definition definition = Definition.of(bits);
        prime = prime(bits, definition.offset());
        exponentBits = definition.exponentBits();
    }

    /**
     * What sets one group apart.
     *
     * @param offset the number that makes the formula of {@link #prime} a safe prime
     * @param exponentBits enough for the higher of RFC 3526 section 8's two estimates of strength
     */
    private record Definition(int offset, int exponentBits) {
        static Definition of(int bits) {
            return switch (bits) {
                case 768 -> new Definition(149_686, 160);
                case 1024 -> new Definition(129_093, 200);
                case 1536 -> new Definition(741_804, 240);
                case 2048 -> new Definition(124_476, 320);
                case 3072 -> new Definition(1_690_314, 420);
                case 4096 -> new Definition(240_904, 480);
                case 6144 -> new Definition(929_484, 540);
                case 8192 -> new Definition(4_743_158, 620);
                default -> throw new IllegalArgumentException("no MODP group has " + bits + " bits");
            };
        }
    }

    /** p = 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + offset): so are all of them defined. */
    private static BigInteger prime(int bits, int offset) {
        return BigInteger.TWO.pow(bits)
                .subtract(BigInteger.TWO.pow(bits - 64))
                .subtract(BigInteger.ONE)
                .add(pi(bits - 130).add(BigInteger.valueOf(offset)).shiftLeft(64));
    }

    /** [2^bits pi], by Machin: pi = 16 arctan(1/5) - 4 arctan(1/239), with 64 bits to spare for rounding. */
    private static BigInteger pi(int bits) {
        BigInteger one = BigInteger.ONE.shiftLeft(bits + 64);
        return arctanOfInverse(5, one)
                .shiftLeft(4)
                .subtract(arctanOfInverse(239, one).shiftLeft(2))
                .shiftRight(64);
    }

    /** arctan(1/x) = 1/x - 1/3x^3 + 1/5x^5 - ..., in units of 1/one. */
    private static BigInteger arctanOfInverse(int x, BigInteger one) {
        BigInteger square = BigInteger.valueOf((long) x * x);
        BigInteger power = one.divide(BigInteger.valueOf(x));
        BigInteger sum = power;
        for (int n = 3; power.signum() != 0; n += 2) {
            power = power.divide(square).negate();
            sum = sum.add(power.divide(BigInteger.valueOf(n)));
        }
        return sum;
    }

    BigInteger prime() {
        return prime;
    }

    @Override
    public KeyPair generate(SecureRandom entropy) {
        byte[] exponent = new byte[exponentBits / 8];
        entropy.nextBytes(exponent);
        // A leading one, so that no exponent is short by chance.
        exponent[0] |= (byte) 0x80;
        return pair(Secret.take(exponent));
    }

    KeyPair pair(Secret exponent) {
        BigInteger power = BigInteger.TWO.modPow(number(exponent), prime);
        return new KeyPair(Bytes.wrap(padded(power)), exponent);
    }

    @Override
    Secret agreeOnRightLength(KeyPair own, Bytes peerPublic) throws InvalidKeyExchange {
        BigInteger peer = new BigInteger(1, peerPublic.toArray());
        // RFC 6989 section 2.1: for a safe prime, 1 < r < p-1 is all there is to check.
        if (peer.compareTo(BigInteger.ONE) <= 0 || peer.compareTo(prime.subtract(BigInteger.ONE)) >= 0) {
            throw new InvalidKeyExchange("the peer's " + this + " value is not between 2 and p-2");
        }
        return Secret.take(padded(peer.modPow(number(own.privateValue()), prime)));
    }

    private static BigInteger number(Secret exponent) {
        return exponent.with(octets -> new BigInteger(1, octets));
    }

    /** As long as the prime, with leading zeros (RFC 7296 section 2.14). */
    private byte[] padded(BigInteger value) {
        byte[] digits = value.toByteArray();
        byte[] result = new byte[secretBytes()];
        int sign = digits.length > result.length ? 1 : 0;
        int length = digits.length - sign;
        System.arraycopy(digits, sign, result, result.length - length, length);
        Arrays.fill(digits, (byte) 0);
        return result;
    }
}
