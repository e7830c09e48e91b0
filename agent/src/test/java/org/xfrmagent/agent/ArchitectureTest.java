package org.xfrmagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house of DESIGN.md as data: who may import whom, and what the pure floors may not touch. */
class ArchitectureTest {
    private static final String ROOT = "org.xfrmagent.";

    /** Packages of the agent from the ground up: one sees those of lower floors, never its neighbours. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("agent.bytes"),
            List.of("agent.wire", "agent.crypto", "agent.dataplane"),
            List.of("agent.wire.v1", "agent.eap"),
            List.of("agent.engine.core", "agent.dataplane.kernel"),
            List.of("agent.engine.v1", "agent.engine.v2", "agent.dataplane.xfrm", "agent.dataplane.user", "agent.credentials", "agent.tls", "agent.radius", "agent.pkcs11"),
            List.of("agent.engine"),
            List.of("agent.daemon"),
            List.of("agent.control"),
            List.of("agent.cli"));

    /** Modules and the packages of others that each may import. */
    private static final Map<String, List<String>> MODULES = Map.of(
            "netlink", List.of("netlink."),
            "policies", List.of("policies."),
            "systemd", List.of("systemd.", "netlink.linux"),
            "agent", List.of("agent.", "policies.", "netlink.", "systemd."),
            "it-tests", List.of("it.", "agent.", "policies.", "netlink."));

    /** What only drivers may do: the engine gets its time, randomness and datagrams handed in. */
    private static final List<String> PURE = List.of("agent.bytes", "agent.wire", "agent.crypto", "agent.eap", "agent.engine");

    private static final Pattern IMPURE = Pattern.compile("System\\.(currentTimeMillis|nanoTime|getLogger|err|out)|Instant\\.now|Clock\\.|"
            + "new SecureRandom|new Random|ThreadLocalRandom|Thread\\.|new Thread|java\\.util\\.logging|java\\.net\\.(Datagram|Server)?Socket\\b|"
            + "java\\.nio\\.channels|java\\.util\\.concurrent\\.Executor");

    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([a-z_0-9.]+)\\.[A-Z*]", Pattern.MULTILINE);

    private record Source(String module, Path file, String packageName, String text) {
        List<String> imports() {
            List<String> found = new ArrayList<>();
            Matcher matcher = IMPORT.matcher(text);
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
            return found;
        }

        /** The code without comments, since they may speak of anything. */
        String code() {
            return text.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\n]*", "");
        }
    }

    @Test
    void importsPointDownwards() {
        Map<String, Integer> floors = new HashMap<>();
        for (int floor = 0; floor < FLOORS.size(); floor++) {
            for (String name : FLOORS.get(floor)) {
                floors.put(name, floor);
            }
        }
        List<String> wrong = new ArrayList<>();
        for (Source source : sources("agent")) {
            Optional<Integer> own = Optional.ofNullable(floors.get(source.packageName()));
            if (own.isEmpty() && !source.packageName().equals("agent")) {
                wrong.add(source.file() + ": package " + source.packageName() + " has no floor");
                continue;
            }
            for (String imported : source.imports()) {
                String name = imported.startsWith(ROOT) ? imported.substring(ROOT.length()) : "";
                Optional<Integer> other = Optional.ofNullable(floors.get(name));
                if (other.isPresent() && own.isPresent() && !name.equals(source.packageName()) && other.get() >= own.get()) {
                    wrong.add(source.file() + " imports " + name);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void modulesImportOnlyModulesBelow() {
        List<String> wrong = new ArrayList<>();
        MODULES.forEach((module, allowed) -> {
            for (Source source : sources(module)) {
                for (String imported : source.imports()) {
                    if (imported.startsWith(ROOT) && allowed.stream().noneMatch(prefix -> (imported + ".").startsWith(ROOT + prefix))) {
                        wrong.add(source.file() + " imports " + imported);
                    }
                }
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyOnePackageTalksToTheSystemThroughJnr() {
        assertThat(MODULES.keySet().stream()
                        .flatMap(module -> sources(module).stream())
                        .filter(source -> source.imports().stream().anyMatch(name -> name.startsWith("jnr.")))
                        .map(Source::packageName)
                        .distinct())
                .containsExactly("netlink.linux");
    }

    @Test
    void theEngineHasNoClockNoDiceNoThreadNoSocketAndNoLogger() {
        List<String> wrong = new ArrayList<>();
        for (Source source : sources("agent")) {
            boolean pure = PURE.stream().anyMatch(name -> (source.packageName() + ".").startsWith(name + "."));
            Matcher matcher = IMPURE.matcher(source.code());
            if (pure && matcher.find()) {
                wrong.add(source.file() + " uses " + matcher.group());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyPackageSaysWhyItExists() {
        List<String> silent = new ArrayList<>();
        for (String module : MODULES.keySet()) {
            List<Source> all = sources(module);
            all.stream()
                    .map(source -> source.file().getParent())
                    .distinct()
                    .filter(folder -> all.stream().noneMatch(source -> source.file().equals(folder.resolve("package-info.java"))
                            && source.text().contains("@NullMarked")))
                    .forEach(folder -> silent.add(folder.toString()));
        }
        assertThat(silent).isEmpty();
    }

    private static List<Source> sources(String module) {
        Path root = Path.of("..", module, "src", "main", "java");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            List<Source> found = files.filter(file -> file.toString().endsWith(".java")).map(file -> source(module, root, file)).toList();
            assertThat(found).as("sources of " + module).isNotEmpty();
            return found;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Source source(String module, Path root, Path file) {
        try {
            String dotted = root.relativize(file.getParent()).toString().replace('/', '.');
            return new Source(module, file, dotted.startsWith(ROOT) ? dotted.substring(ROOT.length()) : dotted, Files.readString(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
