package org.xfrmagent.agent.control;

import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.daemon.IkeCounters;
import org.xfrmagent.agent.daemon.IkeCounters.Counter;

/** {@code get-counters} and {@code reset-counters}: without a name those of all peers together, with {@code all} those of each. */
record CounterView(IkeCounters counters) {
    /** charon's words. */
    private static final String NOBODY = "no counters found for this connection";

    ViciMessage get(ViciMessage request) {
        Optional<String> name = request.text("name");
        Map<String, Map<Counter, Long>> byPeer = counters.byPeer();
        if (name.isPresent() && !byPeer.containsKey(name.get())) {
            return ViciMessage.of(out -> out.section("counters", ViciMessage.EMPTY).addAll(ViciCommands.failure(NOBODY)));
        }
        return ViciMessage.of(out -> {
            out.section("counters", sections -> {
                if (request.flag("all")) {
                    byPeer.forEach((peer, sums) -> section(sections, peer, sums));
                } else if (name.isPresent()) {
                    section(sections, name.get(), byPeer.getOrDefault(name.get(), Map.of()));
                } else {
                    section(sections, "", counters.all());
                }
            });
            out.put("success", "yes");
        });
    }

    private static void section(ViciMessage.Builder out, String name, Map<Counter, Long> sums) {
        out.section(name, counts -> sums.forEach((counter, sum) -> counts.put(counter.word(), sum)));
    }

    /** Of a peer that has none there is nothing to reset, which is no failure to charon. */
    ViciMessage reset(ViciMessage request) {
        Optional<String> name = request.text("name");
        if (request.flag("all")) {
            counters.resetPeers();
        } else if (name.isPresent()) {
            counters.reset(name.get());
        } else {
            counters.reset();
        }
        return ViciCommands.SUCCESS;
    }
}
