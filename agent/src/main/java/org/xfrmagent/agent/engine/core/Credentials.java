package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Radius;

/** Secrets and certificates held in memory; looking one up is a pure computation. */
@FunctionalInterface
public interface Credentials {
    /** The pre-shared key whose owners fit these two identities best. */
    Optional<Secret> psk(Identity local, Identity remote);

    /** The postquantum pre-shared key of this name (RFC 8784). */
    default Optional<Secret> ppk(Identity id) {
        return Optional.empty();
    }

    /** Whether there is any postquantum pre-shared key. */
    default boolean hasPpk() {
        return false;
    }

    /** The password of a user, by the name that is typed. */
    default Optional<Secret> password(String user) {
        return Optional.empty();
    }

    /** MD4 of a user's password, 16 octets, of those users of whom we have nothing else (RFC 2759, section 8.3). The caller wipes it. */
    default Optional<Secret> ntHash(String user) {
        return Optional.empty();
    }

    /**
     * A certificate of ours and its private key.
     *
     * @param chain DER: ours, then those that lead to its authority, which is not among them; none if there is nothing but a key
     */
    record Own(List<Bytes> chain, SigningKey key) {
        public Own {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Somebody whom we believe about a peer.
     *
     * @param name the DER of its name, which IKEv1 asks by (RFC 2408, section 3.10)
     * @param keyHash SHA-1 of its SubjectPublicKeyInfo, 20 octets, which IKEv2 asks by (RFC 7296, section 3.7)
     */
    record Anchor(Bytes name, Bytes keyHash) {}

    /**
     * What we show to {@code peer} as {@code local}: of several, one whose authority is among {@code asked}, names or key hashes as in
     * {@link Anchor}, if there is one.
     */
    default Optional<Own> own(Peer peer, Identity local, List<Bytes> asked) {
        return Optional.empty();
    }

    /** Whom we believe about {@code peer}, the nearest first; as many as a message may well hold. */
    default List<Anchor> anchors(Peer peer) {
        return List.of();
    }

    /**
     * Certificates, as DER, that the peer may have although it does not show them: those that its policy names, or that have its identity.
     * Of a peer that is known {@linkplain org.xfrmagent.policies.model.Certification#isByPublicKey by its public key}, the
     * SubjectPublicKeyInfo of each that it may have.
     */
    default List<Bytes> known(Peer peer, Identity remote) {
        return List.of();
    }

    /** Whose {@code certificate} says it is, whether it can be believed or not: its subject first. */
    default List<Identity> named(Bytes certificate) {
        return List.of();
    }

    /** Who judges users for us, the first to be asked first. */
    default Optional<Judges> radius() {
        return Optional.empty();
    }

    /**
     * @param nas what we call ourselves there
     * @param groupsFrom what of an Access-Accept names the user's groups
     * @param accounting what they are told of users that they have let in
     */
    record Judges(List<RadiusServer> servers, String nas, Set<Radius.GroupAttribute> groupsFrom, Radius.Accounting accounting) {
        public Judges {
            servers = List.copyOf(servers);
            groupsFrom = Set.copyOf(groupsFrom);
        }
    }

    /**
     * Whether the first of {@code certificates}, or the public key there, is {@code remote}'s and, by way of the others and those we have, an authority that we
     * believe about {@code peer} vouches for it, and has not taken that back (RFC 5280, section 6). It may ask others over the network, so
     * only a {@link Job.VerifyChain} comes here.
     *
     * @return empty if so, else a sentence that says what is wrong
     */
    default Optional<String> objection(Peer peer, Identity remote, List<Bytes> certificates) {
        return Optional.of("no certificate can be believed");
    }
}
