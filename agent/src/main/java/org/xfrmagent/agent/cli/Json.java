package org.xfrmagent.agent.cli;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, text, numbers and truth as JSON (RFC 8259), two spaces a level. */
final class Json {
    private static final String STEP = "  ";

    private Json() {}

    static String text(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "", out);
        return out.toString();
    }

    /** In one line. */
    static String line(Object value) {
        // Within strings a line's end is written as an escape.
        return text(value).replaceAll("\\s*\n\\s*", " ");
    }

    private static void write(Object value, String indent, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                out.append('{');
                String comma = "\n";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(comma).append(indent).append(STEP);
                    quote(entry.getKey().toString(), out);
                    write(entry.getValue(), indent + STEP, out.append(": "));
                    comma = ",\n";
                }
                out.append(map.isEmpty() ? "}" : "\n" + indent + "}");
            }
            case List<?> list -> {
                out.append('[');
                String comma = "\n";
                for (Object item : list) {
                    write(item, indent + STEP, out.append(comma).append(indent).append(STEP));
                    comma = ",\n";
                }
                out.append(list.isEmpty() ? "]" : "\n" + indent + "]");
            }
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            default -> quote(value.toString(), out);
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
