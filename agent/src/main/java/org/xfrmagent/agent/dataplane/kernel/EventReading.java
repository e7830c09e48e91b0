package org.xfrmagent.agent.dataplane.kernel;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;

/** The loop of a thread that reads one socket's events until it is closed, and says them in a plane's words. */
public final class EventReading {
    /** A socket is broken for good when so many reads in a row fail. */
    private static final int MOST_FAILURES = 100;

    private EventReading() {}

    /** Where events come from. {@link ClosedChannelException} says that there is nothing to read from any more. */
    public interface Source<E> {
        /** Waits for the next. */
        List<E> next() throws IOException;
    }

    /**
     * Reads until the source is closed or broken. What cannot be read is told as lost.
     *
     * @param meaning empty for what the plane has no use for
     */
    public static <E> void read(Source<E> source, Function<E, Optional<DataPlaneEvent>> meaning, Consumer<DataPlaneEvent> sink) {
        for (int failures = 0; failures < MOST_FAILURES; ) {
            try {
                for (E event : source.next()) {
                    meaning.apply(event).ifPresent(sink);
                }
                failures = 0;
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException unreadable) {
                failures++;
                sink.accept(new DataPlaneEvent.EventsLost());
            }
        }
    }
}
