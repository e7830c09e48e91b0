package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciMessage;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code up} and {@code down} have in common. */
final class TunnelOptions {
    private static final int MILLIS = 1000;

    @Parameters(paramLabel = "NAME", description = "A policy that protects traffic, or a peer. Where both have that name, the policy is meant.")
    String name = "";

    @Option(names = {"-p", "--peer"}, description = "Take NAME as the name of a peer.")
    boolean peerOnly;

    @Option(names = {"-t", "--timeout"}, paramLabel = "SECONDS", defaultValue = "0",
            description = "Stop waiting after so many seconds; the agent goes on. Default: wait until the agent succeeds or gives up.")
    int seconds;

    @Option(names = {"-q", "--quiet"}, description = "Show no progress, only why it failed.")
    boolean quiet;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    /** Gives one order and shows its progress. Fails with the agent's reason. */
    ViciMessage order(ViciClient client, String command, Consumer<ViciMessage.Builder> what, PrintWriter out) throws IOException {
        ViciMessage request = ViciMessage.of(fields -> {
            what.accept(fields);
            fields.put("timeout", (long) seconds * MILLIS).put("loglevel", quiet ? -1 : 1).put("agent", "yes");
        });
        ViciMessage answer = client.stream(command, request, "control-log", line -> {
            out.println(line.text("ikesa-name").orElse("") + ": " + line.text("msg").orElse(""));
            out.flush();
        });
        if (!answer.flag("success")) {
            throw new CommandFailed(answer.text("errmsg").orElse("the agent gave no reason"));
        }
        return answer;
    }
}
