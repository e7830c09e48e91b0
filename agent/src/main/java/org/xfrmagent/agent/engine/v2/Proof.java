package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.KeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.Credentials.Own;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.TokenSignatures;
import org.xfrmagent.agent.wire.AuthMethod;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** What we prove with who we are (RFC 7296, section 2.15). */
sealed interface Proof {
    /** AUTH over {@code octets}, and before it whatever the peer needs to verify that. */
    List<Payload> payloads(Bytes octets);

    record SharedKey(Prf prf, Secret psk) implements Proof {
        @Override
        public List<Payload> payloads(Bytes octets) {
            return List.of(new AuthPayload(AuthMethod.SHARED_KEY_MIC.number(), KeySchedule.pskAuth(prf, psk, octets)));
        }
    }

    /**
     * AUTH alone: who we are was said before EAP began (section 2.16).
     *
     * @param key MSK, or SK_pi or SK_pr of the side that shows it, where the method makes none
     */
    record AfterEap(Prf prf, Secret key) implements Proof {
        @Override
        public List<Payload> payloads(Bytes octets) {
            return List.of(new AuthPayload(AuthMethod.SHARED_KEY_MIC.number(), KeySchedule.pskAuth(prf, key, octets)));
        }

        boolean verifies(AuthPayload auth, Bytes octets) {
            return auth.method() == AuthMethod.SHARED_KEY_MIC.number()
                    && Hashes.equalInConstantTime(auth.data(), KeySchedule.pskAuth(prf, key, octets));
        }
    }

    /**
     * CERT, one or more, and a signature with the key of the first (section 3.6).
     *
     * @param shown whether there is CERT, or the peer has the certificate already
     * @param announced whether the peer knows RFC 7427
     * @param signatures of tokens
     */
    record Signature(Own own, boolean shown, SignatureScheme scheme, boolean announced, TokenSignatures signatures) implements Proof {
        @Override
        public List<Payload> payloads(Bytes octets) {
            List<Payload> payloads = new ArrayList<>(shown ? Certificates.shown(own.chain()) : List.of());
            switch (signatures.sign(own.key(), scheme, octets)) {
                case Result.Signed(Bytes signature) -> payloads.add(Signatures.payload(scheme, announced, signature));
                case Result.Failed(String reason) -> throw new Refusal(
                        Notify.AUTHENTICATION_FAILED, "cannot be shown who we are: " + reason);
                default -> throw new IllegalStateException("no signature and no reason");
            }
            return List.copyOf(payloads);
        }
    }
}
