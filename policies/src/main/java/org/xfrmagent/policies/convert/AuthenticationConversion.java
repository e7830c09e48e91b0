package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * How the two sides of a connection prove who they are: the sections {@code local…} and {@code remote…}, one for each round. What there
 * is here is a pre-shared key or a certificate; a user with EAP in IKEv2; and with IKEv1 a user's password on top of it, or on top of
 * nothing.
 */
final class AuthenticationConversion {
    private static final String PSK = "psk";
    private static final String PUBKEY = "pubkey";
    private static final String XAUTH = "xauth";
    private static final String HYBRID = "hybrid";
    private static final String EAP = "eap";
    private static final String ANYBODY = "%any";
    /** Charon's backends that ask for a name and a password. */
    private static final Set<String> PASSWORDS = Set.of(XAUTH, "xauth-generic", "xauth-radius");

    private final Settings connection;
    private final CredentialFolders folders;
    private final AuthorityConversion authorities;

    /** For questions about what the connection itself says. */
    AuthenticationConversion(Settings connection) {
        this(connection, CredentialFolders.none(), new AuthorityConversion(CredentialFolders.none()));
    }

    AuthenticationConversion(Settings connection, CredentialFolders folders, AuthorityConversion authorities) {
        this.connection = connection;
        this.folders = folders;
        this.authorities = authorities;
    }

    static boolean isRound(String section) {
        return section.startsWith("local") || section.startsWith("remote");
    }

    /** Whether the peer is asked for a user's password. */
    private boolean asksForPasswords() {
        return auths("remote").contains(XAUTH);
    }

    /** Whether either side has a password to give. */
    boolean usesPasswords() {
        return usesEap() || asksForPasswords() || auths("local").contains(XAUTH);
    }

    /** Whether one side is a user of IKEv2. */
    boolean usesEap() {
        return auths("local").contains(EAP) || auths("remote").contains(EAP);
    }

    /** Why it cannot be used, if it cannot. */
    Optional<String> hindrance() {
        for (String side : List.of("local", "remote")) {
            for (Map.Entry<String, Settings> round : rounds(side).entrySet()) {
                String auth = auth(round.getValue());
                if (!auth.equals(PSK) && !auth.equals(PUBKEY) && !(isV1() ? auth.equals(XAUTH) : auth.equals(EAP))) {
                    return Optional.of(round.getKey() + ".auth = " + word(round.getValue()) + " cannot be used yet, only psk and pubkey can, and "
                            + (isV1() ? "xauth" : "eap-mschapv2, eap-md5, eap-gtc, eap-tls and eap-dynamic"));
                }
            }
            List<String> auths = auths(side);
            if (auths.isEmpty()) {
                return Optional.of("it needs a local and a remote section with auth = psk or pubkey");
            }
            if (auths.size() > 1 && !(auths.size() == 2 && !isUser(auths.getFirst()) && isUser(auths.getLast()))) {
                return Optional.of("of several authentication rounds only these can be used: psk or pubkey, and then a user with eap, or with xauth in IKEv1");
            }
        }
        if (auths("local").contains(EAP) && auths("remote").contains(EAP)) {
            return Optional.of("both sides are users with EAP, and one of them has to be the gateway with psk or pubkey");
        }
        if (isHybrid("local") && !auths("remote").equals(List.of(PUBKEY)) || isHybrid("remote") && !auths("local").equals(List.of(PUBKEY))) {
            return Optional.of("a user's password alone cannot be used, but where the other side has pubkey (hybrid)");
        }
        return auths("local").contains(XAUTH) && asksForPasswords()
                ? Optional.of("a user's password is asked for on both sides, which IKEv1 cannot do")
                : Optional.empty();
    }

    /** A password, and nothing below it. */
    private boolean isHybrid(String side) {
        return auths(side).equals(List.of(XAUTH));
    }

    /** What our side asks the peer for: {@code vips}, if those are addresses. */
    List<VirtualAddress> virtualAddresses() {
        List<VirtualAddress> wanted = new ArrayList<>();
        for (String vip : connection.value("vips").map(value -> Options.parts(value.text())).orElse(List.of())) {
            Optional<VirtualAddress> one = virtualAddress(vip);
            if (one.isEmpty()) {
                return List.of();
            }
            wanted.add(one.get());
        }
        return wanted;
    }

    private static Optional<VirtualAddress> virtualAddress(String vip) {
        return switch (vip) {
            case "%any", "%any4" -> Optional.of(VirtualAddress.ANY_IPV4);
            case "%any6" -> Optional.of(VirtualAddress.ANY_IPV6);
            default -> Ip.parse(vip).map(address ->
                    address.isAnyLocalAddress() ? VirtualAddress.any(AddressFamily.of(address)) : VirtualAddress.of(address));
        };
    }

    boolean isV1() {
        return connection.value("version").filter(version -> version.text().equals("1")).isPresent();
    }

    /** Whether IKEv1 is spoken, at least by a peer that calls. */
    boolean mayBeV1() {
        return connection.value("version").filter(version -> version.text().equals("2")).isEmpty() && !usesEap() && !requiresPpk();
    }

