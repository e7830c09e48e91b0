package org.xfrmagent.agent.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.policies.algorithm.Protocol;

/** Against a plain list that is searched. */
class ChildSasTest {
    private static final int STEPS = 1_500;
    private static final List<String> POLICIES = List.of("net", "lab", "guest");

    private final Random random = new Random(3);
    private final Settings settings = Samples.settings(Samples.policies());
    private final ChildSa pattern = Samples.tunnel(settings).children().getFirst();

    @Test
    void everyChildIsFoundByWhateverItHas() {
        ChildSas children = ChildSas.NONE;
        List<ChildSa> model = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int serial = 1 + random.nextInt(40);
            if (random.nextInt(4) == 0) {
                children = children.without(serial);
                model.removeIf(child -> child.serial() == serial);
            } else {
                ChildSa child = child(serial);
                children = children.with(child);
                boolean there = model.stream().anyMatch(other -> other.serial() == serial);
                model.replaceAll(other -> other.serial() == serial ? child : other);
                if (!there) {
                    model.add(child);
                }
            }
            assertThat(children).containsExactlyElementsOf(model);
            int wanted = 1 + random.nextInt(40);
            int spi = random.nextInt(20);
            String policy = POLICIES.get(random.nextInt(POLICIES.size()));
            assertThat(children.numbered(wanted)).isEqualTo(model.stream().filter(child -> child.serial() == wanted).findFirst());
            assertThat(children.withSpi(spi)).containsExactlyInAnyOrderElementsOf(
                    model.stream().filter(child -> child.inbound().spi() == spi || child.outbound().spi() == spi).toList());
            assertThat(children.named(policy)).containsExactlyElementsOf(model.stream().filter(child -> child.name().equals(policy)).toList());
            assertThat(children.successors(wanted)).containsExactlyElementsOf(model.stream().filter(child -> child.succeeds(wanted)).toList());
        }
    }

    @Test
    void eachIsNamedOnceWhenItIsToBeRekeyedAndOnceWhenItIsToGo() {
        ChildSas children = ChildSas.of(List.of(timed(1, 100, 200), timed(2, 100, 300), timed(3, 0, 0), timed(4, 0, 50)));
        List<String> seen = new ArrayList<>();
        for (long next = children.nextDeadline(); next != Long.MAX_VALUE; next = children.nextDeadline()) {
            seen.add(next + " " + children.due(next).stream().map(ChildSa::serial).sorted().toList());
            children = children.lookedAt(next);
        }
        /* 10 seconds later than the data plane was told to say so */
        assertThat(seen).containsExactly("60000 [4]", "110000 [1, 2]", "210000 [1]", "310000 [2]");
    }

    private ChildSa child(int serial) {
        ChildProfile profile = settings.profile("ab").flatMap(peer -> peer.child(POLICIES.get(random.nextInt(POLICIES.size())))).orElseThrow();
        ChildSa.State state = List.of(ChildSa.State.values()).get(random.nextInt(ChildSa.State.values().length));
        return new ChildSa(
                serial, profile, pattern.suite(), pattern.mode(), new SaId(pattern.localAddress(), Protocol.ESP, random.nextInt(20)),
                new SaId(pattern.remoteAddress(), Protocol.ESP, random.nextInt(20)), Optional.empty(), pattern.local(), pattern.remote(), List.of(), 0,
                new SaLimits(random.nextInt(3), random.nextInt(3), 0, 0, 0, 0), state,
                random.nextBoolean() ? OptionalInt.of(1 + random.nextInt(40)) : OptionalInt.empty());
    }

    private ChildSa timed(int serial, long soft, long hard) {
        return new ChildSa(
                serial, pattern.profile(), pattern.suite(), pattern.mode(), new SaId(pattern.localAddress(), Protocol.ESP, serial),
                new SaId(pattern.remoteAddress(), Protocol.ESP, serial), Optional.empty(), pattern.local(), pattern.remote(), List.of(), 0,
                new SaLimits(soft, hard, 0, 0, 0, 0), ChildSa.State.INSTALLED, OptionalInt.empty());
    }
}
