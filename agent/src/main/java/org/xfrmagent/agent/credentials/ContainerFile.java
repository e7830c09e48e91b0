package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Pkcs12;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.policies.model.PrivateKeyRef;

/**
 * A container of PKCS #12 as operators have it. Nobody is believed because a container has his certificate.
 *
 * @param certificates all that are in it
 * @param keys likewise, private ones
 */
record ContainerFile(List<ParsedCertificate> certificates, List<PrivateKeyFile> keys) {
    ContainerFile {
        certificates = List.copyOf(certificates);
        keys = List.copyOf(keys);
    }

    /** Reads all; {@code problems} gets a sentence for each that cannot be read. */
    static Map<PrivateKeyRef, ContainerFile> read(List<PrivateKeyRef> refs, OwnCertificates.Source source, List<String> problems) {
        Map<PrivateKeyRef, ContainerFile> found = new LinkedHashMap<>();
        for (PrivateKeyRef ref : refs) {
            try {
                found.put(ref, read(ref, source));
            } catch (IOException unreadable) {
                problems.add(String.valueOf(unreadable.getMessage()));
            } catch (UnusableKey locked) {
                problems.add("the container " + ref + " cannot be opened: " + locked.reason());
            } catch (IllegalArgumentException unknown) {
                problems.add("the container " + ref + " has a key in it that " + unknown.getMessage());
            }
        }
        return found;
    }

    private static ContainerFile read(PrivateKeyRef ref, OwnCertificates.Source source) throws IOException, UnusableKey {
        Secret file = source.privateKey(ref.from());
        Secret passphrase = Secret.take(new byte[0]);
        Optional<Pkcs12> opened = Optional.empty();
        try {
            passphrase = ref.passphrase().isPresent() ? source.secret(ref.passphrase().get()) : passphrase;
            Pkcs12 container = Pkcs12.open(file, passphrase);
            opened = Optional.of(container);
            return new ContainerFile(container.certificates().stream().flatMap(der -> ParsedCertificate.read(der).stream()).toList(),
                    container.keys().stream().map(PrivateKeyFile::of).toList());
        } finally {
            file.wipe();
            passphrase.wipe();
            opened.ifPresent(container -> container.keys().forEach(Secret::wipe));
        }
    }
}
