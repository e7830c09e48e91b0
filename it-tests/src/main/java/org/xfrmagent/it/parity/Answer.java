package org.xfrmagent.it.parity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What {@code swanctl --pretty} prints, as fields in their order.
 *
 * <pre>
 *   list-sa event {                list-sa event/sun/version = 2
 *     sun {
 *       version = 2
 * </pre>
 */
public record Answer(List<Field> fields) {
    public Answer {
        fields = List.copyOf(fields);
    }

    /**
     * One field.
     *
     * @param path the names of the sections around it and its own
     * @param value its text; of a list its items, of an empty section nothing
     */
    public record Field(String path, String value) {
        public String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    public static Answer parse(String pretty) {
        List<Field> fields = new ArrayList<>();
        Deque<String> sections = new ArrayDeque<>();
        Iterator<String> lines = pretty.lines().map(String::strip).iterator();
        boolean empty = false;
        while (lines.hasNext()) {
            String line = lines.next();
            int equals = line.indexOf(" = ");
            if (line.endsWith(" = [")) {
                fields.add(new Field(path(sections, line.substring(0, equals)), items(lines)));
                empty = false;
            } else if (equals >= 0) {
                fields.add(new Field(path(sections, line.substring(0, equals)), line.substring(equals + 3)));
                empty = false;
            } else if (line.endsWith("{")) {
                sections.addLast(line.substring(0, line.length() - 1).strip());
                empty = true;
            } else if (line.equals("}")) {
                String closed = sections.removeLast();
                if (empty) {
                    fields.add(new Field(path(sections, closed), ""));
                }
                empty = false;
            }
        }
        return new Answer(fields);
    }

    private static String items(Iterator<String> lines) {
        List<String> items = new ArrayList<>();
        for (String line = lines.next(); !line.equals("]"); line = lines.next()) {
            items.add(line);
        }
        return items.toString();
    }

    private static String path(Deque<String> sections, String name) {
        return sections.isEmpty() ? name : String.join("/", sections) + "/" + name;
    }
}
