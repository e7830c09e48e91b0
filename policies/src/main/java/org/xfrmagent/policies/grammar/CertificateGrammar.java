package org.xfrmagent.policies.grammar;

import static org.xfrmagent.policies.grammar.Key.optional;
import static org.xfrmagent.policies.grammar.Key.required;
import static org.xfrmagent.policies.grammar.Lists.oneOrMore;
import static org.xfrmagent.policies.grammar.Scalars.explained;
import static org.xfrmagent.policies.grammar.Scalars.placed;
import static org.xfrmagent.policies.grammar.Scalars.string;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.TokenUri;

/** The keys of certificates: of authorities, of the lists at the top of a file, and of sides with auth pubkey. */
public final class CertificateGrammar {
    // An authority
    public static final Key<Located<CertificateRef>> CA = required("certificate", placed(reference()), "Its certificate, as PEM or DER.");
    public static final Key<List<URI>> CRL_URIS = optional("crls", oneOrMore(uri("http://crl.example.org/ca.crl")),
            "Where lists of the certificates that it has revoked can be fetched, besides the places that its certificates name.");
    public static final Key<List<URI>> OCSP_URIS = optional("ocsps", oneOrMore(uri("http://ocsp.example.org/")),
            "Who can be asked whether it has revoked a certificate (RFC 6960), besides those that its certificates name.");
    static final Fields AUTHORITY = Fields.of("an authority", CA, CRL_URIS, OCSP_URIS);

    // A private key
    public static final Key<Located<SecretRef>> FROM = required("from", placed(key()),
            "Where it is, only for its owner to read; or the URI of a key in a token, a smartcard for instance (RFC 7512).");
    public static final Key<Located<SecretRef>> PASSPHRASE = optional("passphrase", placed(Values.secret()),
            "Where the passphrase is that it is encrypted with, or the PIN of its token, as for a pre-shared key.");
    static final Fields PRIVATE_KEY = Fields.orJustTheFirst("a private key", FROM, PASSPHRASE);

    // At the top
    public static final Key<List<Named>> AUTHORITIES = optional("authorities", Lists.byName("authority", AUTHORITY),
            "Whose certificates are believed, by name: of peers that name none, all.");
    public static final Key<List<Located<CertificateRef>>> CERTIFICATES = optional("certificates", oneOrMore(placed(reference())),
            "Certificates of authorities between an end and one of the 'authorities', and of ends, which are found by their identity.");
    public static final Key<List<Located<CertificateRef>>> CRLS =
            optional("crls", oneOrMore(placed(reference())), "Lists of revoked certificates (RFC 5280).");
    public static final Key<List<Section>> KEYS = optional("keys", oneOrMore(PRIVATE_KEY),
            "Private keys, where only their owner can read them. Each belongs to the certificate with its public half.");
    public static final Key<List<Section>> CONTAINERS = optional("pkcs12", oneOrMore(PRIVATE_KEY),
            "Containers of PKCS #12, with private keys and the certificates that belong to them.");

    public static final Key<List<Located<CertificateRef>>> ATTRIBUTE_CERTIFICATES = optional("attribute-certificates", oneOrMore(placed(reference())),
            "Attribute certificates (RFC 5755), which say of which groups those are members whose certificates they name; peers may show their own.");
    public static final Key<List<Located<CertificateRef>>> ATTRIBUTE_AUTHORITIES = optional("attribute-authorities", oneOrMore(placed(reference())),
            "Certificates of those who are believed about groups, each as it is.");

    // A side
    public static final Key<List<Located<CertificateRef>>> CERTIFICATE = optional("certificate", oneOrMore(placed(reference())),
            "With auth pubkey: what our side shows, without it that of the 'certificates' which has its id; of the remote side the only one "
                    + "that it may show, which is believed as it is.");
    public static final Key<List<Located<CertificateRef>>> PUBLIC_KEY = optional("public-key", oneOrMore(placed(reference())),
            "With auth pubkey and without certificates: the public half of our side's key; of the remote side the only keys that it may have, whoever "
                    + "they are of.");
    public static final Key<List<Section>> KEY = optional("key", oneOrMore(PRIVATE_KEY),
            "The private key of our side's certificate or public key, without it that of the 'keys' which belongs to it.");
    public static final Key<List<Located<String>>> VOUCHING = optional("authorities", oneOrMore(placed(Scalars.name())),
            "Which of the 'authorities' may vouch for the remote side; without it, all.");
    public static final Key<Revocation> REVOCATION = optional("revocation", Words.of(Revocation.class, Revocation::word),
            Defaults.REVOCATION.word(), "Whether the remote side's certificate is believed when nobody says that it was not revoked: never (strict), "
                    + "unless it or its authority names a place to ask (if-uri), or always (relaxed).");
    public static final Key<List<Located<SignatureScheme>>> SIGNATURES =
            optional("signatures", oneOrMore(placed(Words.of(SignatureScheme.class, SignatureScheme::word))),
                    "How this side may sign, the preferred way first; without it, as its key can.");

