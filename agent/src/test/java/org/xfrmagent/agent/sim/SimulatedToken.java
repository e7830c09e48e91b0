package org.xfrmagent.agent.sim;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;

/** A wallet whose private key is in a token. */
final class SimulatedToken implements Credentials {
    private final Wallet wallet;
    private Optional<Credentials> secrets = Optional.empty();

    /** How often it has signed. */
    final AtomicInteger signed = new AtomicInteger();

    /** Why it signs no more. */
    Optional<String> reason = Optional.empty();

    /** Whether it is one of the many that have nothing for RSASSA-PSS. */
    boolean old;

    SimulatedToken(Wallet wallet) {
        this.wallet = wallet;
    }

    Wallet kept() {
        return wallet.with(this);
    }

    /** With secrets of other kinds. */
    SimulatedToken beside(Credentials others) {
        secrets = Optional.of(others);
        return this;
    }

    @Override
    public Optional<Secret> psk(Identity local, Identity remote) {
        return secrets.flatMap(all -> all.psk(local, remote));
    }

    @Override
    public Optional<Secret> ppk(Identity id) {
        return secrets.flatMap(all -> all.ppk(id));
    }

    @Override
    public Optional<Secret> password(String user) {
        return secrets.flatMap(all -> all.password(user));
    }

    @Override
    public boolean hasPpk() {
        return secrets.filter(Credentials::hasPpk).isPresent();
    }

    @Override
    public Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
        return wallet.own(peer, local, asked).map(own -> new Own(own.chain(), new Key(this, own.key())));
    }

    /** Equal while it is the same key of the same token. What it holds is the token's, and no session's to wipe. */
    private static final class Key implements TokenKey {
        private final SimulatedToken token;
        private final SigningKey key;

        Key(SimulatedToken token, SigningKey key) {
            this.token = token;
            this.key = key;
        }

        @Override
        public SignatureScheme.Key kind() {
            return key.kind();
        }

        @Override
        public int bits() {
            return key.bits();
        }

        @Override
        public Bytes publicKey() {
            throw new AssertionError("nobody asks for it here");
        }

        @Override
        public boolean signsBy(SignatureScheme scheme) {
            return !(token.old && scheme.word().contains("pss"));
        }

        @Override
        public Bytes sign(SignatureScheme scheme, Bytes octets) {
            token.signed.incrementAndGet();
            token.reason.ifPresent(why -> {
                throw new CannotSign(why);
            });
            return key.sign(scheme, octets);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key another && another.token == token;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(token);
        }
    }
}
