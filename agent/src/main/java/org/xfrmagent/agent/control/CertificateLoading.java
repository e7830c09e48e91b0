package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.credentials.PrivateKeyFile;
import org.xfrmagent.agent.credentials.PublicKeyFile;
import org.xfrmagent.agent.credentials.TokenPlace;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.daemon.LoadedPublicKeys;
import org.xfrmagent.agent.daemon.LoadedPublicKeys.Use;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.model.TokenUri;

/** What {@code swanctl --load-creds} and {@code --load-authorities} do, and certificates that come with a connection. */
record CertificateLoading(AgentControl agent) {
    /** Kinds of keys that swanctl has a word for; the key itself tells which it is. */
    private static final List<String> KEY_TYPES = List.of("any", "rsa", "ecdsa", "ed25519", "ed448");

    private static final List<String> CERTIFICATE_TYPES = List.of("X509", "X509_AC", "X509_CRL", "OCSP_RESPONSE", "PUBKEY");

    ViciMessage loadCertificate(ViciMessage request) throws InterruptedException {
        String type = request.text("type").orElse("").toUpperCase(Locale.ROOT);
        if (type.isEmpty()) {
            return ViciCommands.failure("certificate type missing");
        }
        if (!CERTIFICATE_TYPES.contains(type)) {
            return ViciCommands.failure("invalid certificate type '" + request.text("type").orElse("") + "'");
        }
        Optional<byte[]> data = request.octets("data").filter(octets -> octets.length > 0);
        if (data.isEmpty()) {
            return ViciCommands.failure("certificate data missing");
        }
        try {
            return switch (type) {
                case "X509" -> certificate(request, data.get());
                case "X509_CRL" -> {
                    Bytes crl = CertificateFacts.crl(data.get());
                    yield change(loaded -> loaded.withCrl(crl));
                }
                case "X509_AC" -> {
                    Bytes der = CertificateFacts.attributes(data.get());
                    yield change(loaded -> loaded.withAttributes(der));
                }
                case "PUBKEY" -> {
                    PublicKeyFile key = PublicKeyFile.read(data.get());
                    yield change(loaded -> loaded.withPublicKey(key, Use.NONE));
                }
                default -> ViciCommands.failure("parsing " + type + " certificate failed: X509, X509_AC, X509_CRL and PUBKEY can be used");
            };
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure("parsing " + type + " certificate failed: it " + wrong.getMessage());
        }
    }

    private ViciMessage certificate(ViciMessage request, byte[] data) throws InterruptedException {
        String flag = request.text("flag").orElse(Use.NONE.name()).toUpperCase(Locale.ROOT);
        Optional<Use> use = Arrays.stream(Use.values()).filter(each -> each != Use.NAMED && each.name().equals(flag)).findFirst();
        if (use.isEmpty()) {
            return ViciCommands.failure("invalid certificate flag '" + request.text("flag").orElse("") + "'");
        }
        CertificateFacts facts = CertificateFacts.read(data);
        if (use.get() == Use.CA && !facts.authority()) {
            return ViciCommands.failure("ca certificate lacks CA basic constraint, rejected");
        }
        return change(loaded -> loaded.withCertificate(facts, use.get()));
    }

    ViciMessage loadKey(ViciMessage request) throws InterruptedException {
        String type = request.text("type").orElse("").toLowerCase(Locale.ROOT);
        if (type.isEmpty()) {
            return ViciCommands.failure("key type missing");
        }
        if (!KEY_TYPES.contains(type)) {
            return ViciCommands.failure("invalid key type: " + request.text("type").orElse("") + ": expected " + String.join(", ", KEY_TYPES));
        }
        Optional<byte[]> data = request.octets("data").filter(octets -> octets.length > 0);
        if (data.isEmpty()) {
            return ViciCommands.failure("key data missing");
        }
        PrivateKeyFile key;
        try {
            key = PrivateKeyFile.read(data.get());
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure("parsing " + type.toUpperCase(Locale.ROOT) + " private key failed: it " + wrong.getMessage());
        } finally {
            Arrays.fill(data.get(), (byte) 0);
        }
        ViciMessage answer = change(loaded -> loaded.withKey(key));
        return answer.flag("success") ? ViciMessage.of(out -> out.put("success", "yes").put("id", key.id().toHex())) : answer;
    }

    ViciMessage unloadKey(ViciMessage request) throws InterruptedException {
        Optional<String> id = request.text("id").map(text -> text.toLowerCase(Locale.ROOT));
        if (id.isEmpty()) {
            return ViciCommands.failure("key id missing");
        }
        return agent.loaded().publicKeys().keys().containsKey(id.get())
                ? change(loaded -> loaded.withoutKey(id.get()))
                : ViciCommands.failure("key not found");
    }

