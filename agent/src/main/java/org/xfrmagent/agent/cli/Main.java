package org.xfrmagent.agent.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.daemon.Daemon;
import org.xfrmagent.agent.daemon.DaemonOptions;

/** {@code xfrm-agent}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    /** Returns the exit code. The daemon starts without the command line's library when its arguments are plainly right. */
    static int run(List<String> arguments) {
        if (!arguments.isEmpty() && arguments.getFirst().equals(RunCommand.NAME)) {
            Optional<DaemonOptions> options = RunArguments.parse(arguments.subList(1, arguments.size()));
            if (options.isPresent()) {
                return Daemon.run(options.get());
            }
        }
        return CommandLines.execute(new FileOutputStream(FileDescriptor.out), System.out.charset(), arguments);
    }
}
