package org.xfrmagent.agent.crypto;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Function;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;
import org.xfrmagent.agent.bytes.Secret;

/** Opens private keys that a passphrase encrypts: of PKCS #8 (RFC 5958, with PBES2 of RFC 8018), and OpenSSL's older form. */
public final class Passphrases {
    private static final int MOST_ITERATIONS = 20_000_000;
    /** Of scrypt, 128 N r octets. */
    private static final long MOST_MEMORY = 512L << 20;
    private static final int MD5_OCTETS = 16;
    private static final int SALT_OCTETS = 8;

    private Passphrases() {}

    /**
     * What is in an EncryptedPrivateKeyInfo.
     *
     * @param der stays the caller's, as the passphrase does
     * @return a PrivateKeyInfo
     * @throws UnusableKey if it cannot be opened; the sentence has nothing of either
     */
    public static Secret openPkcs8(Secret der, Secret passphrase) throws UnusableKey {
        try {
            EncryptedPrivateKeyInfo info = der.with(EncryptedPrivateKeyInfo::getInstance);
            check(info.getEncryptionAlgorithm());
            return characters(passphrase, chars -> {
                try {
                    return Secret.take(new PKCS8EncryptedPrivateKeyInfo(info).decryptPrivateKeyInfo(decryptor(chars)).getEncoded());
                } catch (IOException | PKCSException wrong) {
                    throw new IllegalArgumentException(wrong);
                }
            });
        } catch (RuntimeException wrong) {
            throw new UnusableKey("its passphrase is not right, or it is not encrypted as PKCS #8 says");
        }
    }

    /** @param chars the passphrase, used as long as the decryptor is */
    static InputDecryptorProvider decryptor(char[] chars) {
        return new JcePKCSPBEInputDecryptorProviderBuilder().setProvider(Providers.bouncyCastle()).build(chars);
    }

    /** Lets {@code use} have the passphrase as characters of UTF-8, and wipes these. */
    static <T> T characters(Secret passphrase, Function<char[], T> use) {
        CharBuffer decoded = passphrase.with(octets -> StandardCharsets.UTF_8.decode(ByteBuffer.wrap(octets)));
        char[] chars = Arrays.copyOf(decoded.array(), decoded.limit());
        try {
            return use.apply(chars);
        } finally {
            Arrays.fill(decoded.array(), '\0');
            Arrays.fill(chars, '\0');
        }
    }

    /** Whoever has written the file must not have us compute for long, or in all of our memory. */
    static void check(AlgorithmIdentifier algorithm) throws UnusableKey {
        if (!algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            return;
        }
        KeyDerivationFunc derivation = PBES2Parameters.getInstance(algorithm.getParameters()).getKeyDerivationFunc();
        boolean cheap = true;
        if (derivation.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
            BigInteger iterations = PBKDF2Params.getInstance(derivation.getParameters()).getIterationCount();
            cheap = iterations.compareTo(BigInteger.valueOf(MOST_ITERATIONS)) <= 0;
        } else if (derivation.getAlgorithm().equals(MiscObjectIdentifiers.id_scrypt)) {
            ScryptParams scrypt = ScryptParams.getInstance(derivation.getParameters());
            BigInteger memory = scrypt.getCostParameter().multiply(scrypt.getBlockSize()).shiftLeft(7);
            cheap = memory.multiply(scrypt.getParallelizationParameter()).compareTo(BigInteger.valueOf(MOST_MEMORY)) <= 0;
        }
        if (!cheap) {
            throw new UnusableKey("its passphrase has to be stretched for so long, or with so much memory, that this is not done");
        }
    }

    /**
     * What stands in a PEM with {@code Proc-Type: 4,ENCRYPTED}: RFC 1421's form with OpenSSL's own way from the passphrase to the key.
     *
     * @param octets stay the caller's, as the passphrase does
     * @param algorithm what stands behind {@code DEK-Info:}, such as {@code AES-256-CBC,0123…}
     * @throws UnusableKey as {@link #openPkcs8} does
     */
    public static Secret openTraditional(Secret octets, String algorithm, Secret passphrase) throws UnusableKey {
        String[] parts = algorithm.split(",", 2);
        Way way = switch (parts[0].strip().toUpperCase(Locale.ROOT)) {
            case "AES-128-CBC" -> new Way("AES", 16);
            case "AES-192-CBC" -> new Way("AES", 24);
            case "AES-256-CBC" -> new Way("AES", 32);
            case "DES-EDE3-CBC" -> new Way("DESede", 24);
            default -> throw new UnusableKey("it is encrypted with '" + parts[0].strip() + "', expected AES or DES-EDE3 in CBC mode");
        };
        byte[] iv;
        try {
            iv = HexFormat.of().parseHex(parts.length < 2 ? "" : parts[1].strip());
        } catch (IllegalArgumentException noHex) {
            iv = new byte[0];
        }
        if (iv.length < SALT_OCTETS) {
            throw new UnusableKey("its DEK-Info has no initialization vector");
        }
        byte[] key = stretched(passphrase, Arrays.copyOf(iv, SALT_OCTETS), way.octets);
        try {
            Cipher cipher = Providers.best().cipher(way.cipher + "/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, way.cipher), new IvParameterSpec(iv));
            byte[] encrypted = octets.copy();
            return Secret.take(cipher.doFinal(encrypted));
        } catch (GeneralSecurityException wrong) {
            throw new UnusableKey("its passphrase is not right, or it is damaged");
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private record Way(String cipher, int octets) {}

    /** EVP_BytesToKey with MD5 and one round: no other way was ever written into such files. */
    private static byte[] stretched(Secret passphrase, byte[] salt, int octets) {
        MessageDigest md5 = Providers.best().digest("MD5");
        byte[] key = new byte[octets];
        byte[] block = new byte[0];
        for (int done = 0; done < octets; done += MD5_OCTETS) {
            md5.update(block);
            passphrase.with(secret -> {
                md5.update(secret);
                return secret.length;
            });
            Arrays.fill(block, (byte) 0);
            block = md5.digest(salt);
            System.arraycopy(block, 0, key, done, Math.min(MD5_OCTETS, octets - done));
        }
        Arrays.fill(block, (byte) 0);
        return key;
    }
}
