package org.xfrmagent.agent.sim;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;

/**
 * Certificates of one gateway. Whether a chain leads to an authority is looked at as simply as the simulation needs it; what makes a
 * chain good is the business of the chain validator's tests.
 *
 * @param own what it shows, the most liked first
 * @param authorities whom it believes
 * @param known certificates of others, as if from files
 * @param shy whether it signs and shows no certificate
 */
record Wallet(List<Shown> own, List<Holder> authorities, List<Holder> known, boolean shy, Optional<Credentials> others) implements Credentials {
    static final Holder ROOT = TestPki.authority("CN=Root").selfSigned();
    static final Holder OTHER_ROOT = TestPki.authority("CN=Other Root").selfSigned();

    /** @param issuers those between it and {@code authority} */
    record Shown(Holder end, List<Holder> issuers, Holder authority) {}

    /** {@code host} has a certificate of {@link #ROOT}'s, whom it believes. */
    static Wallet of(String host, KeyKind kind) {
        return new Wallet(List.of(new Shown(end(host, kind).issuedBy(ROOT), List.of(), ROOT)), List.of(ROOT), List.of(), false, Optional.empty());
    }

    static TestPki end(String host, KeyKind kind) {
        return TestPki.end("CN=" + host).dns(host + ".example.org").key(kind);
    }

    /** Shows this as well. */
    Wallet alsoShowing(Holder end, Holder authority, Holder... issuers) {
        return new Wallet(Stream.concat(own.stream(), Stream.of(new Shown(end, List.of(issuers), authority))).toList(), authorities, known, shy, others);
    }

    Wallet showing(Holder end, Holder authority, Holder... issuers) {
        return new Wallet(List.of(new Shown(end, List.of(issuers), authority)), authorities, known, shy, others);
    }

    Wallet silent() {
        return new Wallet(own, authorities, known, true, others);
    }

    Wallet believing(Holder... whom) {
        return new Wallet(own, List.of(whom), known, shy, others);
    }

    Wallet knowing(Holder... ends) {
        return new Wallet(own, authorities, List.of(ends), shy, others);
    }

    Wallet with(Credentials secrets) {
        return new Wallet(own, authorities, known, shy, Optional.of(others.isPresent() && others.get() instanceof SimulatedToken token ? token.beside(secrets) : secrets));
    }

    @Override
    public Optional<Secret> psk(Identity local, Identity remote) {
        return others.flatMap(secrets -> secrets.psk(local, remote));
    }

    @Override
    public Optional<Secret> ppk(Identity id) {
        return others.flatMap(secrets -> secrets.ppk(id));
    }

    @Override
    public boolean hasPpk() {
        return others.filter(Credentials::hasPpk).isPresent();
    }

    @Override
    public Optional<Secret> password(String user) {
        return others.flatMap(secrets -> secrets.password(user));
    }

    @Override
    public Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
        Optional<Own> other = others.filter(SimulatedToken.class::isInstance).flatMap(token -> token.own(peer, local, asked));
        return other.isPresent() ? other : own.stream()
                .filter(shown -> asked.contains(anchor(shown.authority()).keyHash()) || asked.contains(anchor(shown.authority()).name()))
                .findFirst()
                .or(() -> own.stream().findFirst())
                .map(shown -> new Own(
                        shy || peer.local().certification().isByPublicKey() ? List.of() : Stream.concat(Stream.of(shown.end()), shown.issuers().stream()).map(Holder::der).toList(),
                        key(shown.end())));
    }

    private static org.xfrmagent.agent.crypto.SigningKey key(Holder holder) {
        try {
            return SigningKeys.of(holder.pkcs8());
        } catch (UnusableKey impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public List<Anchor> anchors(Peer peer) {
        return authorities.stream().map(Wallet::anchor).toList();
    }

    static Anchor anchor(Holder authority) {
        try {
            return new Anchor(
                    Bytes.wrap(authority.certificate().getSubjectX500Principal().getEncoded()),
                    Bytes.wrap(MessageDigest.getInstance("SHA-1").digest(authority.keys().getPublic().getEncoded())));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public List<Bytes> known(Peer peer, Identity remote) {
        boolean byKey = peer.remote().certification().isByPublicKey();
        return known.stream().map(holder -> byKey ? Bytes.wrap(holder.keys().getPublic().getEncoded()) : holder.der()).toList();
    }

    @Override
    public Optional<String> objection(Peer peer, Identity remote, List<Bytes> certificates) {
        if (peer.remote().certification().isByPublicKey()) {
            return known(peer, remote).contains(certificates.getFirst()) ? Optional.empty() : Optional.of("this is not the key of " + remote);
        }
        List<X509Certificate> chain = certificates.stream().map(der -> new Holder(der, ROOT.keys(), ROOT.kind()).certificate()).toList();
        X509Certificate end = chain.getFirst();
        if (!names(end).contains(remote.toString())) {
            return Optional.of("the certificate " + end.getSubjectX500Principal() + " does not contain " + remote);
        }
        List<X509Certificate> candidates = new ArrayList<>(chain.subList(1, chain.size()));
        X509Certificate current = end;
        while (true) {
            X509Certificate last = current;
            if (authorities.stream().anyMatch(authority -> signed(last, authority.certificate()))) {
                return Optional.empty();
            }
            Optional<X509Certificate> next = candidates.stream().filter(issuer -> signed(last, issuer)).findFirst();
            if (next.isEmpty()) {
                return Optional.of("no authority that we believe vouches for the certificate " + end.getSubjectX500Principal());
            }
            candidates.remove(next.get());
            current = next.get();
        }
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            return certificate.getSubjectAlternativeNames().stream().map(name -> name.get(1).toString()).toList();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static boolean signed(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException not) {
            return false;
        }
    }
}
