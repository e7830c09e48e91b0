package org.xfrmagent.agent.engine.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * What tokens have signed for the step that is being taken. Where a handler needs a signature that is not here, its step is not taken: the token is
 * asked, and the same input is handled once more when the answer is there. All before that point is computed twice, and nothing else
 * happens twice.
 *
 * @param made a {@link Result.Signed}, or a {@link Result.Failed} with the token's reason
 */
public record TokenSignatures(Map<Job.Sign, Result> made) {
    public static final TokenSignatures NONE = new TokenSignatures(Map.of());

    /** One input needs two at most: AUTH with and without a postquantum key (RFC 8784). */
    private static final int MOST = 4;

    public TokenSignatures {
        made = Map.copyOf(made);
    }

    /** Ends a step that cannot be taken yet. No mistake, and nobody's fault: it carries no stack trace. */
    public static final class Awaited extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Job.Sign job;

        private Awaited(Job.Sign job) {
            super("a token has to sign first", null, false, false);
            this.job = job;
        }

        public Job.Sign job() {
            return job;
        }
    }

    /**
     * The signature of {@code octets}: at once by a key in memory.
     *
     * @return {@link Result.Signed} or {@link Result.Failed}
     * @throws Awaited if a token has to be asked
     */
    public Result sign(SigningKey key, SignatureScheme scheme, Bytes octets) {
        if (!(key instanceof TokenKey token)) {
            return new Result.Signed(key.sign(scheme, octets));
        }
        Job.Sign job = new Job.Sign(token, scheme, octets);
        Optional<Result> known = Optional.ofNullable(made.get(job));
        if (known.isEmpty() && made.size() >= MOST) {
            return new Result.Failed("what is to be signed changes with every signature");
        }
        return known.orElseThrow(() -> new Awaited(job));
    }

    public TokenSignatures with(Job.Sign job, Result result) {
        Map<Job.Sign, Result> more = new HashMap<>(made);
        more.put(job, result);
        return new TokenSignatures(more);
    }
}
