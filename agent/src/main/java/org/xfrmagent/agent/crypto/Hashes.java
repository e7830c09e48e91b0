package org.xfrmagent.agent.crypto;

import java.security.MessageDigest;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/** Plain hashes, and comparison that takes the same time wherever two values differ. */
public final class Hashes {
    private Hashes() {}

    /** SHA-1, 20 octets: NAT detection (RFC 7296 section 2.23) and certificate hashes (section 3.6), which nothing rests on. */
    public static Bytes sha1(Bytes... data) {
        return hash("SHA-1", data);
    }

    /** 32 octets. */
    public static Bytes sha256(Bytes... data) {
        return hash("SHA-256", data);
    }

    /** 48 octets. */
    public static Bytes sha384(Bytes... data) {
        return hash("SHA-384", data);
    }

    /** 64 octets. */
    public static Bytes sha512(Bytes... data) {
        return hash("SHA-512", data);
    }

    /** 16 octets, of a secret between two values: what CHAP and RADIUS prove the knowledge of a secret by (RFC 1994, RFC 2865). */
    public static Bytes md5(Bytes before, Secret secret, Bytes after) {
        MessageDigest digest = Providers.best().digest("MD5");
        digest.update(before.toArray());
        secret.with(octets -> {
            digest.update(octets);
            return octets.length;
        });
        digest.update(after.toArray());
        return Bytes.wrap(digest.digest());
    }

    /** HMAC-MD5 (RFC 2104), 16 octets, as RADIUS has it. */
    public static Bytes hmacMd5(Secret key, Bytes data) {
        return Bytes.wrap(KeyedMac.hash("HmacMD5", key, Providers.best()).of(data));
    }

    /** The hash that the HMAC of a PRF row is made of, which IKEv1 negotiates under that name (RFC 2409, section 4). */
    public static Bytes ofPrf(Algorithm prf, Bytes... data) {
        String hmac = prf.jca().filter(name -> name.startsWith("Hmac")).orElseThrow(() -> new IllegalArgumentException(prf + " has no hash"));
        String name = hmac.substring("Hmac".length());
        return hash(name.startsWith("SHA") ? "SHA-" + name.substring("SHA".length()) : name, data);
    }

    private static Bytes hash(String name, Bytes... data) {
        MessageDigest digest = Providers.best().digest(name);
        for (Bytes part : data) {
            digest.update(part.toArray());
        }
        return Bytes.wrap(digest.digest());
    }

    /** Whether both are the same; the time taken depends on the lengths only. */
    public static boolean equalInConstantTime(Bytes one, Bytes other) {
        if (one.length() != other.length()) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < one.length(); i++) {
            difference |= one.u8(i) ^ other.u8(i);
        }
        return difference == 0;
    }

    /** Whether {@code length} octets of two arrays are the same; the time taken depends on the length only. */
    static boolean equalInConstantTime(byte[] one, int from, byte[] other, int at, int length) {
        int difference = 0;
        for (int i = 0; i < length; i++) {
            difference |= one[from + i] ^ other[at + i];
        }
        return difference == 0;
    }
}
