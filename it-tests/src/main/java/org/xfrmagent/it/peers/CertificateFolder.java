package org.xfrmagent.it.peers;

import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Pki.Certified;

/**
 * Where a daemon's configuration looks for certificates and keys that it names.
 *
 * @param authority the path of an authority's certificate, with %s for its name; {@code certificate} and {@code key} likewise
 */
public record CertificateFolder(Host host, String authority, String certificate, String key) {
    /** Beside our policies: {@code file:NAME.pem} and {@code file:NAME.key}. */
    public static CertificateFolder ofAgent(Host host) {
        return new CertificateFolder(host, "/etc/xfrm-agent/%s.pem", "/etc/xfrm-agent/%s.pem", "/etc/xfrm-agent/%s.key");
    }

    /** swanctl's: {@code certs = NAME.pem}; keys and authorities are found by themselves. */
    public static CertificateFolder ofSwanctl(Host host) {
        return new CertificateFolder(host, "/etc/swanctl/x509ca/%s.pem", "/etc/swanctl/x509/%s.pem", "/etc/swanctl/private/%s.pem");
    }

    public void believes(String name, Certified root) {
        host.write(authority.formatted(name), root.pem());
    }

    public void owns(String name, Certified own) {
        host.write(certificate.formatted(name), own.pem());
        host.write(key.formatted(name), own.keyPem());
    }
}
