package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/** Of ten thousand policies no two are compared that cannot hide each other, and who is hidden is found all the same. */
class SpdChecksTest {
    private static final int MANY = 10_000;

    private static Located<Policy> policy(int number, String local, String remote) {
        return new Located<>(new Policy("p" + number, new Match(fixed(local), fixed(remote)), new Action.Discard()), new Position("a.yaml", number + 1, 1));
    }

    private static Selectors fixed(String range) {
        return new Selectors.Fixed(List.of(TrafficSelector.of(AddressRange.parse(range))));
    }

    private static List<Located<Policy>> many() {
        List<Located<Policy>> policies = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            policies.add(i % 2 == 0 ? policy(i, "10.0.0.0/8", "11.%d.%d.0/24".formatted(i / 250, i % 250)) : policy(i, "2001:db8::/32", "fd00:%x::/48".formatted(i)));
        }
        return policies;
    }

    @Test
    void tenThousandPoliciesAreNotComparedInPairs() {
        List<Located<Policy>> policies = many();
        policies.add(policy(MANY, "10.3.0.0/16", "11.7.8.128/25"));
        Problems problems = new Problems();
        SpdChecks checks = new SpdChecks(policies, List.of(), problems);
        checks.run(SpdMemory.NOTHING);
        assertThat(problems.problems()).singleElement().satisfies(problem -> assertThat(problem.toString())
                .contains("policy 'p10000': no packet reaches it, because policy 'p1758' at a.yaml:1759:1 matches all its traffic first"));
        assertThat(checks.compared()).isLessThan(2 * MANY);
    }

    @Test
    void oneMoreIsComparedWithEachOnce() {
        List<Located<Policy>> policies = many();
        SpdMemory memory = new SpdChecks(policies, List.of(), new Problems()).run(SpdMemory.NOTHING);
        List<Located<Policy>> more = new ArrayList<>(policies);
        more.add(5_000, policy(MANY, "0.0.0.0/0", "11.30.0.0/16"));
        Problems problems = new Problems();
        SpdChecks checks = new SpdChecks(more, List.of(), problems);
        checks.run(memory);
        assertThat(checks.compared()).isEqualTo(MANY);
        assertThat(problems.problems()).as("those behind it, of one network").hasSize(125).allSatisfy(problem ->
                assertThat(problem.toString()).contains("because policy 'p10000'"));
    }

    /** By whichever way it is found: the first that hides a policy is named. */
    @Test
    void whatIsFoundIsWhatComparingAllPairsFinds() {
        List<String> ranges = List.of("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.1.0.0/16", "10.1.2.0-10.1.3.7", "10.1.2.3", "10.255.255.255", "::/0", "fd00::/8", "fd00:1::/32", "fd00:1::1");
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Located<Policy>> before = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                before.add(policy(i, ranges.get(random.nextInt(ranges.size())), ranges.get(random.nextInt(ranges.size()))));
            }
            assertThat(found(before, SpdMemory.NOTHING)).isEqualTo(pairs(before));

            List<Located<Policy>> good = new ArrayList<>();
            before.stream().filter(policy -> good.stream().noneMatch(other -> covering(other).hides(covering(policy)))).forEach(good::add);
            SpdMemory memory = new SpdChecks(good, List.of(), new Problems()).run(SpdMemory.NOTHING);
            List<Located<Policy>> after = new ArrayList<>(good);
            for (int i = 0; i < 3; i++) {
                after.add(random.nextInt(after.size() + 1), policy(100 + i, ranges.get(random.nextInt(ranges.size())), ranges.get(random.nextInt(ranges.size()))));
            }
            if (random.nextBoolean()) {
                after.remove(random.nextInt(after.size()));
            }
            if (random.nextInt(4) == 0) {
                Collections.shuffle(after, random);
            }
            assertThat(found(after, memory)).as("seed %d", seed).isEqualTo(pairs(after));
        }
    }

    private static Covering covering(Located<Policy> policy) {
        return Covering.of(policy, Map.of());
    }

    private static List<String> found(List<Located<Policy>> policies, SpdMemory memory) {
        Problems problems = new Problems();
        new SpdChecks(policies, List.of(), problems).run(memory);
        return problems.problems().stream().map(problem -> problem.toString().replaceAll(".*(policy 'p\\d+'): .*(policy 'p\\d+') at .*", "$1 behind $2")).sorted().toList();
    }

    private static List<String> pairs(List<Located<Policy>> policies) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            Covering later = covering(policies.get(i));
            Optional<Located<Policy>> first = policies.subList(0, i).stream().filter(before -> covering(before).hides(later)).findFirst();
            if (first.isPresent()) {
                found.add("policy '" + policies.get(i).value().name() + "' behind policy '" + first.get().value().name() + "'");
            }
        }
        return found.stream().sorted().toList();
    }
}
