package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

@Timeout(60)
class UsageBoardTest {
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();
    private static final Set<SaId> MANY = sas(20_000);
    private static final Set<SaId> FEW = sas(UsageBoard.FEW);
    private static final long PATIENT = 30_000;
    private static final long IMPATIENT = 50;

    private final AtomicInteger asked = new AtomicInteger();
    private volatile long packets = 1;
    private final CountDownLatch never = new CountDownLatch(1);
    private volatile boolean mute;

    private static Set<SaId> sas(int count) {
        return IntStream.range(0, count).mapToObj(number -> new SaId(SUN, Protocol.ESP, 0xc0000000 + number)).collect(Collectors.toSet());
    }

    private Map<SaId, Usage> plane(Set<SaId> which) {
        asked.incrementAndGet();
        while (mute) {
            try {
                never.await();
            } catch (InterruptedException closed) {
                return Map.of();
            }
        }
        Usage usage = new Usage(100 * packets, packets, 0);
        return which.stream().collect(Collectors.toMap(Function.identity(), _ -> usage));
    }

    private UsageBoard board(long patience) {
        return new UsageBoard(this::plane, () -> MANY, patience, System::nanoTime);
    }

    private static long packets(Map<SaId, Usage> usage, Set<SaId> of) {
        assertThat(usage.keySet().containsAll(of)).isTrue();
        return usage.values().iterator().next().packets();
    }

    @Test
    void aFewSasAreAskedForWheneverSomebodyLooks() {
        try (UsageBoard board = board(PATIENT)) {
            assertThat(packets(board.of(FEW), FEW)).isEqualTo(1);
            packets = 2;
            assertThat(packets(board.of(FEW), FEW)).isEqualTo(2);
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void ofManyAllAreReadAtOnceAndNotForEveryOneWhoLooks() {
        AtomicLong clock = new AtomicLong();
        try (UsageBoard board = new UsageBoard(this::plane, () -> MANY, PATIENT, clock::get)) {
            for (int listing = 0; listing < 10; listing++) {
                assertThat(packets(board.of(MANY), MANY)).isEqualTo(1);
            }
            assertThat(asked).as("ten listings within a second").hasValue(1);

            packets = 2;
            clock.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(packets(board.of(MANY), MANY)).as("at once, and the plane is asked meanwhile").isEqualTo(1);
            while (packets(board.of(MANY), MANY) == 1) {
                Thread.onSpinWait();
            }
            assertThat(asked).hasValue(2);
        }
    }

    /** A rekeying makes a new SA all the time: it has no counters yet, and nobody waits for them. */
    @Test
    void newSasAmongManyWaitForTheNextReading() {
        try (UsageBoard board = board(PATIENT)) {
            assertThat(board.of(MANY)).hasSize(MANY.size());
            mute = true;
            Set<SaId> more = new HashSet<>(MANY);
            more.add(new SaId(SUN, Protocol.ESP, 0xd0000000));
            assertThat(board.of(more)).hasSize(MANY.size());
        }
    }

    @Test
    void aPlaneThatNeverAnswersLeavesWhatIsKnown() {
        try (UsageBoard board = board(IMPATIENT)) {
            Map<SaId, Usage> known = new HashMap<>();
            while (known.isEmpty()) {
                known.putAll(board.of(MANY));
            }
            mute = true;
            packets = 2;
            for (int listing = 0; listing < 1_000; listing++) {
                assertThat(packets(board.of(FEW), FEW)).isEqualTo(1);
            }
            assertThat(packets(board.of(MANY), MANY)).isEqualTo(1);
        }
    }

    /** Only the first who look wait; the thousand behind them do not. */
    @Test
    void aPlaneThatHasNeverAnsweredHoldsNobodyUpForLong() {
        mute = true;
        try (UsageBoard board = board(IMPATIENT)) {
            long from = System.nanoTime();
            for (int listing = 0; listing < 1_000; listing++) {
                assertThat(board.of(MANY)).isEmpty();
                assertThat(board.of(FEW)).isEmpty();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofMillis(IMPATIENT).multipliedBy(100));
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void aPlaneThatBreaksIsAskedAgainTheNextTime() {
        AtomicInteger broken = new AtomicInteger();
        try (UsageBoard board = new UsageBoard(which -> {
            if (broken.getAndIncrement() == 0) {
                throw new IllegalStateException("the kernel's SAs cannot be read");
            }
            return plane(which);
        }, () -> MANY, PATIENT, System::nanoTime)) {
            assertThat(board.of(MANY)).isEmpty();
            assertThat(board.of(MANY)).hasSize(MANY.size());
        }
    }
}
