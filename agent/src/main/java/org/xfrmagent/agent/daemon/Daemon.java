package org.xfrmagent.agent.daemon;

/** The running agent. */
public final class Daemon {
    private Daemon() {}

    /**
     * Runs until SIGTERM or SIGINT.
     *
     * @return 0 after an orderly end, 1 when it could not start: the reasons are on stderr
     */
    public static int run(DaemonOptions options) {
        System.err.println("xfrm-agent: this build has no daemon to run with " + options.policies());
        return 1;
    }
}
