package org.xfrmagent.agent.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * What both ends of MS-CHAP-V2 compute from a password (RFC 2759, section 8), and the keys from it (RFC 3079, section 3). Its MD4 and DES are
 * weak: whoever records an exchange finds the password's hash by 2^56 tries, so it belongs inside of IKE, behind the gateway's certificate.
 */
public final class MsChap {
    public static final int HASH_OCTETS = 16;
    public static final int CHALLENGE_OCTETS = 16;
    public static final int RESPONSE_OCTETS = 24;
    public static final int AUTHENTICATOR_OCTETS = 20;

    private static final int MSK_OCTETS = 64;
    private static final int KEY_OCTETS = 16;
    private static final int PAD_OCTETS = 40;

    private static final byte[] SERVER_SIGNING = ascii("Magic server to client signing constant");
    private static final byte[] MORE_ITERATIONS = ascii("Pad to make it do more than one iteration");
    private static final byte[] MASTER_KEY = ascii("This is the MPPE Master Key");
    private static final byte[] PEER_SENDS =
            ascii("On the client side, this is the send key; on the server side, it is the receive key.");
    private static final byte[] SERVER_SENDS =
            ascii("On the client side, this is the receive key; on the server side, it is the send key.");

    private MsChap() {}

    /** NtPasswordHash, RFC 2759, section 8.3: MD4 of the password in UTF-16, little endian. {@code password} is UTF-8. */
    public static Secret ntHash(Secret password) {
        return password.with(octets -> {
            CharBuffer characters = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(octets));
            byte[] wide = new byte[2 * characters.remaining()];
            for (int at = 0; at < characters.remaining(); at++) {
                wide[2 * at] = (byte) characters.charAt(at);
                wide[2 * at + 1] = (byte) (characters.charAt(at) >>> 8);
            }
            Arrays.fill(characters.array(), '\0');
            byte[] hash = Providers.best().digest("MD4").digest(wide);
            Arrays.fill(wide, (byte) 0);
            return Secret.take(hash);
        });
    }

    /**
     * What the peer shows, GenerateNTResponse of RFC 2759, section 8.1.
     *
     * @param user without the domain and its backslash
     */
    public static Bytes ntResponse(Secret ntHash, Bytes authenticatorChallenge, Bytes peerChallenge, Bytes user) {
        byte[] challenge = challengeHash(authenticatorChallenge, peerChallenge, user);
        return ntHash.with(hash -> {
            byte[] keys = Arrays.copyOf(hash, 21);
            byte[] response = new byte[RESPONSE_OCTETS];
            for (int block = 0; block < 3; block++) {
                byte[] key = parity(keys, 7 * block);
                System.arraycopy(des(key, challenge), 0, response, 8 * block, 8);
                Arrays.fill(key, (byte) 0);
            }
            Arrays.fill(keys, (byte) 0);
            return Bytes.wrap(response);
        });
    }

    /** What the authenticator shows in return, GenerateAuthenticatorResponse of RFC 2759, section 8.7, before it is written in hexadecimal. */
    public static Bytes authenticatorResponse(Secret ntHash, Bytes ntResponse, Bytes authenticatorChallenge, Bytes peerChallenge, Bytes user) {
        byte[] hashHash = hashOfHash(ntHash);
        byte[] digest = sha1(hashHash, ntResponse.toArray(), SERVER_SIGNING);
        Arrays.fill(hashHash, (byte) 0);
        return Bytes.wrap(sha1(digest, challengeHash(authenticatorChallenge, peerChallenge, user), MORE_ITERATIONS));
    }

    /**
     * The MSK: what the server receives with, what it sends with, and zeros to 64 octets (RFC 3079, section 3.4, and
     * draft-kamath-pppext-eap-mschapv2-02, section 2.3, as everybody has it).
     */
    public static Secret msk(Secret ntHash, Bytes ntResponse) {
        byte[] hashHash = hashOfHash(ntHash);
        byte[] master = Arrays.copyOf(sha1(hashHash, ntResponse.toArray(), MASTER_KEY), KEY_OCTETS);
        byte[] msk = new byte[MSK_OCTETS];
        startKey(master, PEER_SENDS, msk, 0);
        startKey(master, SERVER_SENDS, msk, KEY_OCTETS);
        Arrays.fill(hashHash, (byte) 0);
        Arrays.fill(master, (byte) 0);
        return Secret.take(msk);
    }

    /** GetAsymmetricStartKey of RFC 3079, section 3.4. */
    private static void startKey(byte[] master, byte[] magic, byte[] out, int at) {
        byte[] secondPad = new byte[PAD_OCTETS];
        Arrays.fill(secondPad, (byte) 0xf2);
        byte[] digest = sha1(master, new byte[PAD_OCTETS], magic, secondPad);
        System.arraycopy(digest, 0, out, at, KEY_OCTETS);
        Arrays.fill(digest, (byte) 0);
    }

    private static byte[] challengeHash(Bytes authenticatorChallenge, Bytes peerChallenge, Bytes user) {
        return Arrays.copyOf(sha1(peerChallenge.toArray(), authenticatorChallenge.toArray(), user.toArray()), 8);
    }

    private static byte[] hashOfHash(Secret ntHash) {
        return ntHash.with(hash -> Providers.best().digest("MD4").digest(hash));
    }

    private static byte[] sha1(byte[]... parts) {
        MessageDigest digest = Providers.best().digest("SHA-1");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /** Seven octets of key as DES has them: seven bits in each of eight octets. */
    private static byte[] parity(byte[] octets, int from) {
        long bits = 0;
        for (int at = 0; at < 7; at++) {
            bits = bits << 8 | octets[from + at] & 0xff;
        }
        byte[] key = new byte[8];
        for (int at = 7; at >= 0; at--) {
            key[at] = (byte) (bits << 1);
            bits >>>= 7;
        }
        return key;
    }

    private static byte[] des(byte[] key, byte[] block) {
        Cipher cipher = Providers.best().cipher("DES/ECB/NoPadding");
        Secret secret = Secret.take(key);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, new RawKey(secret, "DES"));
            return cipher.doFinal(block);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("DES cannot be computed: " + e.getMessage(), e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
