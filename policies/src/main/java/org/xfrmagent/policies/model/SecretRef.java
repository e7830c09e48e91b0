package org.xfrmagent.policies.model;

import java.nio.file.Path;

/** Where a secret is; never the secret itself. */
public sealed interface SecretRef {
    /** In a file that only its owner can read. A relative path in a policy file starts from that file's folder. */
    record FromFile(Path path) implements SecretRef {
        @Override
        public String toString() {
            return "file:" + path;
        }
    }

    /** In a credential that systemd hands over (LoadCredential=), by name. */
    record FromCredential(String name) implements SecretRef {
        @Override
        public String toString() {
            return "credential:" + name;
        }
    }

    /** In the running agent, where a client of its control socket has put it; {@code id} is the client's name for it. */
    record Loaded(String id) implements SecretRef {
        @Override
        public String toString() {
            return "loaded:" + id;
        }
    }

    /** A private key that stays in its token. */
    record InToken(TokenUri uri) implements SecretRef {
        @Override
        public String toString() {
            return uri.toString();
        }
    }

    /** In a variable of the environment. */
    record FromEnvironment(String name) implements SecretRef {
        @Override
        public String toString() {
            return "env:" + name;
        }
    }
}
