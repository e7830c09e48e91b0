package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.policies.model.Defaults;

/** The lifetimes of a connection and of a child in our words (swanctl.conf(5), rekey_time and those near it). */
final class LifetimeConversion {
    private static final Pattern TIME = Pattern.compile("(\\d{1,12})([smhd]?)");
    private static final Map<String, Integer> SECONDS = Map.of("", 1, "s", 1, "m", 60, "h", 3600, "d", 86_400);
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,12})([KMG]?)");
    /** Powers of two. */
    private static final Map<String, Integer> UNITS = Map.of("K", 10, "M", 20, "G", 30);

    private LifetimeConversion() {}

    /** A time as strongSwan writes it, in seconds; empty if it is none. */
    static Optional<Long> seconds(String time) {
        Matcher parts = TIME.matcher(time);
        return parts.matches() ? Optional.of(Long.parseLong(parts.group(1)) * SECONDS.getOrDefault(parts.group(2), 1)) : Optional.empty();
    }

    /** Of an IKE SA: who asks for reauthentication alone is not rekeyed between. What is random about it is, without a word, as long as over_time. */
    static void ike(Options options, YamlText lines) {
        List<String> parts = new ArrayList<>();
        Optional<String> rekey = options.text("rekey_time");
        Optional<String> reauth = options.text("reauth_time").filter(time -> !isZero(time));
        Optional<Long> over = options.text("over_time").flatMap(LifetimeConversion::seconds);
        Optional<String> soft = rekey.or(() -> reauth.map(_ -> "0"));
        soft.ifPresent(time -> parts.add("soft: " + time));
        long standard = Defaults.IKE_LIFETIMES.seconds().soft();
        long longest = Math.max(soft.map(time -> seconds(time).orElse(0L)).orElse(standard), reauth.flatMap(LifetimeConversion::seconds).orElse(0L));
        if (over.isPresent() || reauth.isPresent() && soft.filter(LifetimeConversion::isZero).isPresent()) {
            parts.add("hard: " + (over.isPresent() ? longest + over.get() : Defaults.hardLimit(longest)));
        }
        Optional<Long> bothOver = Optional.of(longest / 10).filter(_ -> rekey.filter(time -> !isZero(time)).isPresent() && reauth.isPresent());
        boolean never = soft.filter(LifetimeConversion::isZero).isPresent() && reauth.isEmpty();
        options.text("rand_time").or(() -> over.or(() -> bothOver).map(String::valueOf)).filter(_ -> !never)
                .ifPresent(time -> parts.add("jitter-time: " + time));
        reauth.ifPresent(time -> parts.add("reauth: " + time));
        write(parts, 2, lines);
    }

    /** Of a child SA. What is random about a limit is, without a word, what lies between it and the end. */
    static void child(Options options, YamlText lines) {
        List<String> parts = new ArrayList<>();
        Optional<String> soft = options.text("rekey_time");
        Optional<String> hard = options.text("life_time");
        soft.ifPresent(time -> parts.add("soft: " + time));
        hard.ifPresent(time -> parts.add("hard: " + time));
        long standard = Defaults.CHILD_LIFETIMES.seconds().soft();
        Optional<Long> rest = hard.flatMap(LifetimeConversion::seconds).map(end -> end - soft.map(time -> seconds(time).orElse(0L)).orElse(standard));
        options.text("rand_time").or(() -> rest.filter(span -> span > 0).map(String::valueOf))
                .filter(_ -> soft.filter(LifetimeConversion::isZero).isEmpty())
                .ifPresent(time -> parts.add("jitter-time: " + time));
        amount("bytes", options, parts);
        amount("packets", options, parts);
        options.text("inactivity").filter(time -> !isZero(time)).ifPresent(time -> parts.add("idle: " + time));
        write(parts, 2, lines);
    }

    private static void amount(String what, Options options, List<String> parts) {
        Optional<String> soft = counted("rekey_" + what, options);
        Optional<String> hard = counted("life_" + what, options);
        soft.ifPresent(amount -> parts.add("soft-" + what + ": " + amount));
        hard.ifPresent(amount -> parts.add("hard-" + what + ": " + amount));
        Optional<Long> rest = soft.flatMap(LifetimeConversion::count).flatMap(from -> hard.flatMap(LifetimeConversion::count).map(to -> to - from));
        counted("rand_" + what, options).or(() -> rest.filter(span -> span > 0).map(String::valueOf))
                .ifPresent(amount -> parts.add("jitter-" + what + ": " + amount));
    }

    /** An amount as its reader here takes it: strongSwan's units are also written small. */
    private static Optional<String> counted(String key, Options options) {
        return options.text(key).filter(amount -> !amount.equals("0")).map(amount -> amount.toUpperCase(Locale.ROOT));
    }

    private static Optional<Long> count(String amount) {
        Matcher parts = AMOUNT.matcher(amount);
        return parts.matches() ? Optional.of(Long.parseLong(parts.group(1)) << UNITS.getOrDefault(parts.group(2), 0)) : Optional.empty();
    }

    private static void write(List<String> parts, int depth, YamlText lines) {
        if (!parts.isEmpty()) {
            lines.line(depth, "lifetime: { " + String.join(", ", parts) + " }");
        }
    }

    private static boolean isZero(String amount) {
        return amount.matches("0+[a-z]?");
    }
}
