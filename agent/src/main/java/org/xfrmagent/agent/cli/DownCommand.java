package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.xfrmagent.agent.control.ViciMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "down",
        header = "Take a tunnel down.",
        description = {
            "Deletes the SAs of a policy, or the IKE SAs of a peer with everything in them. The policy stays in force: its traffic is held or "
                    + "dropped, never sent in the clear, and may bring the tunnel up again.",
        },
        footer = {"", "Exit codes: 0 it is down, 1 it was not up or is not down (the reason is on stderr), 2 wrong usage."})
final class DownCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    TunnelOptions tunnel = new TunnelOptions();

    @Option(names = {"-f", "--force"}, description = "Do not wait for the peer's answer.")
    boolean force;

    @Mixin
    ControlOption control = new ControlOption();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return control.talk(client -> {
            Consumer<ViciMessage.Builder> which = switch (Tunnel.named(tunnel.name, tunnel.peerOnly, client)) {
                case Tunnel.OfPolicy(String policy, String peer) -> request -> request.put("child", policy).put("ike", peer);
                case Tunnel.OfPeer(String peer, _) -> request -> request.put("ike", peer);
            };
            tunnel.order(client, "terminate", request -> {
                which.accept(request);
                request.flag("force", force);
            }, out);
            out.println(tunnel.name + " is down");
            return ExitCode.DONE;
        });
    }
}
