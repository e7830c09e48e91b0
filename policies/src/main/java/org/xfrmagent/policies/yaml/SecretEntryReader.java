package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.xfrmagent.policies.grammar.Grammar;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Named;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.User;

/** A reference to a secret from its keys. */
final class SecretEntryReader {
    private SecretEntryReader() {}

    /** @param folder from which relative paths start */
    static Optional<Located<PskSecret>> read(Section section, Path folder) {
        boolean postquantum = section.has(Grammar.PPK);
        if (postquantum == section.has(Grammar.PSK)) {
            section.where().says(section.at(), "a secret has " + (postquantum ? "both 'psk' and 'ppk'" : "neither 'psk' nor 'ppk'") + ", expected one of them");
            return Optional.empty();
        }
        Optional<Located<SecretRef>> ref = section.get(postquantum ? Grammar.PPK : Grammar.PSK);
        Optional<List<Identity>> owners = section.has(Grammar.IDS)
                ? section.get(Grammar.IDS).map(ids -> ids.stream().map(Located::value).toList())
                : Optional.of(List.of());
        return ref.flatMap(psk -> owners.map(ids -> new Located<>(new PskSecret(CertificationReader.absolute(psk.value(), folder), ids, postquantum), psk.at())));
    }

    static Optional<Located<User>> user(Named named, Path folder) {
        return named.section()
                .get(Grammar.PASSWORD)
                .map(password -> new Located<>(new User(named.name(), CertificationReader.absolute(password.value(), folder)), password.at()));
    }
}
