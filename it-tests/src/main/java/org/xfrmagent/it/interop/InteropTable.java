package org.xfrmagent.it.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.stream.Collectors;

/** Writes the table of encounters into it-tests/README.md, between two marks. No dates and no durations: the same run, the same file. */
public final class InteropTable {
    private static final String BEGIN = "<!-- encounters: written by it-tests/verify -->\n";
    private static final String END = "<!-- end of encounters -->\n";

    private InteropTable() {}

    /** {@code FOLDER FILE}: what is noted below FOLDER replaces the table in FILE; says so if that has changed it. */
    public static void main(String... arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        String before = Files.readString(file);
        String after = replace(before, Encounters.in(Path.of(arguments[0])));
        if (!after.equals(before)) {
            Files.writeString(file, after);
            System.out.println(file + ": the table of what was run with whom has changed");
        }
    }

    static String replace(String text, NavigableSet<Encounter> encounters) {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("no place for the table: " + BEGIN.strip() + " … " + END.strip());
        }
        return text.substring(0, begin + BEGIN.length()) + table(encounters) + text.substring(end);
    }

    private record Row(String peer, String planes, String what, String modeAndProtocol) {}

    private static String table(NavigableSet<Encounter> encounters) {
        Map<Row, List<Encounter>> rows = new LinkedHashMap<>();
        for (Encounter each : encounters) {
            rows.computeIfAbsent(new Row(each.peer(), each.planes(), each.what(), each.modeAndProtocol()), _ -> new ArrayList<>()).add(each);
        }
        StringBuilder table = new StringBuilder("""
                | peer | data plane | what | SA | the agent initiates | the agent responds |
                |---|---|---|---|---|---|
                """);
        rows.forEach((row, of) -> table.append("| ").append(String.join(" | ", row.peer, row.planes, row.what, row.modeAndProtocol,
                families(of, Encounter.Role.INITIATOR), families(of, Encounter.Role.RESPONDER))).append(" |\n"));
        return table.toString();
    }

    private static String families(Collection<Encounter> encounters, Encounter.Role role) {
        String families = encounters.stream()
                .filter(encounter -> encounter.role() == role)
                .map(encounter -> encounter.family().word())
                .collect(Collectors.joining(", "));
        return families.isEmpty() ? "–" : families;
    }
}
