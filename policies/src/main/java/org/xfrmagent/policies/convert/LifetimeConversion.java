package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.policies.model.Defaults;

/** The lifetimes of a connection and of a child in our words (swanctl.conf(5), rekey_time and those near it). */
final class LifetimeConversion {
    private static final Pattern TIME = Pattern.compile("(\\d{1,12})([smhd]?)");
    private static final Map<String, Integer> SECONDS = Map.of("", 1, "s", 1, "m", 60, "h", 3600, "d", 86_400);
    /** A child's amounts: theirs, ours. */
    private static final Map<String, String> AMOUNTS = amounts();

    private LifetimeConversion() {}

    private static Map<String, String> amounts() {
        Map<String, String> amounts = new LinkedHashMap<>();
        amounts.put("rekey_bytes", "soft-bytes");
        amounts.put("life_bytes", "hard-bytes");
        amounts.put("rekey_packets", "soft-packets");
        amounts.put("life_packets", "hard-packets");
        return amounts;
    }

    /** A time as strongSwan writes it, in seconds; empty if it is none. */
    static Optional<Long> seconds(String time) {
        Matcher parts = TIME.matcher(time);
        return parts.matches() ? Optional.of(Long.parseLong(parts.group(1)) * SECONDS.getOrDefault(parts.group(2), 1)) : Optional.empty();
    }

    /** Of an IKE SA: who asks for reauthentication alone is not rekeyed between. */
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
        jitter("rand_time", options, parts);
        reauth.ifPresent(time -> parts.add("reauth: " + time));
        write(parts, 2, lines);
    }

    /** Of a child SA. */
    static void child(Options options, YamlText lines) {
        List<String> parts = new ArrayList<>();
        options.text("rekey_time").ifPresent(soft -> parts.add("soft: " + soft));
        options.text("life_time").ifPresent(hard -> parts.add("hard: " + hard));
        AMOUNTS.forEach((theirs, ours) -> options.text(theirs).filter(amount -> !amount.equals("0")).ifPresent(amount -> parts.add(ours + ": " + amount)));
        for (String key : List.of("rand_time", "rand_bytes", "rand_packets")) {
            jitter(key, options, parts);
        }
        write(parts, 2, lines);
    }

    private static void jitter(String key, Options options, List<String> parts) {
        options.text(key).ifPresent(amount -> {
            if (!isZero(amount)) {
                options.note(key, "the jitter is a percentage here; ours is used");
            } else if (!parts.contains("jitter: 0")) {
                parts.add("jitter: 0");
            }
        });
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
