package org.xfrmagent.agent.engine.v2;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.ChildKeys;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.crypto.KeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;

/** The key schedule applied to negotiated suites (RFC 7296, sections 2.14, 2.17 and 2.18). */
final class Keys {
    private Keys() {}

    static IkeKeys initial(Proposal suite, Secret shared, Bytes ni, Bytes nr, long initiatorSpi, long responderSpi) {
        Prf prf = prf(suite);
        return fromSeed(suite, KeySchedule.skeyseed(prf, ni, nr, shared), ni, nr, initiatorSpi, responderSpi);
    }

    /** The keys of the IKE SA that replaces {@code old}. */
    static IkeKeys successor(
            IkeSa old, Proposal suite, Secret shared, Bytes ni, Bytes nr, long initiatorSpi, long responderSpi) {
        Secret seed = KeySchedule.rekeyedSkeyseed(prf(old.suite()), old.keys().d(), shared, ni, nr);
        return fromSeed(suite, seed, ni, nr, initiatorSpi, responderSpi);
    }

    private static IkeKeys fromSeed(Proposal suite, Secret seed, Bytes ni, Bytes nr, long initiatorSpi, long responderSpi) {
        try {
            return KeySchedule.ikeKeys(
                    prf(suite), seed, ni, nr, initiatorSpi, responderSpi, one(suite, TransformType.ENCR),
                    Selection.of(suite, TransformType.INTEG));
        } finally {
            seed.wipe();
        }
    }

    static ChildKeys child(IkeSa sa, Proposal suite, Optional<Secret> shared, Bytes ni, Bytes nr) {
        return KeySchedule.childKeys(
                prf(sa.suite()), sa.keys().d(), shared, ni, nr, Selection.of(suite, TransformType.ENCR),
                Selection.of(suite, TransformType.INTEG));
    }

    static Prf prf(Proposal suite) {
        return Prf.of(one(suite, TransformType.PRF));
    }

    private static Algorithm one(Proposal suite, TransformType type) {
        return Selection.of(suite, type).orElseThrow(() -> new IllegalStateException("an IKE SA without " + type.word()));
    }
}
