package org.xfrmagent.policies.model;

import java.nio.file.Path;

/** Where a certificate, a list of revoked ones or a public key is. Unlike a secret, everybody may read it. */
public sealed interface CertificateRef {
    /**
     * In a file, as PEM or DER; PEM may hold several: first the one that is meant, then those that lead to its authority. A relative
     * path in a policy file starts from that file's folder.
     */
    record FromFile(Path path) implements CertificateRef {
        @Override
        public String toString() {
            return "file:" + path;
        }
    }

    /** A certificate in a token. */
    record InToken(TokenUri uri) implements CertificateRef {
        @Override
        public String toString() {
            return uri.toString();
        }
    }

    /** In the running agent, where a client of its control socket has put it; {@code id} is the SHA-256 hash of its DER. */
    record Loaded(String id) implements CertificateRef {
        @Override
        public String toString() {
            return "loaded:" + id;
        }
    }
}
