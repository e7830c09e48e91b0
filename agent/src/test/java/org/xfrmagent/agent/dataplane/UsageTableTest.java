package org.xfrmagent.agent.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.algorithm.Protocol;

/** It tells what an ordinary map tells. */
class UsageTableTest {
    private final Random chance = new Random(7);

    private SaId sa(int spis) throws Exception {
        Protocol protocol = chance.nextBoolean() ? Protocol.ESP : Protocol.AH;
        return new SaId(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) chance.nextInt(3)}), protocol, chance.nextInt(spis) << 20);
    }

    /** Peers may choose SPIs that fall on one place, and the same for several destinations. */
    @Test
    void findsEachSaAmongThoseThatFallOnItsPlace() throws Exception {
        for (int size = 0; size < 300; size += 7) {
            Map<SaId, Usage> all = new HashMap<>();
            for (int i = 0; i < size; i++) {
                all.put(sa(100), new Usage(chance.nextLong(), chance.nextLong(), chance.nextInt()));
            }
            UsageTable table = UsageTable.of(all);
            assertThat(table).isEqualTo(all).hasSameSizeAs(all);
            for (int i = 0; i < 300; i++) {
                SaId id = sa(100);
                assertThat(table.get(id)).isEqualTo(all.get(id));
                assertThat(table.containsKey(id)).isEqualTo(all.containsKey(id));
                assertThat(table.getOrDefault(id, Usage.NONE)).isEqualTo(all.getOrDefault(id, Usage.NONE));
            }
        }
    }

    @Test
    void growsBeyondWhatWasThought() throws Exception {
        UsageTable.Builder builder = new UsageTable.Builder(0);
        Map<SaId, Usage> all = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            SaId id = new SaId(InetAddress.getLoopbackAddress(), Protocol.ESP, i);
            all.put(id, new Usage(i, i + 1, i + 2));
            builder.add(id, new Usage(i, i + 1, i + 2));
        }
        assertThat(builder.build()).isEqualTo(all);
    }
}
