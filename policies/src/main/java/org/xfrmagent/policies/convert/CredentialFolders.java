package org.xfrmagent.policies.convert;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * The folders beside a swanctl.conf (swanctl(8)) or an ipsec.conf: whatever is in them is loaded, whether the file names it or not. What
 * clients of the control socket have loaded is told in the same folders.
 */
public final class CredentialFolders {
    /** Certificates of ends, and what leads to an authority. */
    public static final String CERTIFICATES = "x509";
    /** Of authorities that are believed. */
    public static final String AUTHORITIES = "x509ca";
    public static final String OCSP_SIGNERS = "x509ocsp";
    public static final String CRLS = "x509crl";
    /** Public keys without certificates: nobody's, but where a connection names them. */
    public static final String PUBLIC_KEYS = "pubkey";
    /** Private keys of any kind; older set-ups have a folder for each kind. */
    public static final String KEYS = "private";

    /** Attribute certificates, which say who belongs to which group. */
    static final String ATTRIBUTES = "x509ac";
    /** Of those who are believed about that. */
    static final String ATTRIBUTE_AUTHORITIES = "x509aa";
    /** Of PKCS #12. */
    public static final String CONTAINERS = "pkcs12";

    private static final List<String> KEY_FOLDERS = List.of(KEYS, "rsa", "ecdsa", "pkcs8");
    private static final Path STANDARD = Path.of("/etc/swanctl");
    /** As {@link #CERTIFICATES} and so on are called below ipsec.d. */
    private static final Map<String, String> OF_IPSEC =
            Map.ofEntries(Map.entry(CERTIFICATES, "certs"), Map.entry(AUTHORITIES, "cacerts"), Map.entry(OCSP_SIGNERS, "ocspcerts"), Map.entry(CRLS, "crls"),
                    Map.entry(PUBLIC_KEYS, "certs"), Map.entry("rsa", KEYS), Map.entry("ecdsa", KEYS), Map.entry("pkcs8", KEYS), Map.entry(CONTAINERS, KEYS),
                    Map.entry(ATTRIBUTES, "acerts"), Map.entry(ATTRIBUTE_AUTHORITIES, "aacerts"));

    private final Function<String, String> folders;
    private final Map<String, List<String>> files;
    private final Function<Path, Optional<String>> subjects;

    private CredentialFolders(Function<String, String> folders, Map<String, List<String>> files, Function<Path, Optional<String>> subjects) {
        this.folders = folders;
        this.files = Map.copyOf(files);
        this.subjects = subjects;
    }

    /** Where there is nothing but the configuration's own text. */
    public static CredentialFolders none() {
        return new CredentialFolders(folder -> "file:" + STANDARD.resolve(folder) + "/", Map.of(), _ -> Optional.empty());
    }

    /**
     * What stands beside a swanctl.conf: everything in the folders counts, named or not.
     *
     * @param base its folder
     * @param subjects the subject of a certificate's file, or how a public key's is called, as an identity is written
     */
    public static CredentialFolders of(Path base, Function<Path, Optional<String>> subjects) throws IOException {
        Map<String, List<String>> files = new LinkedHashMap<>();
        for (String folder : List.of(CERTIFICATES, AUTHORITIES, OCSP_SIGNERS, CRLS, CONTAINERS, ATTRIBUTES, ATTRIBUTE_AUTHORITIES)) {
            files.put(folder, list(base.resolve(folder)));
        }
        List<String> keys = new ArrayList<>();
        for (String folder : KEY_FOLDERS) {
            keys.addAll(list(base.resolve(folder)));
        }
        files.put(KEYS, keys);
        return new CredentialFolders(folder -> "file:" + base.resolve(folder) + "/", files, subjects);
    }

    /** The same for an ipsec.conf, beside which stands ipsec.d. Keys are named by ipsec.secrets alone. */
    public static CredentialFolders ofIpsec(Path base, Function<Path, Optional<String>> subjects) throws IOException {
        Map<String, List<String>> files = new LinkedHashMap<>();
        for (String folder : List.of(AUTHORITIES, OCSP_SIGNERS, CRLS, ATTRIBUTES, ATTRIBUTE_AUTHORITIES)) {
            files.put(folder, list(base.resolve("ipsec.d").resolve(OF_IPSEC.getOrDefault(folder, folder))));
        }
        return new CredentialFolders(
                folder -> "file:" + base.resolve("ipsec.d").resolve(OF_IPSEC.getOrDefault(folder, folder)) + "/", files, subjects);
    }

    /** @param files references to what is loaded, by folder */
    static CredentialFolders loaded(Map<String, List<String>> files) {
        return new CredentialFolders(_ -> "", files, _ -> Optional.empty());
    }

    private static List<String> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Files::isRegularFile)) {
            return StreamSupport.stream(found.spliterator(), false).sorted().map(file -> "file:" + file).toList();
        }
    }

    /** References to all that is in a folder, as a policy file has them. */
    List<String> all(String folder) {
        return files.getOrDefault(folder, List.of());
    }

    /** How a policy file refers to what an option calls {@code name}. */
    String reference(String folder, String name) {
        return name.startsWith("/") ? "file:" + name : folders.apply(folder) + name;
    }

    /** Whose certificate or public key it is, where it can be read. */
    Optional<String> subject(String reference) {
        return reference.startsWith("file:") ? subjects.apply(Path.of(reference.substring("file:".length()))) : Optional.empty();
    }
}
