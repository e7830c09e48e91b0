package org.xfrmagent.agent.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The names of ports in services(5): lines of {@code name port/protocol alias ...}. Where a port has two names, the first counts.
 *
 * @param names by {@code tcp/22}
 */
record Services(Map<String, String> names) {
    private static final Path FILE = Path.of("/etc/services");

    Services {
        names = Map.copyOf(names);
    }

    /** Those of this machine; none where there is no such file. */
    static Services ofThisMachine() {
        try (Stream<String> lines = Files.lines(FILE, StandardCharsets.ISO_8859_1)) {
            return of(lines.toList());
        } catch (IOException missing) {
            return new Services(Map.of());
        }
    }

    static Services of(List<String> lines) {
        Map<String, String> names = new HashMap<>();
        for (String line : lines) {
            String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
            String[] port = words.length < 2 ? new String[0] : words[1].split("/", -1);
            if (port.length == 2) {
                names.putIfAbsent(port[1] + "/" + port[0], words[0]);
            }
        }
        return new Services(names);
    }

    Optional<String> name(String protocol, int port) {
        return Optional.ofNullable(names.get(protocol + "/" + port));
    }
}
