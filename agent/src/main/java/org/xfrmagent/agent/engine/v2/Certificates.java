package org.xfrmagent.agent.engine.v2;

import java.util.Collection;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Credentials.Anchor;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.wire.CertEncoding;
import org.xfrmagent.agent.wire.CertPayload;
import org.xfrmagent.agent.wire.CertReqPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Auth;

/**
 * CERT and CERTREQ (RFC 7296, sections 3.6 and 3.7). A certificate is shown and asked for as such: hash-and-URL is not offered, so
 * nobody sends it (section 3.6), and whoever does has shown nothing. What is fetched is never what a peer names before it is believed.
 */
final class Certificates {
    private Certificates() {}

    static List<Payload> shown(List<Bytes> chain) {
        return chain.stream().<Payload>map(der -> new CertPayload(CertEncoding.X509_SIGNATURE.number(), der)).toList();
    }

    /** Those that the peer shows, its own first. The decoder has counted and measured them (R7). */
    static List<Bytes> read(List<Payload> payloads) {
        return Payload.all(payloads, CertPayload.class).stream()
                .filter(payload -> payload.encoding() == CertEncoding.X509_SIGNATURE.number())
                .map(CertPayload::data)
                .toList();
    }

    /** Attribute certificates that the peer shows beside them (RFC 5755). */
    static List<Bytes> attributes(List<Payload> payloads) {
        return Payload.all(payloads, CertPayload.class).stream()
                .filter(payload -> payload.encoding() == CertEncoding.X509_ATTRIBUTE.number())
                .map(CertPayload::data)
                .toList();
    }

    /** CERTREQ for whom we believe about these peers; nothing if they prove who they are by other means, are not to be asked, or we
     * believe nobody. */
    static List<Payload> request(Credentials credentials, Collection<Profile> profiles) {
        Bytes[] hashes = profiles.stream()
                .map(Profile::peer)
                .filter(peer -> peer.remote().auth() == Auth.PUBKEY && peer.remote().certification().inMessages())
                .flatMap(peer -> credentials.anchors(peer).stream())
                .map(Anchor::keyHash)
                .distinct()
                .limit(Constants.AUTHORITIES_ASKED)
                .toArray(Bytes[]::new);
        return hashes.length == 0
                ? List.of()
                : List.of(new CertReqPayload(CertEncoding.X509_SIGNATURE.number(), Bytes.concat(hashes)));
    }

    /** Whom the peer believes: hashes of their keys. */
    static List<Bytes> asked(List<Payload> payloads) {
        return Payload.all(payloads, CertReqPayload.class).stream()
                .filter(request -> request.encoding() == CertEncoding.X509_SIGNATURE.number())
                .flatMap(request -> request.authorityHashes().stream())
                .limit(Constants.AUTHORITIES_READ)
                .toList();
    }
}
