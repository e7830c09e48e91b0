package org.xfrmagent.policies.model;

import java.net.URI;
import java.util.List;

/**
 * Somebody whose certificates are believed: a trust anchor (RFC 5280, section 6.1.1).
 *
 * @param name by which sides refer to it
 * @param certificate its own
 * @param crls where lists of revoked certificates can be fetched, besides the places that the certificates name themselves
 * @param ocsps who can be asked about a certificate (RFC 6960), likewise
 */
public record Authority(String name, CertificateRef certificate, List<URI> crls, List<URI> ocsps) {
    public Authority {
        crls = List.copyOf(crls);
        ocsps = List.copyOf(ocsps);
    }
}
