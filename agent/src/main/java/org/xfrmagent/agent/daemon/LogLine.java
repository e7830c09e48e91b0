package org.xfrmagent.agent.daemon;

/**
 * One line for people.
 *
 * @param subject whom it is about: a peer with the session's number, a policy, or a part of the agent
 */
record LogLine(Level level, String subject, String text) {
    /** Syslog's severities (RFC 5424, section 6.2.1) under the names of journald. */
    enum Level {
        ERROR(3),
        WARNING(4),
        NOTICE(5),
        INFO(6),
        DEBUG(7);

        private final int severity;

        Level(int severity) {
            this.severity = severity;
        }

        int severity() {
            return severity;
        }
    }
}
