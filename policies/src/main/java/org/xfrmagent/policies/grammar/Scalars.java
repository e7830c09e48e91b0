package org.xfrmagent.policies.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shapes of single values. */
final class Scalars {
    private static final String DURATION = "(\\d{1,9}(ms|s|m|h|d))+";
    private static final Pattern DURATION_PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,18})\\s?(|B|KB|MB|GB|TB|K|M|G|T|KiB|MiB|GiB|TiB)");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L), Map.entry("B", 1L),
            Map.entry("KB", 1_000L), Map.entry("MB", 1_000_000L), Map.entry("GB", 1_000_000_000L), Map.entry("TB", 1_000_000_000_000L),
            Map.entry("K", 1L << 10), Map.entry("M", 1L << 20), Map.entry("G", 1L << 30), Map.entry("T", 1L << 40),
            Map.entry("KiB", 1L << 10), Map.entry("MiB", 1L << 20), Map.entry("GiB", 1L << 30), Map.entry("TiB", 1L << 40));

    /** What {@link #name} takes, as JSON Schema has it: all that strongSwan's sections can be called, and dots. */
    static final String NAME = "^[!$%&()*+./0-9;<>?@A-Z\\[\\]^_`a-z|~'-]{1,255}$";

    private Scalars() {}

    /** A scalar that either fits or does not: the problem says what was expected. */
    private record Simple<T>(String expected, Function<String, Optional<T>> parse, Map<String, Object> schema) implements Shape<T> {
        @Override
        public Optional<T> read(Tree tree, Where where) {
            Optional<T> value = tree instanceof Tree.Scalar scalar ? parse.apply(scalar.text()) : Optional.empty();
            return value.isPresent() ? value : unfit(tree, where);
        }
    }

    /** A scalar whose parser explains what is wrong. */
    private record Explained<T>(String expected, Function<String, T> parse, Map<String, Object> schema) implements Shape<T> {
        @Override
        public Optional<T> read(Tree tree, Where where) {
            if (!(tree instanceof Tree.Scalar scalar) || scalar.text().isEmpty()) {
                return unfit(tree, where);
            }
            try {
                return Optional.of(parse.apply(scalar.text()));
            } catch (IllegalArgumentException e) {
                String sentence = String.valueOf(e.getMessage());
                // A guess at what was meant says what is expected, too.
                where.says(tree.at(), sentence.endsWith("?") ? sentence : sentence + "; expected " + expected);
                return Optional.empty();
            }
        }
    }

    private record Placed<T>(Shape<T> inner) implements Shape<Located<T>> {
        @Override
        public Optional<Located<T>> read(Tree tree, Where where) {
            return inner.read(tree, where).map(value -> new Located<>(value, tree.at()));
        }

        @Override
        public String expected() {
            return inner.expected();
        }

        @Override
        public Map<String, Object> schema() {
            return inner.schema();
        }
    }

    static <T> Shape<T> simple(String expected, Function<String, Optional<T>> parse, Map<String, Object> schema) {
        return new Simple<>(expected, parse, schema);
    }

    static <T> Shape<T> explained(String expected, Function<String, T> parse, Map<String, Object> schema) {
        return new Explained<>(expected, parse, schema);
    }

    /** The same value with its position. */
    static <T> Shape<Located<T>> placed(Shape<T> inner) {
        return new Placed<>(inner);
    }

    /** A name for something: it goes into commands, log lines and labels. */
    static Shape<String> name() {
        return simple("a name of letters, digits, '.', '_', '-' and such, without blanks, at most 255", text -> isName(text) ? Optional.of(text) : Optional.empty(),
                string(NAME));
    }

    static boolean isName(String text) {
        return text.matches(NAME);
    }

    static Shape<Integer> whole(int min, int max) {
        return simple(min + " to " + max, text -> number(text, BigInteger.valueOf(min), BigInteger.valueOf(max)).map(BigInteger::intValue),
                schema("type", "integer", "minimum", min, "maximum", max));
    }

    static Optional<BigInteger> number(String text, BigInteger min, BigInteger max) {
        if (!text.matches("\\d{1,19}")) {
            return Optional.empty();
        }
        BigInteger number = new BigInteger(text);
        return number.compareTo(min) >= 0 && number.compareTo(max) <= 0 ? Optional.of(number) : Optional.empty();
    }

    /** A count of octets or packets, with a unit or without. */
    static Shape<Long> amount(String example) {
        return simple("a number such as " + example, Scalars::parseAmount,
                anyOf(schema("type", "integer", "minimum", 0), string("^\\d{1,18} ?(|B|[KMGT]|[KMGT]B|[KMGT]iB)$")));
    }

    private static Optional<Long> parseAmount(String text) {
        Matcher matcher = AMOUNT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        BigInteger amount = new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(UNITS.getOrDefault(matcher.group(2), 1L)));
        return amount.bitLength() < Long.SIZE ? Optional.of(amount.longValue()) : Optional.empty();
    }

    static Shape<Duration> duration(String example) {
        return simple("a duration such as " + example, Scalars::parseDuration,
                anyOf(schema("type", "integer", "minimum", 0, "maximum", 999_999_999), string("^" + DURATION + "$")));
    }

    /** As {@link #duration}, in whole seconds. */
    static Shape<Long> seconds(String example) {
        return simple("a duration of whole seconds such as " + example,
                text -> parseDuration(text).filter(duration -> duration.toMillisPart() == 0).map(Duration::toSeconds),
                duration(example).schema());
    }

    private static Optional<Duration> parseDuration(String text) {
        if (text.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        if (text.length() > 64 || !text.matches(DURATION)) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        Matcher part = DURATION_PART.matcher(text);
        while (part.find()) {
            long count = Long.parseLong(part.group(1));
            sum = sum.plus(switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            });
        }
        // Kernel and timers count seconds in signed numbers; nobody means more than thirty years.
        return sum.compareTo(Duration.ofSeconds(999_999_999)) <= 0 ? Optional.of(sum) : Optional.empty();
    }

    static Shape<Double> decimal(int min, int max) {
        return simple("a number from " + min + " to " + max, text -> {
            if (!text.matches("\\d{1,9}(\\.\\d{1,9})?")) {
                return Optional.empty();
            }
            BigDecimal number = new BigDecimal(text);
            boolean fits = number.compareTo(BigDecimal.valueOf(min)) >= 0 && number.compareTo(BigDecimal.valueOf(max)) <= 0;
            return fits ? Optional.of(number.doubleValue()) : Optional.empty();
        }, schema("type", "number", "minimum", min, "maximum", max));
    }

    static Map<String, Object> string(String pattern) {
        return schema("type", "string", "pattern", pattern);
    }

    static Map<String, Object> anyOf(Object... choices) {
        return schema("anyOf", List.of(choices));
    }

    /** Keywords and values in turn, kept in this order. */
    static Map<String, Object> schema(Object... keysAndValues) {
        Map<String, Object> schema = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            schema.put(keysAndValues[i].toString(), keysAndValues[i + 1]);
        }
        return schema;
    }
}
