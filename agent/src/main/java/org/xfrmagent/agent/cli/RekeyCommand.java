package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rekey",
        header = "Replace SAs by fresh ones.",
        description = {
            "Starts to negotiate new SAs for a policy, or a new IKE SA with a peer. The old ones carry the traffic until the new ones are up; "
                    + "a negotiation that fails is tried again. 'xfrm-agent status' and the log show how it goes.",
        },
        footer = {"", "Exit codes: 0 it has begun, 1 there is nothing to replace (the reason is on stderr), 2 wrong usage."})
final class RekeyCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", description = "A policy that protects traffic, or a peer. Where both have that name, the policy is meant.")
    String name = "";

    @Option(names = {"-p", "--peer"}, description = "Take NAME as the name of a peer.")
    boolean peerOnly;

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return control.talk(client -> {
            ViciMessage request = switch (Tunnel.named(name, peerOnly, client)) {
                case Tunnel.OfPolicy(String policy, String peer) ->
                    ViciMessage.of(fields -> fields.put("child", policy).put("ike", peer));
                case Tunnel.OfPeer(String peer, _) -> ViciMessage.of(fields -> fields.put("ike", peer));
            };
            ViciMessage answer = client.ask("rekey", request);
            if (!answer.flag("success")) {
                throw new CommandFailed(answer.text("errmsg").orElse("the agent gave no reason"));
            }
            out.println(name + " is being rekeyed");
            return ExitCode.DONE;
        });
    }
}
