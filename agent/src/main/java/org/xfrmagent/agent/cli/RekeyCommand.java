package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciMessage.Section;
import org.xfrmagent.agent.control.ViciPacket;
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
            "Negotiates new SAs for a policy, or a new IKE SA with a peer, shows what happens meanwhile, and waits for them. The old ones carry "
                    + "the traffic until the new ones are up; a negotiation that fails is tried again.",
        },
        footer = {"", "Exit codes: 0 it is done, or has begun with --no-wait, 1 there is nothing to replace, or it is gone (the reason is on stderr), "
                + "2 wrong usage."})
final class RekeyCommand implements Callable<Integer> {
    private static final String CHILD_REKEY = "child-rekey";
    private static final String IKE_REKEY = "ike-rekey";
    private static final String IKE_UPDOWN = "ike-updown";
    private static final String LOG = "log";

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", description = "A policy that protects traffic, or a peer. Where both have that name, the policy is meant.")
    String name = "";

    @Option(names = {"-p", "--peer"}, description = "Take NAME as the name of a peer.")
    boolean peerOnly;

    @Option(names = {"-r", "--reauth"}, description = "Make the peer's IKE SA and all its children from scratch: both sides prove anew who they are.")
    boolean reauthenticate;

    @Option(names = {"-n", "--no-wait"}, description = "Return when it has begun. 'xfrm-agent status' and the log show how it goes.")
    boolean noWait;

    @Option(names = {"-q", "--quiet"}, description = "Show no progress, only why it failed.")
    boolean quiet;

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return control.talk(client -> {
            Tunnel tunnel = Tunnel.named(name, peerOnly || reauthenticate, client);
            if (!noWait) {
                // Before the order: what it leads to may have happened when its answer comes.
                for (String event : List.of(LOG, CHILD_REKEY, IKE_REKEY, IKE_UPDOWN)) {
                    client.register(event);
                }
            }
            begin(client, tunnel);
            if (noWait) {
                out.println(name + " is being " + (reauthenticate ? "reauthenticated" : "rekeyed"));
                return ExitCode.DONE;
            }
            while (!isDone(client.next(), tunnel, out)) {
                out.flush();
            }
            out.println(name + (reauthenticate ? " is reauthenticated" : " has fresh keys"));
            return ExitCode.DONE;
        });
    }

    private void begin(ViciClient client, Tunnel tunnel) throws IOException {
        ViciMessage request = switch (tunnel) {
            case Tunnel.OfPolicy(String policy, String peer) -> ViciMessage.of(fields -> fields.put("child", policy).put("ike", peer).put("agent", "yes"));
            case Tunnel.OfPeer(String peer, _) -> ViciMessage.of(fields -> fields.put("ike", peer).flag("reauth", reauthenticate).put("agent", "yes"));
        };
        ViciMessage answer = client.ask("rekey", request);
        if (!answer.flag("success")) {
            throw new CommandFailed(answer.text("errmsg").orElse("the agent gave no reason"));
        }
    }

    /** Whether an event says that it is done. */
    private boolean isDone(ViciPacket.Event event, Tunnel tunnel, PrintWriter out) {
        ViciMessage message = event.message();
        String peer = switch (tunnel) {
            case Tunnel.OfPolicy(_, String its) -> its;
            case Tunnel.OfPeer(String its, _) -> its;
        };
        if (event.name().equals(LOG)) {
            if (!quiet && Status.text(message, "ikesa-name").equals(peer) && Status.number(message, "level").orElse(0) <= 1) {
                out.println(peer + ": " + Status.text(message, "msg"));
            }
            return false;
        }
        Optional<ViciMessage> ike = message.sections().stream().filter(section -> section.name().equals(peer)).map(Section::content).findFirst();
        if (ike.isEmpty()) {
            return false;
        }
        return switch (event.name()) {
            case IKE_UPDOWN -> isUp(message, peer);
            case IKE_REKEY -> tunnel instanceof Tunnel.OfPeer && !reauthenticate;
            default -> tunnel instanceof Tunnel.OfPolicy(String policy, _)
                    // A policy that was loaded is called to clients what it is called in its connection, which its own name ends with.
                    && ike.get().section("child-sas").sections().stream().map(Section::name).anyMatch(policy::endsWith);
        };
    }

    /** An IKE SA more is what reauthentication is for; one less, while others wait for fresh keys, is the end of it. */
    private boolean isUp(ViciMessage message, String peer) {
        if (!message.flag("up") && !reauthenticate) {
            throw new CommandFailed("the IKE SA with " + peer + " is gone");
        }
        return message.flag("up") && reauthenticate;
    }
}
