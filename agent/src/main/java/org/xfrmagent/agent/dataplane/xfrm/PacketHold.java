package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * For as long as it is open, the kernel keeps packets whose policy finds no SA (up to 100 for each policy), and does not drop them:
 * net.core.xfrm_larval_drop is 0. They leave when their policy is replaced. Where the setting cannot be written (a container whose /proc
 * is read-only), such packets are lost, as ever.
 */
final class PacketHold implements AutoCloseable {
    private static final Path LARVAL_DROP = Path.of("/proc/sys/net/core/xfrm_larval_drop");
    private static final String DROP = "1";
    private static final String HOLD = "0";

    private final boolean changed;

    /** Holds the packets of the calling thread's network namespace. */
    PacketHold() {
        this.changed = write(DROP, HOLD);
    }

    private static boolean write(String from, String to) {
        try {
            if (!Files.readString(LARVAL_DROP).strip().equals(from)) {
                return false;
            }
            Files.writeString(LARVAL_DROP, to);
            return true;
        } catch (IOException readOnly) {
            return false;
        }
    }

    @Override
    public void close() {
        if (changed) {
            write(HOLD, DROP);
        }
    }
}
