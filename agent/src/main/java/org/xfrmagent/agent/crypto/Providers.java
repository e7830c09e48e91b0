package org.xfrmagent.agent.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Which implementation computes what: the native provider (AWS-LC) where it has the algorithm, the JDK next, BouncyCastle for
 * the rest. Each is named as an object; the machine's global provider order is never asked and never changed.
 *
 * <p>BouncyCastle's provider takes a quarter of a second to load, so it is loaded when an algorithm needs it and not before.
 */
final class Providers {
    private static final Providers PORTABLE = new Providers(Optional.empty());

    private final Optional<Provider> nativeProvider;
    /** Who answered for an algorithm: asking a provider for what it lacks costs an exception, which one time is enough. */
    private final Map<String, Provider> chosen = new ConcurrentHashMap<>();
    private final Map<String, KeyExchange> exchanges = new ConcurrentHashMap<>();

    private Providers(Optional<Provider> nativeProvider) {
        this.nativeProvider = nativeProvider;
    }

    private static final class Best {
        static final Providers INSTANCE = loadNative().map(found -> new Providers(Optional.of(found))).orElse(PORTABLE);
    }

    private static final class BouncyCastle {
        static final Provider INSTANCE = new BouncyCastleProvider();
    }

    private static final class Jdk {
        static final Provider CIPHERS = named("SunJCE");
        static final Provider DIGESTS = named("SUN");
        static final Provider CURVES = named("SunEC");
        static final Provider RSA = named("SunRsaSign");

        private static Provider named(String name) {
            return Objects.requireNonNull(Security.getProvider(name), () -> "this Java has no provider " + name);
        }
    }

    /** The fastest of what this machine has. */
    static Providers best() {
        return Best.INSTANCE;
    }

    /** The same without the native provider: for a CPU or C library it is not built for, and for tests that compare. */
    static Providers portable() {
        return PORTABLE;
    }

    /**
     * The one place where the native provider may fail: its jar may be missing, its library may be for another CPU, or be
     * linked against another C library (musl).
     */
    private static Optional<Provider> loadNative() {
        try {
            AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
            return provider.getLoadingError() == null ? Optional.of(provider) : Optional.empty();
        } catch (LinkageError | RuntimeException notOnThisMachine) {
            return Optional.empty();
        }
    }

    /** Who computes on the NIST curves. */
    Provider curves() {
        return nativeProvider.orElse(Jdk.CURVES);
    }

    /** Who knows the NIST curves by name. */
    static Provider curveParameters() {
        return Jdk.CURVES;
    }

    /** Who reads keys of RSA. */
    static Provider rsaKeys() {
        return Jdk.RSA;
    }

    /** Who knows what private keys are encrypted with. */
    static Provider bouncyCastle() {
        return BouncyCastle.INSTANCE;
    }

    /** Who reads certificates. */
    static Provider certificates() {
        return Jdk.DIGESTS;
    }

    /** A signature over a NIST curve, or with RSASSA-PSS. */
    Signature signature(String name) {
        return first(name, name.startsWith("RSA") ? Jdk.RSA : Jdk.CURVES, provider -> Signature.getInstance(name, provider));
    }

    /** Ed25519 or Ed448: always the JDK's, which has both, and whose keys the native provider may not take. */
    Signature edwardsSignature(String name) {
        return get(name, Jdk.CURVES, provider -> Signature.getInstance(name, provider));
    }

    Cipher cipher(String transformation) {
        return first(transformation, Jdk.CIPHERS, provider -> Cipher.getInstance(transformation, provider));
    }

    /** BouncyCastle's cipher, for the parameters of an algorithm that the other two refuse. */
    Cipher lenientCipher(String transformation) {
        return get(transformation, BouncyCastle.INSTANCE, provider -> Cipher.getInstance(transformation, provider));
    }

    Mac mac(String name) {
        return first(name, Jdk.CIPHERS, provider -> Mac.getInstance(name, provider));
    }

    MessageDigest digest(String name) {
        return first(name, Jdk.DIGESTS, provider -> MessageDigest.getInstance(name, provider));
    }

    /** The key exchange of this name; made once, because a MODP group computes its prime. */
    KeyExchange exchange(String keyword, Supplier<KeyExchange> make) {
        return exchanges.computeIfAbsent(keyword, unknown -> make.get());
    }

    private interface Lookup<T> {
        T in(Provider provider) throws GeneralSecurityException;
    }

    private <T> T first(String name, Provider jdk, Lookup<T> lookup) {
        Provider known = chosen.get(name);
        if (known != null) {
            return get(name, known, lookup);
        }
        List<Supplier<Provider>> order = nativeProvider.isPresent()
                ? List.of(nativeProvider::get, () -> jdk, () -> BouncyCastle.INSTANCE)
                : List.of(() -> jdk, () -> BouncyCastle.INSTANCE);
        GeneralSecurityException last = new GeneralSecurityException("no provider has " + name);
        for (Supplier<Provider> candidate : order) {
            Provider provider = candidate.get();
            try {
                T found = lookup.in(provider);
                chosen.put(name, provider);
                return found;
            } catch (GeneralSecurityException lacksIt) {
                last = lacksIt;
            }
        }
        throw new IllegalArgumentException("no provider has " + name, last);
    }

    private static <T> T get(String name, Provider provider, Lookup<T> lookup) {
        try {
            return lookup.in(provider);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " has no " + name, e);
        }
    }
}
