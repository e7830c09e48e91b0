package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.credentials.PublicKeyFile;
import org.xfrmagent.policies.convert.Converted;
import org.xfrmagent.policies.convert.CredentialFolders;
import org.xfrmagent.policies.convert.IncludedFiles;
import org.xfrmagent.policies.convert.IpsecConf;
import org.xfrmagent.policies.convert.IpsecConversion;
import org.xfrmagent.policies.convert.IpsecSecrets;
import org.xfrmagent.policies.convert.Settings;
import org.xfrmagent.policies.convert.SettingsParser;
import org.xfrmagent.policies.convert.SwanctlConversion;
import org.xfrmagent.policies.convert.UnreadableSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "convert",
        header = "Turn strongSwan's configuration into policies.",
        description = {
            "Reads a swanctl.conf, or an ipsec.conf with its ipsec.secrets, and writes the same set-up as policies.yaml into a new folder, with "
                    + "each pre-shared key in a file of its own that only its owner can read. Certificates and private keys, named in the file or in the "
                    + "folders beside it, stay where they are. What has no equal is said on stderr and in comments.",
        },
        footer = {"", "Exit codes: 0 done, 1 the files cannot be read or written, 2 wrong usage."})
final class ConvertCommand implements Callable<Integer> {
    private static final String POLICIES = "policies.yaml";

    /** Whose words the file is in. */
    enum Language {
        swanctl,
        ipsec
    }

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "FILE", description = "A swanctl.conf or an ipsec.conf.")
    Path file = Path.of("");

    @Parameters(index = "1", arity = "0..1", paramLabel = "SECRETS", description = "The ipsec.secrets that goes with an ipsec.conf.")
    @Nullable Path secrets;

    @Option(names = "--from", paramLabel = "LANGUAGE", description = "${COMPLETION-CANDIDATES}; without it, the file's name tells.")
    @Nullable Language language;

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", defaultValue = "xfrm-agent",
            description = "The folder to write; what it has already is never written over. Default: ${DEFAULT-VALUE}.")
    Path output = Path.of("");

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            Converted converted = convert();
            write(converted);
            converted.remarks().forEach(remark -> err.println("note: " + remark));
            spec.commandLine().getOut().println("Written to " + output.resolve(POLICIES) + "; try: xfrm-agent check " + output);
            return ExitCode.DONE;
        } catch (UnreadableSettings wrong) {
            err.println(wrong.at() + ": " + wrong.getMessage());
        } catch (FileAlreadyExistsException there) {
            err.println(there.getFile() + " is there already; name another folder with --output");
        } catch (IOException failure) {
            err.println("cannot be written: " + Failures.sentence(failure));
        } catch (UncheckedIOException failure) {
            err.println("cannot be read: " + Optional.ofNullable(failure.getCause()).map(Failures::sentence).orElse(""));
        }
        return ExitCode.FAILED;
    }

    private Converted convert() throws IOException {
        IncludedFiles includes = new IncludedFiles();
        boolean swanctl = Optional.ofNullable(language).orElseGet(this::guessed) == Language.swanctl;
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        CredentialFolders folders =
                swanctl ? CredentialFolders.of(folder, ConvertCommand::subject) : CredentialFolders.ofIpsec(folder, ConvertCommand::subject);
        Settings settings = swanctl
                ? SettingsParser.parse(IncludedFiles.read(file), includes)
                : IpsecConversion.toSwanctl(IpsecConf.parse(IncludedFiles.read(file), includes), Optional.ofNullable(secrets)
                        .map(path -> IpsecSecrets.parse(IncludedFiles.read(path), includes))
                        .orElse(List.of()), ConvertCommand::isHere);
        return SwanctlConversion.convert(settings, folders);
    }

    /** Whether this machine has the address. */
    private static boolean isHere(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            return false;
        }
    }

    /** Whose certificate or public key a file has, where it has one. */
    private static Optional<String> subject(Path file) {
        try {
            byte[] octets = Files.readAllBytes(file);
            return told(() -> "dn:" + CertificateFacts.read(octets).subject()).or(() -> told(() -> PublicKeyFile.read(octets).identity()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<String> told(Supplier<String> reader) {
        try {
            return Optional.of(reader.get());
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private Language guessed() {
        return file.toString().contains("ipsec") || secrets != null ? Language.ipsec : Language.swanctl;
    }

    private void write(Converted converted) throws IOException {
        Files.createDirectories(output);
        for (String name : Stream.concat(Stream.of(POLICIES), converted.secrets().keySet().stream()).toList()) {
            if (Files.exists(output.resolve(name))) {
                throw new FileAlreadyExistsException(output.resolve(name).toString());
            }
        }
        List<Path> begun = new ArrayList<>();
        try {
            for (Map.Entry<String, String> secret : converted.secrets().entrySet()) {
                begun.add(output.resolve(secret.getKey()));
                write(begun.getLast(), secret.getValue() + "\n", "rw-------");
            }
            begun.add(output.resolve(POLICIES));
            write(begun.getLast(), converted.yaml(), "rw-r--r--");
        } catch (IOException failure) {
            // Half of it would be taken for the whole, or be in the way of the next attempt.
            for (Path half : begun) {
                Files.deleteIfExists(half);
            }
            throw failure;
        }
    }

    /** Never is a secret there with another mode than the one it is to have. */
    private static void write(Path path, String text, String mode) throws IOException {
        try (var channel = Files.newByteChannel(path, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)))) {
            channel.write(StandardCharsets.UTF_8.encode(text));
        }
    }
}
