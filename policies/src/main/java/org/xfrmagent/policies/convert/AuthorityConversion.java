package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The authorities of a set-up, each certificate once: from the folder of their certificates, from sections of their own, from connections. */
final class AuthorityConversion {
    private static final int LONGEST_NAME = 64;

    private final CredentialFolders folders;
    private final Map<String, Authority> byReference = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> asked = new LinkedHashMap<>();

    private record Authority(String name, List<String> crls, List<String> ocsps) {}

    AuthorityConversion(CredentialFolders folders) {
        this.folders = folders;
    }

    /** A section {@code authorities.<name>}: what it calls its certificate, and where its lists are. */
    void section(String name, Options options) {
        Optional<String> certificate = options.text("cacert").map(file -> folders.reference(CredentialFolders.AUTHORITIES, file))
                .or(() -> options.text("file").map(file -> "file:" + file))
                .or(() -> TokenOptions.reference(options));
        List<String> crls = options.list("crl_uris");
        List<String> ocsps = options.list("ocsp_uris");
        options.text("cert_uri_base").ifPresent(_ -> options.note("cert_uri_base", "our certificates are always sent whole, as charon does without hash_and_url"));
        if (certificate.isEmpty()) {
            options.remark("cacert", "is missing, and so are file and handle; this authority is left out");
            return;
        }
        Authority before = byReference.get(certificate.get());
        byReference.put(certificate.get(), before == null
                ? new Authority(fresh(certificate.get().startsWith("loaded:") ? certificate.get() : name), crls, ocsps)
                : new Authority(before.name(), joined(before.crls(), crls), joined(before.ocsps(), ocsps)));
    }

    private static List<String> joined(List<String> some, List<String> others) {
        List<String> all = new ArrayList<>(some);
        others.stream().filter(each -> !all.contains(each)).forEach(all::add);
        return List.copyOf(all);
    }

    /** The name of the authority with this certificate. */
    String name(String reference) {
        String name = byReference.computeIfAbsent(reference, _ -> new Authority(fresh(reference), List.of(), List.of())).name();
        asked.put(reference, name);
        return name;
    }

    /** The names that were asked for since this was last asked, by certificate. */
    Map<String, String> asked() {
        Map<String, String> since = Collections.unmodifiableMap(new LinkedHashMap<>(asked));
        asked.clear();
        return since;
    }

    private String fresh(String wanted) {
        String base = wanted.startsWith("pkcs11:") ? "token" : wanted.replaceFirst("^.*[:/]", "").replaceFirst("\\.(pem|crt|cer|der)$", "").replaceAll("[^A-Za-z0-9_.-]", "_");
        String name = base.isEmpty() ? "authority" : base.substring(0, Math.min(base.length(), LONGEST_NAME));
        for (int more = 2; !names.add(name); more++) {
            name = base.substring(0, Math.min(base.length(), LONGEST_NAME - 4)) + "-" + more;
        }
        return name;
    }

    YamlText yaml() {
        YamlText yaml = new YamlText();
        byReference.forEach((reference, authority) -> {
            List<String> parts = new ArrayList<>(List.of("certificate: " + YamlText.scalar(reference)));
            if (!authority.crls().isEmpty()) {
                parts.add("crls: " + YamlText.list(authority.crls()));
            }
            if (!authority.ocsps().isEmpty()) {
                parts.add("ocsps: " + YamlText.list(authority.ocsps()));
            }
            yaml.line(1, YamlText.scalar(authority.name()) + ": { " + String.join(", ", parts) + " }");
        });
        return yaml;
    }
}
