package org.xfrmagent.policies.model;

import java.util.List;
import java.util.Optional;

/**
 * One end of an IKE SA.
 *
 * @param addresses where it is; the first is tried first
 * @param port the UDP port of its IKE, 500 unless it is unusual; 4500 starts with the non-ESP marker at once
 * @param id who it is; for the local side {@link Identity.Any} means the address in use
 * @param auth how it proves that
 * @param user as whom we show a password, if this is our side and {@code auth} is {@link Auth#XAUTH}, {@link Auth#HYBRID} or
 *     {@link Auth#EAP}; of the peer's side with {@link Auth#EAP}, the only user that it may be
 * @param certification what it proves that with, if {@code auth} is {@link Auth#PUBKEY} or an EAP method has certificates
 * @param virtualAddresses the addresses inside the tunnel that our side asks the peer for
 * @param eap by which methods of EAP, if {@code auth} is {@link Auth#EAP}, or if a user shows itself behind {@code auth} (RFC 4739); of the
 *     peer's side with {@link Auth#XAUTH} or {@link Auth#HYBRID}, whether a RADIUS server judges the password
 * @param groups of the peer's side: it, or its user, has to be a member of one of them; empty = of none in particular
 */
public record Side(
        List<Host> addresses, int port, Identity id, Auth auth, Optional<String> user, Certification certification,
        List<VirtualAddress> virtualAddresses, EapTerms eap, List<String> groups) {
    public Side(List<Host> addresses, int port, Identity id, Auth auth) {
        this(addresses, port, id, auth, Optional.empty());
    }

    public Side(List<Host> addresses, int port, Identity id, Auth auth, Optional<String> user) {
        this(addresses, port, id, auth, user, Certification.NONE);
    }

    public Side(List<Host> addresses, int port, Identity id, Auth auth, Optional<String> user, Certification certification) {
        this(addresses, port, id, auth, user, certification, List.of());
    }

    public Side(
            List<Host> addresses, int port, Identity id, Auth auth, Optional<String> user, Certification certification, List<VirtualAddress> virtualAddresses) {
        this(addresses, port, id, auth, user, certification, virtualAddresses, EapTerms.NONE);
    }

    public Side(
            List<Host> addresses, int port, Identity id, Auth auth, Optional<String> user, Certification certification, List<VirtualAddress> virtualAddresses,
            EapTerms eap) {
        this(addresses, port, id, auth, user, certification, virtualAddresses, eap, List.of());
    }

    /** Whether it is a user with EAP, at once or in a second round. */
    public boolean hasEap() {
        return !eap.methods().isEmpty() && auth != Auth.XAUTH && auth != Auth.HYBRID;
    }

    /** Whether it proves itself twice: by {@code auth}, and then as a user (RFC 4739). */
    public boolean hasSecondRound() {
        return hasEap() && auth != Auth.EAP;
    }

    public Side {
        addresses = List.copyOf(addresses);
        virtualAddresses = List.copyOf(virtualAddresses);
        groups = List.copyOf(groups);
    }
}
