package org.xfrmagent.it.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.xfrmagent.it.netns.Await;

/** A client that registers for events and reads them as they come. */
public final class Watch implements AutoCloseable {
    private final Vici vici;
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    Watch(Vici vici, List<String> events) throws IOException {
        this.vici = vici;
        vici.register(events);
        var _ = Thread.ofVirtual().name("watch").start(this::read);
    }

    private void read() {
        try {
            while (true) {
                told.add(vici.event());
            }
        } catch (IOException _) {
            // Closed, by us or by the daemon: what is missing is missed by who waits for it.
        }
    }

    /** The next events, as swanctl's {@code --pretty} prints them; fails if they do not come in time. */
    public List<String> take(int count, Duration limit) {
        Await.until(count + " events", limit, () -> told.size() >= count, () -> "there are " + told.size() + ":\n" + String.join("\n", told));
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(told.remove());
        }
        return taken;
    }

    /** Those that nobody has taken. */
    public List<String> left() {
        return List.copyOf(told);
    }

    @Override
    public void close() {
        try {
            vici.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }
}
