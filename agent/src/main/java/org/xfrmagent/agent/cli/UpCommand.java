package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        header = "Bring a tunnel up.",
        description = {
            "Asks the agent to negotiate the SAs of a policy, or of all policies of a peer, shows what happens meanwhile, and waits for the "
                    + "outcome. What is up already stays as it is.",
        },
        footer = {"", "Exit codes: 0 it is up, 1 it is not (the reason is on stderr), 2 wrong usage."})
final class UpCommand implements Callable<Integer> {
    private static final String INITIATE = "initiate";

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    TunnelOptions tunnel = new TunnelOptions();

    @Mixin
    ControlOption control = new ControlOption();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return control.talk(client -> {
            switch (Tunnel.named(tunnel.name, tunnel.peerOnly, client)) {
                case Tunnel.OfPolicy(String policy, String peer) -> child(client, policy, peer, out);
                case Tunnel.OfPeer(String peer, var policies) -> {
                    if (policies.isEmpty()) {
                        tunnel.order(client, INITIATE, request -> request.put("ike", peer), out);
                        out.println(peer + " is up; no policy protects anything with it");
                    }
                    for (String policy : policies) {
                        child(client, policy, peer, out);
                    }
                }
            }
            return ExitCode.DONE;
        });
    }

    private void child(ViciClient client, String policy, String peer, PrintWriter out) throws IOException {
        tunnel.order(client, INITIATE, request -> request.put("child", policy).put("ike", peer), out);
        out.println(policy + " is up");
    }
}
