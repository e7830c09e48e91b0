package org.xfrmagent.policies.secrets;

import java.util.Optional;

/** What became of a reference to a secret. No sentence has anything of the secret in it. */
public sealed interface Resolution {
    /** The secret. Whoever takes it wipes it. */
    final class Found implements Resolution {
        private final byte[] octets;

        Found(byte[] octets) {
            this.octets = octets;
        }

        /** The secret itself, not a copy: the caller owns it and fills it with zeros when done. */
        public byte[] octets() {
            return octets;
        }

        /** A sentence about a key that is too short for its purpose (RFC 7296 section 2.15 asks for as much entropy as the PRF's key). */
        public Optional<String> warning() {
            return octets.length < SecretReader.SHORT
                    ? Optional.of("has " + octets.length + " octets; a pre-shared key should have at least " + SecretReader.SHORT
                            + " random ones, because whoever records a login can try keys at leisure")
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return "Found";
        }
    }

    /** It is there and must not be used, or should be there and is not. */
    record Refused(String sentence) implements Resolution {}

    /** It can only be found in the running service, not by this process. */
    record Elsewhere(String sentence) implements Resolution {}
}
