package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciPacket;

/** Prints what the agent tells as it happens, a line each, until the agent ends or the user has seen enough. */
final class Watching {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private Watching() {}

    /**
     * Never returns but by an exception, when the agent closes the connection.
     *
     * @param line for an event; nothing for one that is not wanted
     */
    static int watch(ViciClient client, List<String> events, Function<ViciPacket.Event, Optional<String>> line, PrintWriter out) throws IOException {
        for (String event : events) {
            client.register(event);
        }
        while (!out.checkError()) {
            line.apply(client.next()).ifPresent(out::println);
        }
        // Nobody reads what we print: 'head' has its lines.
        return ExitCode.DONE;
    }

    static String now() {
        return CLOCK.format(LocalTime.now(ZoneId.systemDefault()));
    }
}
