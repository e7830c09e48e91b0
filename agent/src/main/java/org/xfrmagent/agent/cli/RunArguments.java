package org.xfrmagent.agent.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.control.ViciServer;
import org.xfrmagent.agent.daemon.DaemonOptions;
import org.xfrmagent.agent.daemon.DaemonOptions.PlaneChoice;

/**
 * The arguments of {@code run}, read without Picocli, which would cost the daemon a third of its start. Whatever is not plainly right
 * is left to {@link RunCommand}, which knows how to explain it; a test holds the two together.
 */
final class RunArguments {
    static final String POLICIES = "--policies";
    static final String DATAPLANE = "--dataplane";
    static final String CONTROL = "--control";
    static final String CONTROL_GROUP = "--control-group";

    private final List<Path> policies = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private PlaneChoice dataPlane = PlaneChoice.AUTO;
    private Optional<String> group = Optional.empty();

    private RunArguments() {}

    /** Empty when there is anything that is not an option of ours with a good value. */
    static Optional<DaemonOptions> parse(List<String> arguments) {
        RunArguments parsed = new RunArguments();
        Iterator<String> words = arguments.iterator();
        while (words.hasNext()) {
            String word = words.next();
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (equals < 0 && !words.hasNext()) {
                return Optional.empty();
            }
            if (!parsed.take(name, equals < 0 ? words.next() : word.substring(equals + 1))) {
                return Optional.empty();
            }
        }
        // Without policy files its policies come over the socket, and who means that names it.
        return parsed.policies.isEmpty() && parsed.sockets.isEmpty()
                ? Optional.empty()
                : Optional.of(options(parsed.policies, parsed.dataPlane, parsed.sockets, parsed.group));
    }

    private boolean take(String name, String value) {
        if (value.isEmpty() || value.startsWith("-")) {
            return false;
        }
        return switch (name) {
            case POLICIES -> path(value).map(policies::add).orElse(false);
            case CONTROL -> path(value).map(sockets::add).orElse(false);
            case CONTROL_GROUP -> {
                group = Optional.of(value);
                yield true;
            }
            case DATAPLANE -> {
                Optional<PlaneChoice> choice = plane(value);
                dataPlane = choice.orElse(dataPlane);
                yield choice.isPresent();
            }
            default -> false;
        };
    }

    private static Optional<Path> path(String value) {
        try {
            return Optional.of(Path.of(value));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The word for a data plane, as it is written on the command line. */
    static String word(PlaneChoice choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    static Optional<PlaneChoice> plane(String word) {
        return Stream.of(PlaneChoice.values()).filter(choice -> word(choice).equals(word)).findFirst();
    }

    static DaemonOptions options(List<Path> policies, PlaneChoice dataPlane, List<Path> sockets, Optional<String> group) {
        List<Path> where = sockets.isEmpty() ? List.of(Path.of(ControlOption.DEFAULT)) : sockets;
        return new DaemonOptions(policies, dataPlane, new DaemonOptions.Control(where, group, ViciServer::open));
    }
}
