package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.util.Map;
import org.xfrmagent.systemd.notify.SdNotify;

/** Tells the service manager how the agent is. One that does not listen is worth a line in the log and no more. */
final class Supervisor {
    private final SdNotify manager;
    private final EventLog log;

    Supervisor(Map<String, String> environment, EventLog log) {
        this.manager = SdNotify.of(environment);
        this.log = log;
    }

    void ready(String status) {
        tell(() -> manager.ready(status));
    }

    void reloading() {
        tell(manager::reloading);
    }

    void stopping(String status) {
        tell(() -> manager.stopping(status));
    }

    @FunctionalInterface
    private interface Message {
        void send() throws IOException;
    }

    private void tell(Message message) {
        try {
            message.send();
        } catch (IOException deaf) {
            log.warning("systemd", "the service manager cannot be told: " + deaf.getMessage());
        }
    }
}
