package org.xfrmagent.agent.cli;

import static org.xfrmagent.agent.cli.Status.number;
import static org.xfrmagent.agent.cli.Status.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;

/**
 * How fast children's counters have grown since an earlier reading.
 *
 * @param before octets by SA and direction
 * @param millis since that reading; 0 at the first one, when nothing is known
 */
record Rates(Map<String, Long> before, long millis) {
    private static final long MILLIS = 1000;

    Rates {
        before = Map.copyOf(before);
    }

    static final Rates UNKNOWN = new Rates(Map.of(), 0);

    /** @param millis since {@code earlier} was asked */
    static Rates since(Status earlier, long millis) {
        Map<String, Long> octets = new HashMap<>();
        for (Section ike : earlier.ikeSas()) {
            for (Section child : ike.content().section("child-sas").sections()) {
                number(child.content(), "bytes-in").ifPresent(count -> octets.put(key(child.content(), "in"), count));
                number(child.content(), "bytes-out").ifPresent(count -> octets.put(key(child.content(), "out"), count));
            }
        }
        return new Rates(octets, millis);
    }

    /** An SA is another one after it was rekeyed, and counts from nothing. */
    private static String key(ViciMessage child, String direction) {
        return direction + " " + text(child, "spi-" + direction);
    }

    /** Octets a second, of an SA that was there before. */
    OptionalLong perSecond(ViciMessage child, String direction) {
        OptionalLong now = number(child, "bytes-" + direction);
        Optional<Long> then = Optional.ofNullable(before.get(key(child, direction)));
        return millis <= 0 || now.isEmpty() || then.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, now.getAsLong() - then.get()) * MILLIS / millis);
    }
}
