package org.xfrmagent.agent.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.agent.bytes.Bytes;

/** What TLS shows about us, and whom it believes: both as IKE's credentials have it, not as the JDK would. */
final class TlsCredentials {
    private static final String OURS = "ours";

    private TlsCredentials() {}

    /** @param chain ours first; empty if we have nothing to show */
    static final class Own extends X509ExtendedKeyManager {
        private final X509Certificate[] chain;
        private final Optional<PrivateKey> key;

        Own(List<X509Certificate> chain, Optional<PrivateKey> key) {
            this.chain = chain.toArray(X509Certificate[]::new);
            this.key = key;
        }

        private @Nullable String alias(String... keyTypes) {
            return chain.length > 0 && key.isPresent() && List.of(keyTypes).contains(chain[0].getPublicKey().getAlgorithm()) ? OURS : null;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return alias(keyTypes);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return alias(keyTypes);
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return alias(keyType);
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            String alias = alias(keyType);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return getClientAliases(keyType, issuers);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return key.orElse(null);
        }
    }

    /** Asks {@code objection} about a chain, and keeps nothing. */
    static final class Believed extends X509ExtendedTrustManager {
        private final Function<List<Bytes>, Optional<String>> objection;

        /** @param objection to a chain in DER, a sentence */
        Believed(Function<List<Bytes>, Optional<String>> objection) {
            this.objection = objection;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            List<Bytes> encoded = new ArrayList<>();
            for (X509Certificate certificate : chain) {
                encoded.add(Bytes.wrap(certificate.getEncoded()));
            }
            Optional<String> found = objection.apply(encoded);
            if (found.isPresent()) {
                throw new CertificateException(found.get());
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        /** No names: then an end shows what it has (RFC 5246, section 7.4.4). */
        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