    /** Whether IKEv2 is spoken. */
    boolean mayBeV2() {
        return connection.value("version").filter(version -> version.text().equals("1")).isEmpty();
    }

    /** A postquantum pre-shared key, which IKEv1 does not have. */
    private boolean requiresPpk() {
        return connection.value("ppk_required").filter(word -> word.text().equals("yes")).isPresent();
    }

    boolean usesPreSharedKeys() {
        return auths("local").contains(PSK) || auths("remote").contains(PSK);
    }

    private List<String> auths(String side) {
        return rounds(side).values().stream().map(AuthenticationConversion::auth).toList();
    }

    private static boolean isUser(String auth) {
        return auth.equals(XAUTH) || auth.equals(EAP);
    }

    private static String auth(Settings round) {
        String auth = word(round);
        return PASSWORDS.contains(auth) ? XAUTH : EapConversion.methods(auth).isPresent() ? EAP : SignatureConversion.isPubkey(auth) ? PUBKEY : auth;
    }

    private static String word(Settings round) {
        return round.value("auth").map(Settings.Value::text).orElse(PUBKEY);
    }

    private Map<String, Settings> rounds(String side) {
        Map<String, Settings> rounds = new LinkedHashMap<>();
        connection.sections().forEach((name, section) -> {
            if (name.startsWith(side)) {
                rounds.put(name, section);
            }
        });
        return rounds;
    }

    /** @param options the connection's, which get the remarks about the rounds too */
    void write(Options options, YamlText lines) {
        lines.line(2, side("local", options));
        lines.line(2, side("remote", options));
    }

    private String side(String side, Options options) {
        List<String> parts = new ArrayList<>();
        List<String> addresses = options.list(side + "_addrs").stream().filter(address -> !address.equals("%any")).toList();
        if (!addresses.isEmpty()) {
            parts.add("address: " + YamlText.oneOrMore(addresses));
        }
        options.text(side + "_port").filter(port -> !port.equals("500")).ifPresent(port -> parts.add("port: " + port));
        rounds(side).forEach((key, section) -> {
            Options round = new Options(options.name() + "." + key, section);
            if (auth(section).equals(EAP) && auths(side).size() > 1) {
                parts.add("then: eap");
                parts.addAll(EapConversion.keys(side, round, round.text("id")));
                if (EapConversion.showsCertificates(section)) {
                    certificate(side, round, parts);
                }
            } else if (!auth(section).equals(XAUTH)) {
                Optional<String> id = round.text("id");
                if (auth(section).equals(EAP)) {
                    parts.addAll(EapConversion.keys(side, round, id));
                }
                if (auth(section).equals(PUBKEY) || EapConversion.showsCertificates(section)) {
                    List<String> certificates = certificate(side, round, parts);
                    // Charon's rule: who says nothing else is who the certificate is of, or is called as the key is.
                    unmentioned(side, options).ifPresent(parts::add);
                    id = id.or(() -> certificates.stream().findFirst().flatMap(folders::subject));
                }
                id.ifPresent(who -> parts.add("id: " + YamlText.scalar(who)));
                // Whom an authority vouches for may be anybody, as with charon; a pre-shared key is the one's at the address.
                if (id.isEmpty() && side.equals("remote") && (addresses.size() != 1 || !auth(section).equals(PSK))) {
                    parts.add("id: \"" + ANYBODY + "\"");
                }
            } else if (side.equals("remote")) {
                parts.addAll(EapConversion.judged(round));
            } else {
                Optional<String> user = round.text("xauth_id").or(() -> round.text("id"));
                user.ifPresentOrElse(name -> parts.add("user: " + YamlText.scalar(name)), () -> round.remark("xauth_id", "is missing: there is no user"));
            }
            round.drop("auth", "round");
            round.remarks().forEach(options::add);
        });
        options.drop(side.equals("local") ? "send_cert" : "send_certreq");
        if (side.equals("local")) {
            List<String> wanted = virtualAddresses().stream().map(VirtualAddress::toString).toList();
            if (!wanted.isEmpty()) {
                options.drop("vips");
                parts.add("virtual-address: " + YamlText.oneOrMore(wanted));
            } else if (options.take("vips").isPresent()) {
                options.remark("vips", "expected addresses, or %any4 or %any6 for whichever");
            }
        }
        parts.add("auth: " + (isHybrid(side) ? HYBRID : auths(side).contains(XAUTH) ? XAUTH : auths(side).getFirst()));
        if (isHybrid("remote") && side.equals("remote") && addresses.size() != 1 && parts.stream().noneMatch(part -> part.startsWith("id:"))) {
            parts.add("id: \"%any\"");
        }
        return side + ": { " + String.join(", ", parts) + " }";
    }

    /** Where no certificate is to be sent or asked for; what has none sends none anyway. */
    private static Optional<String> unmentioned(String side, Options options) {
        return side.equals("local")
                ? options.text("send_cert").filter(word -> word.equals("never")).map(_ -> "show-certificate: false")
                : options.text("send_certreq").filter(Options::isNo).map(_ -> "request-certificate: false");
    }

