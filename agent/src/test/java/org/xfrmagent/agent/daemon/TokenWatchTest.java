package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.TokenUri;

class TokenWatchTest {
    private static final TokenUri CARD = TokenUri.parse("pkcs11:id=%0A");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Map<TokenUri, String> absent = new HashMap<>(Map.of(CARD, "the key pkcs11:id=%0A cannot be had: there is no token"));
    private final Set<TokenUri> there = new HashSet<>();
    private final AtomicInteger reloads = new AtomicInteger();

    @Test
    void policiesAreReadAgainOnceWhenTheTokenIsThere() {
        EventLog log = new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true);
        try (TokenWatch watch = new TokenWatch(() -> Map.copyOf(absent), there::contains, reloads::incrementAndGet, log)) {
            watch.look();
            watch.look();
            assertThat(written.toString(StandardCharsets.UTF_8).lines())
                    .containsExactly("<4>tokens: the key pkcs11:id=%0A cannot be had: there is no token; it is waited for");
            assertThat(reloads).hasValue(0);
            // It has another PIN, or no such key: only when it is put in again it is tried again.
            there.add(CARD);
            watch.look();
            watch.look();
            assertThat(reloads).hasValue(1);
            there.clear();
            watch.look();
            there.add(CARD);
            watch.look();
            assertThat(reloads).hasValue(2);
            absent.clear();
            watch.look();
            assertThat(reloads).hasValue(2);
        }
    }
}