    ViciMessage keys() {
        return ViciMessage.of(out -> out.list("keys", agent.loaded().publicKeys().keys().keySet()));
    }

    /** The private key of a token stays there; its PIN is shown once. */
    ViciMessage loadToken(ViciMessage request) throws InterruptedException {
        Optional<Secret> pin = request.octets("pin").filter(octets -> octets.length > 0).map(Secret::take);
        try {
            if (request.text("handle").filter(handle -> !handle.isEmpty()).isEmpty()) {
                return ViciCommands.failure("keyid missing");
            }
            TokenUri uri = TokenUri.of(request.text("handle").orElse(""), given(request, "slot"), given(request, "module"));
            String id = PublicKeyFile.read(agent.tokens().key(uri, pin).publicKey().toArray()).id().toHex();
            Secret place = TokenPlace.of(uri, pin);
            ViciMessage answer = change(loaded -> loaded.withTokenKey(id, place));
            return answer.flag("success") ? ViciMessage.of(out -> out.put("success", "yes").put("id", id)) : answer;
        } catch (IOException unusable) {
            return ViciCommands.failure("loading private key from token failed: it " + unusable.getMessage());
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure("loading private key from token failed: " + wrong.getMessage());
        } finally {
            pin.ifPresent(Secret::wipe);
        }
    }

    private static Optional<String> given(ViciMessage message, String key) {
        return message.text(key).filter(text -> !text.isEmpty());
    }