    public static final Key<Integer> LEAST_RSA = optional("rsa", Scalars.whole(2048, 16384), "The least bits of RSA keys.");
    public static final Key<Integer> LEAST_ECDSA = optional("ecdsa", Scalars.whole(256, 521), "The least bits of ECDSA keys.");
    public static final Key<List<Located<SignatureScheme>>> CHAIN_SIGNATURES = optional("signatures",
            oneOrMore(placed(Words.of(SignatureScheme.class, SignatureScheme::word))), "How they may be signed; without it, by SHA-256 or better.");
    public static final Key<List<String>> POLICIES = optional("policies", oneOrMore(objectIdentifier()),
            "Object identifiers of certificate policies (RFC 5280): all of them have to be theirs.");
    public static final Key<Section> CHAIN = optional("chain",
            Fields.of("'chain'", LEAST_RSA, LEAST_ECDSA, CHAIN_SIGNATURES, POLICIES),
            "What the remote side's certificate, and those that lead to its authority, must be like; with 'rsa' or 'ecdsa', keys of other kinds are not "
                    + "believed.");

    public static final Key<Boolean> SHOW_CERTIFICATE = optional("show-certificate", Words.flag(), true,
            "Whether our side shows its certificate; false for a peer that has it already.");
    public static final Key<Boolean> REQUEST_CERTIFICATE = optional("request-certificate", Words.flag(), true,
            "Whether the remote side is told whose certificates we believe, which asks for one; false if we have it already.");

    private CertificateGrammar() {}

    private static Shape<SecretRef> key() {
        return explained("file:PATH, credential:NAME, env:NAME or pkcs11:URI",
                text -> text.startsWith("pkcs11:") ? new SecretRef.InToken(TokenUri.parse(text)) : Values.parseSecret(text),
                string("^(file|credential|env|pkcs11):.+$"));
    }

    private static Shape<CertificateRef> reference() {
        return explained("file:PATH or pkcs11:URI", CertificateGrammar::parse, string("^(file|pkcs11):.+$"));
    }

    private static CertificateRef parse(String text) {
        // Who takes this for the place of a certificate or key itself must not find it in a log: the text is never repeated.
        if (text.startsWith("file:") && text.length() > "file:".length()) {
            try {
                return new CertificateRef.FromFile(Path.of(text.substring("file:".length())));
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("what follows 'file:' is no path", e);
            }
        }
        if (text.startsWith("pkcs11:")) {
            return new CertificateRef.InToken(TokenUri.parse(text));
        }
        // Not among what is expected: only the text that the agent makes of what its clients load has a use for it.
        if (text.matches("loaded:[0-9a-f]{64}")) {
            return new CertificateRef.Loaded(text.substring("loaded:".length()));
        }
        throw new IllegalArgumentException("a certificate is in a file of its own");
    }

    private static Shape<String> objectIdentifier() {
        return explained("an object identifier such as 1.3.6.1.4.1.32473.1", text -> {
            if (text.length() > 128 || !text.matches("[0-2](\\.(0|[1-9][0-9]*))+")) {
                throw new IllegalArgumentException("'" + Text.shortened(text) + "' is no object identifier");
            }
            return text;
        }, string("^[0-2](\\.(0|[1-9][0-9]*))+$"));
    }

    private static Shape<URI> uri(String example) {
        return explained("an address such as " + example, text -> {
            URI uri = URI.create(text);
            if (uri.getHost() == null || !List.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
                throw new IllegalArgumentException("'" + Text.shortened(text) + "' does not begin with http:// or https:// and a host's name");
            }
            return uri;
        }, string("^https?://.+$"));
    }
}
