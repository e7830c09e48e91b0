package org.xfrmagent.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Session;

/**
 * What a rekeying costs does not depend on how many other peers there are. Octets allocated tell it without a clock: whoever copies or
 * gathers all sessions in a step allocates more where there are more.
 */
class ChildrenCostTest {
    private static final int FEW = 10;
    private static final int MANY = 300;
    private static final int REKEYINGS = 10;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aRekeyingAllocatesNoMoreAmongManyPeersThanAmongFew() {
        rekeyings(FEW);
        long amongFew = rekeyings(FEW);
        long amongMany = rekeyings(MANY);
        assertThat(amongMany).isLessThan(amongFew + amongFew / 4);
    }

    private long rekeyings(int peers) {
        Engines engines = ChildrenCost.engines(peers, peers);
        for (int i = 0; i < peers; i++) {
            engines.moon.up("sun" + i, "net" + i);
            engines.settle();
        }
        assertThat(engines.moon.children()).isEqualTo(peers);
        List<Session> sessions = List.copyOf(engines.moon.endpoint.sessions().values());
        long before = threads.getCurrentThreadAllocatedBytes();
        for (Session session : sessions.subList(0, REKEYINGS)) {
            engines.moon.rekey(session.id(), session.children().getFirst().serial());
            engines.settle();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
