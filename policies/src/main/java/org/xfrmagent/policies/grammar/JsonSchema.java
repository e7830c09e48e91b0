package org.xfrmagent.policies.grammar;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes the grammar as JSON Schema, for editors that check and complete policy files. */
public final class JsonSchema {
    /** The resource that holds {@link #text()}, beside this class. */
    public static final String RESOURCE = "policy.schema.json";

    private JsonSchema() {}

    /** The schema of a policy file, always the same text for the same grammar. */
    public static String text() {
        Map<String, Object> schema = Scalars.schema(
                "$schema", "https://json-schema.org/draft/2020-12/schema",
                "title", "A policy file of xfrm-agent");
        schema.putAll(Grammar.FILE.schema());
        StringBuilder out = new StringBuilder();
        write(schema, "", out);
        return out.append('\n').toString();
    }

    private static void write(Object value, String indent, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> block(map.entrySet().iterator(), '{', '}', indent, out);
            case List<?> list -> block(list.iterator(), '[', ']', indent, out);
            case String text -> quote(text, out);
            default -> out.append(value);
        }
    }

    private static void block(Iterator<?> items, char open, char close, String indent, StringBuilder out) {
        out.append(open);
        if (!items.hasNext()) {
            out.append(close);
            return;
        }
        String deeper = indent + "  ";
        while (items.hasNext()) {
            out.append('\n').append(deeper);
            Object item = items.next();
            if (item instanceof Map.Entry<?, ?> entry) {
                quote(String.valueOf(entry.getKey()), out);
                out.append(": ");
                write(entry.getValue(), deeper, out);
            } else {
                write(item, deeper, out);
            }
            out.append(items.hasNext() ? "," : "");
        }
        out.append('\n').append(indent).append(close);
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
        out.append('"');
    }
}
