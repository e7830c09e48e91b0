package org.xfrmagent.agent.pkcs11;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.policies.model.TokenUri;

/** Tokens of softhsm2 in a folder of their own. The library reads its configuration once in a process, so they share it. */
final class SoftToken {
    static final Path LIBRARY = Path.of("/usr/lib/softhsm/libsofthsm2.so");
    static final String PIN = "739254";

    private static final Pattern SLOT = Pattern.compile("slot (\\d+)");

    private final String label;
    private final long slot;

    private SoftToken(String label, long slot) {
        this.label = label;
        this.slot = slot;
    }

    /** Whether this machine can. */
    static boolean isPossible() {
        return Files.exists(LIBRARY) && Files.isExecutable(Path.of("/usr/bin/softhsm2-util")) && Files.isExecutable(Path.of("/usr/bin/pkcs11-tool"));
    }

    private static final class Home {
        static final Path FOLDER = make();
        static final Map<String, SoftToken> TOKENS = tokens("rsa", "p256", "p384", "one", "two", "bare", "wrong", "empty", "pulled", "slow");

        private static Map<String, SoftToken> tokens(String... labels) {
            Map<String, SoftToken> tokens = new HashMap<>();
            for (String label : labels) {
                String said = run(FOLDER, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "98765432", "--pin", PIN);
                Matcher slot = SLOT.matcher(said.replaceAll("(?s).*reassigned to", ""));
                if (!slot.find()) {
                    throw new AssertionError("no slot in: " + said);
                }
                tokens.put(label, new SoftToken(label, Long.parseLong(slot.group(1))));
            }
            return tokens;
        }

        private static Path make() {
            try {
                Path folder = Files.createTempDirectory("softhsm");
                Files.createDirectory(folder.resolve("tokens"));
                Path configuration = folder.resolve("softhsm2.conf");
                Files.writeString(configuration, "directories.tokendir = " + folder.resolve("tokens") + "\nlog.level = ERROR\nslots.removable = true\n");
                setEnvironment("SOFTHSM2_CONF", configuration.toString());
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
                return folder;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        /** Java cannot change its own environment, and the library looks there. */
        @SuppressWarnings("restricted")
        private static void setEnvironment(String name, String value) {
            Linker linker = Linker.nativeLinker();
            try (Arena arena = Arena.ofConfined()) {
                var _ = (int) linker.downcallHandle(linker.defaultLookup().find("setenv").orElseThrow(),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                        .invoke(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    /** One of those there are. The library sees only those that were there when it was loaded. */
    static SoftToken named(String label) {
        return Optional.ofNullable(Home.TOKENS.get(label)).orElseThrow(() -> new AssertionError("no token " + label));
    }

    /** With this key and its public half. */
    SoftToken key(String id, Holder holder) {
        try {
            Path file = Files.writeString(Home.FOLDER.resolve(id + ".key"), holder.keyPem());
            run(Home.FOLDER, "softhsm2-util", "--import", file.toString(), "--token", label, "--label", id, "--id", id, "--pin", PIN);
            Files.delete(file);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    SoftToken certificate(String id, Holder holder) {
        try {
            Path file = Files.write(Home.FOLDER.resolve(id + ".der"), holder.der().toArray());
            tool("--write-object", file.toString(), "--type", "cert", "--id", id, "--label", id);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    void forget(String type, String id) {
        tool("--delete-object", "--type", type, "--id", id);
    }

    private void tool(String... arguments) {
        List<String> command = new ArrayList<>(List.of("pkcs11-tool", "--module", LIBRARY.toString(), "--token-label", label, "--login", "--pin", PIN));
        command.addAll(List.of(arguments));
        run(Home.FOLDER, command.toArray(new String[0]));
    }

    /** Nothing is left of it, as if its card were pulled out. */
    void pull() {
        run(Home.FOLDER, "softhsm2-util", "--delete-token", "--token", label);
    }

    TokenUri uri(String id) {
        return new TokenUri(id, OptionalLong.of(slot), Optional.of(new TokenUri.Module.At(LIBRARY)));
    }

    private static String run(Path folder, String... command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command[0] + ": " + said);
            }
            return said;
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(file -> {
                var _ = file.toFile().delete();
            });
        } catch (IOException gone) {
            // A folder below /tmp that stays is no fault of the test.
        }
    }
}
