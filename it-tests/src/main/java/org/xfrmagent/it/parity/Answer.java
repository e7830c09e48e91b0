package org.xfrmagent.it.parity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    /** The start of a section, a list, a value, or the end of a section. */
    private static final Pattern RAW = Pattern.compile("(?<section>[^{}=]+?)\\{|(?<key>[^ {}=]+)=(?:\\[(?<items>[^]]*)]|(?<value>[^ }]*))|}");

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

    /** With one more at its end. */
    public Answer with(String path, String value) {
        List<Field> all = new ArrayList<>(fields);
        all.add(new Field(path, value));
        return new Answer(all);
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

    /**
     * What {@code swanctl --raw} prints, an event a line. Values with spaces or braces in them cannot be told from what follows them.
     *
     * <pre>
     *   list-sa event {sun {version=2 local-ts=[10.1.0.0/16] child-sas {}}}
     * </pre>
     */
    public static Answer parseRaw(String raw) {
        List<Field> fields = new ArrayList<>();
        Deque<String> sections = new ArrayDeque<>();
        boolean empty = false;
        Matcher token = RAW.matcher(raw);
        while (token.find()) {
            if (token.group("section") != null) {
                sections.addLast(token.group("section").strip());
            } else if (token.group("key") == null) {
                String closed = sections.removeLast();
                if (empty) {
                    fields.add(new Field(path(sections, closed), ""));
                }
            } else if (token.group("items") != null) {
                fields.add(new Field(path(sections, token.group("key")), List.of(token.group("items").strip().split(" +")).toString()));
            } else {
                fields.add(new Field(path(sections, token.group("key")), token.group("value")));
            }
            empty = token.group("section") != null;
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