    /** @throws IllegalArgumentException with the rest of a sentence */
    private byte[] ofToken(ViciMessage section) {
        try {
            return agent.tokens().certificate(TokenUri.of(given(section, "handle").orElse(""), given(section, "slot"), given(section, "module"))).toArray();
        } catch (IOException unusable) {
            throw new IllegalArgumentException(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    ViciMessage loadAuthority(ViciMessage request) throws InterruptedException {
        return Loading.each(request, this::authority);
    }

    private ViciMessage authority(ViciMessage.Section section) throws InterruptedException {
        String name = section.name();
        ViciMessage content = section.content();
        for (String key : content.elements().stream().map(ViciMessage.Element::name).toList()) {
            if (!List.of("cacert", "file", "handle", "slot", "module", "crl_uris", "ocsp_uris", "cert_uri_base").contains(key)) {
                return ViciCommands.failure("unknown option: " + key + ", authority discarded: authorities." + name + "." + key + " is not supported");
            }
        }
        boolean inToken = given(content, "handle").isPresent();
        Optional<byte[]> data = content.octets("cacert");
        if (data.isEmpty() && !inToken) {
            return ViciCommands.failure("CA certificate missing: " + name + ": expected 'cacert' with the certificate itself, or its 'handle' in a token");
        }
        try {
            CertificateFacts facts = CertificateFacts.read(data.orElseGet(() -> ofToken(content)));
            if (!facts.authority()) {
                return ViciCommands.failure("certificate of authority '" + name + "' lacks CA basic constraint; authority discarded");
            }
            LoadedPublicKeys.Authority authority = new LoadedPublicKeys.Authority(facts.hash(), content.texts("crl_uris"),
                    content.texts("ocsp_uris"), content.text("cert_uri_base"));
            return change(loaded -> loaded.withCertificate(facts, Use.NAMED).withAuthority(name, authority));
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure("CA certificate missing: " + name + ": authorities." + name + (inToken ? ".handle: " : ".cacert: ") + wrong.getMessage());
        }
    }

    ViciMessage unloadAuthority(ViciMessage request) throws InterruptedException {
        Optional<String> name = request.text("name");
        if (name.isEmpty()) {
            return ViciCommands.failure("unload: missing authority name");
        }
        return agent.loaded().publicKeys().authorities().containsKey(name.get())
                ? change(loaded -> loaded.withoutAuthority(name.get()))
                : ViciCommands.failure("unload: authority '" + name.get() + "' not found");
    }

    ViciMessage authorities() {
        return ViciMessage.of(out -> out.list("authorities", agent.loaded().publicKeys().authorities().keySet()));
    }

    private ViciMessage change(UnaryOperator<Loaded> change) throws InterruptedException {
        return Loading.change(agent, change, "");
    }

    /**
     * A connection with its certificates and public keys, and references to them where they stood.
     *
     * @param content the section as it came, where these became references and a missing identity that of the first
     * @param certificates all that came with it
     * @param publicKeys likewise
     */
    record WithCertificates(ViciMessage content, List<CertificateFacts> certificates, List<PublicKeyFile> publicKeys) {
        WithCertificates {
            certificates = List.copyOf(certificates);
            publicKeys = List.copyOf(publicKeys);
        }

        /** With these, as long as a connection names them. */
        Loaded in(Loaded loaded) {
            Loaded so = certificates.stream().reduce(loaded, (all, each) -> all.withCertificate(each, Use.NAMED), (_, last) -> last);
            return publicKeys.stream().reduce(so, (all, each) -> all.withPublicKey(each, Use.NAMED), (_, last) -> last);
        }
    }

    /** @throws IllegalArgumentException with a sentence that begins with the field */
    WithCertificates extract(String path, ViciMessage connection) {
        List<CertificateFacts> all = new ArrayList<>();
        List<PublicKeyFile> keys = new ArrayList<>();
        List<ViciMessage.Element> elements = new ArrayList<>();
        for (ViciMessage.Element element : connection.elements()) {
            boolean round = element.name().startsWith("local") || element.name().startsWith("remote");
            elements.add(round && element instanceof ViciMessage.Section(String name, ViciMessage content)
                    ? new ViciMessage.Section(name, round(path + "." + name, content, all, keys))
                    : element);
        }
        return new WithCertificates(new ViciMessage(elements), all, keys);
    }

    private ViciMessage round(String path, ViciMessage round, List<CertificateFacts> all, List<PublicKeyFile> keys) {
        List<ViciMessage.Element> elements = new ArrayList<>();
        Optional<String> first = Optional.empty();
        for (ViciMessage.Element element : withoutTokens(path, round)) {
            if (element.name().equals("pubkeys")) {
                List<PublicKeyFile> read = octets(element).stream().map(octets -> read(path + "." + element.name(), octets, PublicKeyFile::read)).toList();
                keys.addAll(read);
                first = first.or(() -> read.stream().findFirst().map(PublicKeyFile::identity));
                elements.add(references(element.name(), read.stream().map(PublicKeyFile::hash).toList()));
                continue;
            }
            boolean certs = element.name().equals("certs");
            if (!certs && !element.name().equals("cacerts")) {
                elements.add(element);
                continue;
            }
            List<CertificateFacts> facts = octets(element).stream().map(octets -> read(path + "." + element.name(), octets, CertificateFacts::read)).toList();
            all.addAll(facts);
            first = certs ? facts.stream().findFirst().map(each -> "asn1dn:#" + Bytes.wrap(each.subject().wireData()).toHex()) : first;
            elements.add(references(element.name(), facts.stream().map(CertificateFacts::hash).toList()));
        }
        // Charon's rule: who says nothing else is who the certificate is of, or is called as the key is.
        if (round.text("id").filter(id -> !id.isEmpty()).isEmpty()) {
            first.ifPresent(identity -> elements.add(new ViciMessage.Value("id", ViciMessage.octetsOf(identity))));
        }
        return new ViciMessage(elements);
    }

    /** A round with the certificates themselves, where it names such of tokens. */
    private List<ViciMessage.Element> withoutTokens(String path, ViciMessage round) {
        List<ViciMessage.Element> elements = new ArrayList<>();
        Map<String, List<Bytes>> found = new LinkedHashMap<>();
        for (ViciMessage.Element element : round.elements()) {
            String list = element.name().startsWith("cacert") ? "cacerts" : "certs";
            if (element instanceof ViciMessage.Section(String name, ViciMessage content) && name.matches("(ca)?cert.*") && given(content, "handle").isPresent()) {
                Bytes der = read(path + "." + name, Bytes.empty(), _ -> Bytes.wrap(ofToken(content)));
                found.computeIfAbsent(list, _ -> new ArrayList<>()).add(der);
            } else if (element.name().equals(list)) {
                found.computeIfAbsent(list, _ -> new ArrayList<>()).addAll(octets(element));
            } else {
                elements.add(element);
            }
        }
        found.forEach((list, all) -> elements.add(new ViciMessage.Items(list, all)));
        return elements;
    }

    private static List<Bytes> octets(ViciMessage.Element element) {
        return switch (element) {
            case ViciMessage.Items items -> items.octets();
            case ViciMessage.Value value -> List.of(value.octets());
            case ViciMessage.Section _ -> List.of();
        };
    }

    private static ViciMessage.Value references(String name, List<String> hashes) {
        return new ViciMessage.Value(name, ViciMessage.octetsOf(String.join(",", hashes.stream().map(LoadedConversion::reference).toList())));
    }

    private static <T> T read(String field, Bytes octets, Function<byte[], T> reader) {
        try {
            return reader.apply(octets.toArray());
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(field + " " + wrong.getMessage(), wrong);
        }
    }
}
