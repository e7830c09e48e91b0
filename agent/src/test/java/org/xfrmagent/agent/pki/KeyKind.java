package org.xfrmagent.agent.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Kinds of key pairs. */
public enum KeyKind {
    RSA_1024("RSA", "1024", "SHA256withRSA"),
    RSA_2048("RSA", "2048", "SHA256withRSA"),
    RSA_3072("RSA", "3072", "SHA256withRSA"),
    RSA_4096("RSA", "4096", "SHA512withRSA"),
    P256("EC", "secp256r1", "SHA256withECDSA"),
    P384("EC", "secp384r1", "SHA384withECDSA"),
    P521("EC", "secp521r1", "SHA512withECDSA"),
    ED25519("Ed25519", "", "Ed25519"),
    ED448("Ed448", "", "Ed448");

    /** RSA pairs take so long to make that tests share them: one for each name asked for. */
    private static final Map<String, KeyPair> MADE = new ConcurrentHashMap<>();

    private final String algorithm;
    private final String parameter;
    private final String signature;

    KeyKind(String algorithm, String parameter, String signature) {
        this.algorithm = algorithm;
        this.parameter = parameter;
        this.signature = signature;
    }

    /** The JCA's name of how such a key signs certificates. */
    public String signature() {
        return signature;
    }

    /** The pair that goes by {@code name} in this test run. */
    public KeyPair pair(String name) {
        return MADE.computeIfAbsent(this + " " + name, _ -> fresh());
    }

    private KeyPair fresh() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(Integer.parseInt(parameter));
            } else if (!parameter.isEmpty()) {
                generator.initialize(new ECGenParameterSpec(parameter));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
