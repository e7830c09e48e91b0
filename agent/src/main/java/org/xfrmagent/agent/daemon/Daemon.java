package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.util.Map;
import org.xfrmagent.systemd.notify.SdNotify;

/** The running agent. */
public final class Daemon {
    private Daemon() {}

    /**
     * Runs until SIGTERM or SIGINT.
     *
     * @return 0 after an orderly end, 1 when it could not start: the reasons are on stderr
     */
    public static int run(DaemonOptions options) {
        return run(options, System.getenv(), EventLog.onStderr());
    }

    private static int run(DaemonOptions options, Map<String, String> environment, EventLog log) {
        SdNotify manager = SdNotify.of(environment);
        Termination termination = Termination.onSignals();
        RunningAgent running;
        try {
            running = RunningAgent.start(options, environment, log);
        } catch (StartupFailure failure) {
            failure.reasons().forEach(reason -> log.error("start", reason));
            termination.cancel();
            return 1;
        }
        log.notice("agent", "xfrm-agent " + Agent.VERSION + " is ready: " + running.summary());
        tell(log, () -> manager.ready(running.summary()));
        try {
            termination.await();
        } catch (InterruptedException asked) {
            log.notice("agent", "interrupted");
        }
        log.notice("agent", "ending");
        tell(log, () -> manager.stopping("taking the tunnels down"));
        running.stop("the agent is ending");
        log.notice("agent", "ended");
        termination.finished();
        return 0;
    }

    @FunctionalInterface
    private interface Message {
        void send() throws IOException;
    }

    /** A service manager that does not listen is worth a line and no more. */
    private static void tell(EventLog log, Message message) {
        try {
            message.send();
        } catch (IOException deaf) {
            log.warning("systemd", "the service manager cannot be told: " + deaf.getMessage());
        }
    }
}
