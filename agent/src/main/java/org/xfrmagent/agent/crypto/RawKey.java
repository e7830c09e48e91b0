package org.xfrmagent.agent.crypto;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import javax.crypto.SecretKey;
import org.xfrmagent.agent.bytes.Secret;

/**
 * A {@link Secret} as the key object that JCA asks for. {@code SecretKeySpec} would keep a copy that nothing can wipe; this one
 * hands out copies, which the providers wipe themselves.
 */
final class RawKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final transient Secret octets;
    private final String algorithm;

    RawKey(Secret octets, String algorithm) {
        this.octets = octets;
        this.algorithm = algorithm;
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return octets.copy();
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("a key is never written out");
    }

    @Override
    public String toString() {
        return algorithm + " key of " + octets.length() + " octets";
    }
}
