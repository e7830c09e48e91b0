package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.credentials.PublicKeyFile;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.LoadedPublicKeys;
import org.xfrmagent.agent.daemon.LoadedPublicKeys.Use;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Identity;

/** {@code list-certs} and {@code list-authorities}: what clients have loaded. */
record CertificateListing(AgentControl agent) {
    private static final String ANY = "ANY";

    /** {@code list-cert{type flag [has_privkey] data}}: the X.509 certificates, the public keys, attribute certificates, then the lists of revoked ones. */
    ViciMessage certificates(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        String type = request.text("type").orElse(ANY).toUpperCase(Locale.ROOT);
        // As with charon, who asks for everything gets it whatever it is used for.
        String flag = type.equals("X509") ? request.text("flag").orElse(ANY).toUpperCase(Locale.ROOT) : ANY;
        LoadedPublicKeys loaded = agent.loaded().publicKeys();
        if (type.equals(ANY) || type.equals("X509")) {
            for (LoadedPublicKeys.Certificate certificate : loaded.certificates().values()) {
                if ((flag.equals(ANY) || flag.equals(flag(certificate))) && isOf(certificate.facts().subject(), request)) {
                    client.stream(ViciEvents.LIST_CERT, ViciMessage.of(out -> out.put("type", "X509").put("flag", flag(certificate))
                            .flag("has_privkey", loaded.keys().containsKey(certificate.facts().keyId().toHex()))
                            .put("data", certificate.facts().der())));
                }
            }
        }
        if (type.equals(ANY) || type.equals("PUBKEY")) {
            publicKeys(request, loaded, client);
        }
        if (type.equals(ANY) || type.equals("X509_AC")) {
            for (Bytes attributes : loaded.attributes().values()) {
                if (isOf(CertificateFacts.holder(attributes), request)) {
                    client.stream(ViciEvents.LIST_CERT, ViciMessage.of(out -> out.put("type", "X509_AC").put("data", attributes)));
                }
            }
        }
        if (type.equals(ANY) || type.equals("X509_CRL")) {
            for (Bytes crl : loaded.crls().values()) {
                if (!isOf(CertificateFacts.issuer(crl), request)) {
                    continue;
                }
                client.stream(ViciEvents.LIST_CERT, ViciMessage.of(out -> out.put("type", "X509_CRL").put("data", crl)));
            }
        }
        return ViciMessage.EMPTY;
    }

    /** Those that connections name, with whose they are there, and those that are nobody's. */
    private void publicKeys(ViciMessage request, LoadedPublicKeys loaded, ViciCommands.Client client) throws IOException, InterruptedException {
        Stream<Owned> named = agent.policies().peers().stream().flatMap(peer -> Stream.of(peer.local(), peer.remote()))
                .flatMap(side -> side.certification().publicKeys().stream()
                        .flatMap(ref -> ref instanceof CertificateRef.Loaded(String hash) ? Stream.ofNullable(loaded.open().get(hash)) : Stream.empty())
                        .map(key -> new Owned(key.file(), side.id())));
        Stream<Owned> nobodys = loaded.open().values().stream().filter(key -> key.use() != Use.NAMED).map(key -> Owned.byItself(key.file()));
        for (Owned key : Stream.concat(named, nobodys).filter(key -> isOf(key.owner(), request)).distinct().toList()) {
            client.stream(ViciEvents.LIST_CERT, ViciMessage.of(out -> out.put("type", "PUBKEY")
                    .flag("has_privkey", loaded.keys().containsKey(key.file().id().toHex())).put("data", key.file().der())
                    .put("subject", key.equals(Owned.byItself(key.file())) ? Optional.empty() : Optional.of(key.owner().toString()))));
        }
    }

    private record Owned(PublicKeyFile file, Identity owner) {
        static Owned byItself(PublicKeyFile file) {
            return new Owned(file, Identity.parse(file.identity()));
        }
    }

    /** What it can be used as, whatever folder it came from. */
    private static String flag(LoadedPublicKeys.Certificate certificate) {
        return switch (certificate.use()) {
            case AA, OCSP -> certificate.use().name();
            case NONE, CA, NAMED -> certificate.facts().authority() ? Use.CA.name() : Use.NONE.name();
        };
    }

    private static boolean isOf(Identity owner, ViciMessage request) {
        Optional<String> subject = request.text("subject").filter(text -> !text.isEmpty());
        return subject.isEmpty() || owner.matches(Identity.parse(subject.get()));
    }

    /** {@code list-authority{<name>{cacert crl_uris[] ocsp_uris[] [cert_uri_base]}}}. */
    ViciMessage authorities(ViciMessage request, ViciCommands.Client client) throws IOException, InterruptedException {
        LoadedPublicKeys loaded = agent.loaded().publicKeys();
        for (Map.Entry<String, LoadedPublicKeys.Authority> each : loaded.authorities().entrySet()) {
            if (request.text("name").map(each.getKey()::equals).orElse(true)) {
                LoadedPublicKeys.Authority authority = each.getValue();
                client.stream(ViciEvents.LIST_AUTHORITY, ViciMessage.of(event -> event.section(each.getKey(), out -> out
                        .put("cacert", Optional.ofNullable(loaded.certificates().get(authority.certificate())).map(it -> it.facts().subject()))
                        .list("crl_uris", authority.crls()).list("ocsp_uris", authority.ocsps()).put("cert_uri_base", authority.certUriBase()))));
            }
        }
        return ViciMessage.EMPTY;
    }
}
