package org.xfrmagent.agent.crypto;

import java.math.BigInteger;
import java.security.interfaces.ECKey;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** The NIST curves that sign. The cofactor of each is 1, and each is known by the order of its group. */
enum Curve {
    P256(256, SignatureScheme.ECDSA_P256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
    P384(384, SignatureScheme.ECDSA_P384, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
    P521(521, SignatureScheme.ECDSA_P521, "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409");

    private final int bits;
    private final SignatureScheme bound;
    private final BigInteger order;

    Curve(int bits, SignatureScheme bound, String order) {
        this.bits = bits;
        this.bound = bound;
        this.order = new BigInteger(order, 16);
    }

    int bits() {
        return bits;
    }

    /** The scheme of RFC 4754 that is for this curve only. */
    SignatureScheme bound() {
        return bound;
    }

    static Optional<Curve> of(ECKey key) {
        ECParameterSpec parameters = key.getParams();
        return parameters == null
                ? Optional.empty()
                : Arrays.stream(values()).filter(curve -> curve.order.equals(parameters.getOrder()) && parameters.getCofactor() == 1).findFirst();
    }

    static Optional<Curve> boundTo(SignatureScheme scheme) {
        return Arrays.stream(values()).filter(curve -> curve.bound == scheme).findFirst();
    }
}
