package org.xfrmagent.agent.daemon;

import java.util.Map;

/** The running agent. */
public final class Daemon {
    private Daemon() {}

    /**
     * Runs until SIGTERM or SIGINT; SIGHUP has it read its policies again.
     *
     * @return 0 after an orderly end, 1 when it could not start: the reasons are on stderr
     */
    public static int run(DaemonOptions options) {
        return run(options, System.getenv(), EventLog.onStderr());
    }

    private static int run(DaemonOptions options, Map<String, String> environment, EventLog log) {
        Supervisor supervisor = new Supervisor(environment, log);
        Termination termination = Termination.onSignals();
        Hangups hangups = Hangups.onSignals(log);
        RunningAgent running;
        try {
            running = RunningAgent.start(options, environment, log);
        } catch (StartupFailure failure) {
            failure.reasons().forEach(reason -> log.error("start", reason));
            termination.cancel();
            return 1;
        }
        log.notice("agent", "xfrm-agent " + Agent.VERSION + " is ready: " + running.summary());
        supervisor.ready(running.summary());
        hangups.answer(running::reload);
        try {
            termination.await();
        } catch (InterruptedException asked) {
            log.notice("agent", "interrupted");
        }
        log.notice("agent", "ending");
        supervisor.stopping("taking the tunnels down");
        running.stop("the agent is ending");
        log.notice("agent", "ended");
        termination.finished();
        return 0;
    }
}
