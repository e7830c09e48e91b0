package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryWatchTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final List<String> warnings = new ArrayList<>(List.of("moon ends"));

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void whatEndsSoonIsSaidOnceADayAndWhatIsNewAtOnce() {
        EventLog log = new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true);
        try (ExpiryWatch watch = new ExpiryWatch(() -> List.copyOf(warnings), log)) {
            watch.look();
            watch.look();
            assertThat(lines()).containsExactly("<4>certificates: moon ends");
            warnings.add("sun ends");
            watch.look();
            assertThat(lines()).containsExactly("<4>certificates: moon ends", "<4>certificates: sun ends");
            for (int hour = 3; hour < 24; hour++) {
                watch.look();
            }
            assertThat(lines()).hasSize(2);
            watch.look();
            assertThat(lines()).hasSize(4);
        }
    }
}
