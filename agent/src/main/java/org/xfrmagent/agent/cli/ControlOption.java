package org.xfrmagent.agent.cli;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.xfrmagent.agent.control.ViciClient;
import picocli.CommandLine.Option;

/** Which agent a command talks to. */
final class ControlOption {
    static final String DEFAULT = "/run/xfrm-agent/control.vici";

    @Option(
            names = RunArguments.CONTROL,
            paramLabel = "SOCKET",
            defaultValue = "${XFRM_AGENT_CONTROL:-" + DEFAULT + "}",
            description = "The agent's control socket (default: $XFRM_AGENT_CONTROL or " + DEFAULT + ").")
    Path socket = Path.of(DEFAULT);

    /** What a command does with the connection. */
    @FunctionalInterface
    interface Talk<T> {
        T with(ViciClient client) throws IOException;
    }

    /** Connects, talks and closes. */
    <T> T talk(Talk<T> what) {
        try (ViciClient client = ViciClient.connect(socket)) {
            return what.with(client);
        } catch (EOFException e) {
            throw new CommandFailed("the agent at " + socket + " closed the connection: it stopped, or it does not admit this user"
                    + " (it admits root, its own user and its control group)");
        } catch (SocketException e) {
            throw new CommandFailed(unreachable(Objects.requireNonNullElse(e.getMessage(), "")));
        } catch (IOException e) {
            throw new CommandFailed("the agent at " + socket + " cannot be asked: " + e.getMessage());
        }
    }

    /** The JDK has one exception for every errno; only its words differ. */
    private String unreachable(String words) {
        if (words.toLowerCase(Locale.ROOT).contains("permission denied")) {
            return "this user may not use the control socket " + socket + ": it is for root, the agent's own user and its control group";
        }
        if (words.contains("Broken pipe") || words.contains("Connection reset")) {
            return "the agent at " + socket + " closed the connection";
        }
        return "no agent answers at " + socket + " (" + words + "); start one with 'xfrm-agent run --policies FILE', or name its socket with "
                + RunArguments.CONTROL;
    }
}
