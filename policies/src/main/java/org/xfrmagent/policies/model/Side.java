package org.xfrmagent.policies.model;

import java.util.List;

/**
 * One end of an IKE SA.
 *
 * @param addresses where it is; the first is tried first
 * @param port the UDP port of its IKE, 500 unless it is unusual; 4500 starts with the non-ESP marker at once
 * @param id who it is; for the local side {@link Identity.Any} means the address in use
 * @param auth how it proves that
 */
public record Side(List<Host> addresses, int port, Identity id, Auth auth) {
    public Side {
        addresses = List.copyOf(addresses);
    }
}