    /** What a round with a public key says besides; returns its certificates, or public keys. */
    private List<String> certificate(String side, Options round, List<String> parts) {
        List<String> certificates = references(CredentialFolders.CERTIFICATES, "certs", "cert", round);
        List<String> cas = references(CredentialFolders.AUTHORITIES, "cacerts", "cacert", round);
        round.text("ca_id").ifPresent(name -> {
            List<String> found = folders.all(CredentialFolders.AUTHORITIES).stream()
                    .filter(file -> folders.subject(file).filter(subject -> isSame(subject, name)).isPresent()).toList();
            if (found.isEmpty() || !side.equals("remote")) {
                round.remark("ca_id", "no certificate of an authority of this name was found");
            }
            cas.addAll(found);
        });
        List<String> keys = round.list("pubkeys").stream().map(name -> folders.reference(CredentialFolders.PUBLIC_KEYS, name)).toList();
        if (!certificates.isEmpty() && !keys.isEmpty()) {
            round.remark("pubkeys", "stands beside certs, expected one of the two");
        }
        if (!certificates.isEmpty()) {
            parts.add("certificate: " + YamlText.oneOrMore(certificates));
        } else if (!keys.isEmpty()) {
            parts.add("public-key: " + YamlText.oneOrMore(keys));
        }
        boolean named = !certificates.isEmpty() || !keys.isEmpty();
        if (side.equals("remote") && !named && !cas.isEmpty()) {
            parts.add("authorities: " + YamlText.oneOrMore(cas.stream().map(authorities::name).toList()));
        } else if (!cas.isEmpty()) {
            cas.forEach(authorities::name);
            round.note("cacerts", side.equals("local")
                    ? "which of our certificates is shown is chosen by what the peer asks for"
                    : "stands beside " + (keys.isEmpty() ? "certs" : "pubkeys") + ", which are believed as they are");
        }
        Optional<String> revocation = round.text("revocation").map(word -> word.equals("ifuri") ? "if-uri" : word);
        revocation.filter(_ -> side.equals("remote") && !named).filter(word -> !word.equals("relaxed"))
                .ifPresent(word -> parts.add("revocation: " + word));
        signatures(side, named, round, parts);
        return certificates.isEmpty() ? keys : certificates;
    }

    /** How either side may sign, and what the certificates of the remote side must be like. */
    private void signatures(String side, boolean named, Options round, List<String> parts) {
        // A user with EAP shows a certificate and asks for nothing of it.
        String auth = round.text("auth").filter(word -> EapConversion.methods(word).isEmpty()).orElse(PUBKEY);
        Optional<SignatureConversion> parsed = SignatureConversion.parse(auth);
        List<String> policies = side.equals("remote") ? round.list("cert_policy") : List.of();
        boolean remote = side.equals("remote");
        if (parsed.isEmpty()) {
            round.remark("auth", "'" + auth + "' asks for a kind or strength of keys, or a hash, that cannot be asked for");
        } else if (!remote && !parsed.get().leastBits().isEmpty()) {
            round.note("auth", "the strength of our own keys is what they have");
        }
        List<String> groups = remote ? round.list("groups") : List.of();
        if (!groups.isEmpty()) {
            parts.add("groups: " + YamlText.oneOrMore(groups));
        }
        List<String> chain = new ArrayList<>();
        parsed.filter(_ -> remote).ifPresent(said -> {
            said.leastBits().forEach((kind, bits) -> chain.add(kind + ": " + bits));
            if (!said.chain().isEmpty()) {
                chain.add("signatures: " + YamlText.list(said.chain()));
            }
        });
        if (!policies.isEmpty()) {
            chain.add("policies: " + YamlText.list(policies));
        }
        if (!chain.isEmpty() && named && (!policies.isEmpty() || parsed.filter(said -> !said.leastBits().isEmpty()).isPresent())) {
            round.remark(policies.isEmpty() ? "auth" : "cert_policy", "stands beside certs or pubkeys, which are believed as they are");
        } else if (!chain.isEmpty() && !named) {
            parts.add("chain: { " + String.join(", ", chain) + " }");
        }
        parsed.map(said -> isV1() ? List.<String>of() : said.ike()).filter(words -> !words.isEmpty())
                .ifPresent(words -> parts.add("signatures: " + YamlText.list(words)));
    }

    private static boolean isSame(String subject, String name) {
        try {
            return Identity.parse(subject).equals(Identity.parse(name));
        } catch (IllegalArgumentException noName) {
            return false;
        }
    }

    /** An option with names of files, and sections of their own with one file each. */
    private List<String> references(String folder, String option, String section, Options round) {
        List<String> references = new ArrayList<>(round.list(option).stream().map(name -> folders.reference(folder, name)).toList());
        round.sections(section).forEach((name, settings) -> {
            Options own = new Options(round.name() + "." + name, settings);
            Optional<String> token = TokenOptions.reference(own);
            own.text("file").map(file -> folders.reference(folder, file)).or(() -> token).ifPresent(references::add);
            own.remarks().forEach(round::add);
        });
        return references;
    }
}
