package org.xfrmagent.policies.convert;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** YAML as people write it: a key a line, short lists in brackets, quotes only where they are needed. */
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/_][A-Za-z0-9/_.+-]*(:[A-Za-z0-9/_.+-]+)?");
    /** What YAML, or a reader of an older one, would not take for a text. */
    private static final Pattern OTHER = Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|[0-9][0-9_]*:[0-9:]+|0x[0-9a-f]+|[0-9.]+e[0-9]+");

    private final StringBuilder text = new StringBuilder();

    YamlText line(int depth, String content) {
        text.append("  ".repeat(depth)).append(content).append('\n');
        return this;
    }

    YamlText comment(int depth, String content) {
        return line(depth, "# " + content.replaceAll("\\p{Cntrl}", " "));
    }

    YamlText blank() {
        text.append('\n');
        return this;
    }

    YamlText append(YamlText other) {
        text.append(other.text);
        return this;
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** A scalar, in quotes if it could be read as something else. */
    static String scalar(String value) {
        boolean plain = PLAIN.matcher(value).matches() && !OTHER.matcher(value).matches();
        return plain ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** One scalar, or a list of them in brackets. */
    static String oneOrMore(List<String> values) {
        return values.size() == 1 ? scalar(values.getFirst()) : list(values);
    }

    static String list(List<String> values) {
        return values.stream().map(YamlText::scalar).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
