package org.xfrmagent.policies.algorithm;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One row of {@link Algorithms}: every name and number that one algorithm, at one key length, has anywhere.
 *
 * @param type what it is for
 * @param keyword its word in a proposal, such as {@code aes256gcm16}
 * @param aliases other words accepted for it, such as {@code aes256gcm128}
 * @param viciName its name in strongSwan's control protocol, without the key length, such as {@code AES_GCM_16}
 * @param ikev2Id the IKEv2 transform id
 * @param keyLengthAttribute the Key Length attribute in bits (RFC 7296 section 3.3.5); 0 = the attribute is absent
 * @param ikev1 its numbers in IKEv1
 * @param sizes octets of keys and packets; all zero for KE and ESN
 * @param values octets of public values and the shared secret; all zero unless KE
 * @param aead whether it encrypts and authenticates in one
 * @param kernel its name in the kernel's XFRM, if the kernel has to know it
 * @param jca the standard name under which Java's providers know it, where one exists: a Cipher transformation, a Mac, or the
 *     curve or algorithm of a KeyAgreement or KEM
 * @param ike the advice for IKE; empty = not usable there
 * @param ipsec the advice for ESP and AH; empty = not usable there
 * @param standing whether a proposal may name it
 */
public record Algorithm(
        TransformType type,
        String keyword,
        List<String> aliases,
        String viciName,
        int ikev2Id,
        int keyLengthAttribute,
        Ikev1 ikev1,
        Sizes sizes,
        Values values,
        boolean aead,
        Optional<Kernel> kernel,
        Optional<String> jca,
        Optional<Advice> ike,
        Optional<Advice> ipsec,
        Standing standing) {

    public Algorithm {
        aliases = List.copyOf(aliases);
    }

    /**
     * IKEv1's numbers.
     *
     * @param oakley phase 1: encryption, hash or group attribute value (RFC 2409 appendix A and its registry)
     * @param esp phase 2: the ESP transform id of a cipher, or the authentication-algorithm attribute of a MAC (RFC 2407)
     * @param ah phase 2: the AH transform id of a MAC (RFC 2407 section 4.4.3)
     */
    public record Ikev1(OptionalInt oakley, OptionalInt esp, OptionalInt ah) {
        static final Ikev1 NONE = new Ikev1(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
    }

    /**
     * Octets.
     *
     * @param keyBytes the key without salt; for a PRF its preferred key length, which is also its output length
     * @param saltBytes the salt or nonce that follows the key in the key material (RFC 4106, 4309, 3686, 7634)
     * @param blockBytes ENCR: plain text is padded to a multiple of this (1 = none needed); MACs and PRFs: the hash's or cipher's block
     * @param ivBytes the explicit IV in each packet
     * @param icvBytes the integrity check value in each packet: the truncated MAC, or the AEAD's tag
     */
    public record Sizes(int keyBytes, int saltBytes, int blockBytes, int ivBytes, int icvBytes) {}

    /**
     * Octets of one key exchange; the two public values differ only for a KEM (encapsulation key, then cipher text).
     *
     * @param initiatorBytes the initiator's KE payload data
     * @param responderBytes the responder's KE payload data
     * @param secretBytes the shared secret
     */
    public record Values(int initiatorBytes, int responderBytes, int secretBytes) {}

    /**
     * What XFRM calls it.
     *
     * @param name the crypto API's name, such as {@code rfc4106(gcm(aes))}
     * @param truncationBits bits of the ICV, for XFRMA_ALG_AEAD and XFRMA_ALG_AUTH_TRUNC; 0 for a cipher
     * @param since the first kernel that has it, as "4.2"; empty = every kernel the agent runs on
     */
    public record Kernel(String name, int truncationBits, String since) {}

    /** Whether a proposal may name an algorithm. */
    public enum Standing {
        /** Yes. */
        USABLE,
        /** Only for a peer of IKEv1, and there only by name. */
        IKEV1_ONLY,
        /** Only as an additional key exchange (RFC 9370), never as the first. */
        ADDITIONAL_ONLY,
        /** Known so that it can be named in a log line, and never negotiated. */
        REFUSED
    }

    public int keyBytes() {
        return sizes.keyBytes;
    }

    public int saltBytes() {
        return sizes.saltBytes;
    }

    public int blockBytes() {
        return sizes.blockBytes;
    }

    public int ivBytes() {
        return sizes.ivBytes;
    }

    public int icvBytes() {
        return sizes.icvBytes;
    }

    /** A MAC whose ICV has only so many octets, and that is agreed on by the same number. */
    public Algorithm truncatedTo(int octets) {
        return new Algorithm(
                type, keyword, aliases, viciName, ikev2Id, keyLengthAttribute, ikev1,
                new Sizes(sizes.keyBytes, sizes.saltBytes, sizes.blockBytes, sizes.ivBytes, octets), values, aead,
                kernel.map(known -> new Kernel(known.name, octets * 8, known.since)), jca, ike, ipsec, standing);
    }

    /** The octets taken from the key material for one direction: key and salt. */
    public int keyMaterialBytes() {
        return sizes.keyBytes + sizes.saltBytes;
    }

    /** The advice for {@code protocol}; empty = not usable there. */
    public Optional<Advice> advice(Protocol protocol) {
        return switch (protocol) {
            case IKE -> ike;
            case ESP -> ipsec;
            case AH -> type == TransformType.ENCR ? Optional.empty() : ipsec;
            case IPCOMP -> Optional.empty();
        };
    }

    /** Whether some peer's proposal may name it. */
    public boolean usableIn(Protocol protocol) {
        return (standing == Standing.USABLE || standing == Standing.IKEV1_ONLY) && advice(protocol).isPresent();
    }

    @Override
    public String toString() {
        return keyword;
    }
}
