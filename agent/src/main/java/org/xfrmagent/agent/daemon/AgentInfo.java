package org.xfrmagent.agent.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.engine.core.Event;

/**
 * The agent as a whole.
 *
 * @param version of this program, as "0.1.0"
 * @param started by the wall clock
 * @param uptime by a clock that never goes back
 * @param dataPlane {@link org.xfrmagent.agent.dataplane.DataPlane#name()}
 * @param dataPlaneReason why this plane was taken, as a sentence; empty when the user named it
 * @param shards threads that hold sessions
 * @param sessions those that are not closed
 */
public record AgentInfo(
        String version,
        Instant started,
        Duration uptime,
        String dataPlane,
        String dataPlaneReason,
        Capabilities capabilities,
        int shards,
        int sessions,
        Counters counters,
        Load load) {
    /**
     * What is being done now, and what waits for it.
     *
     * @param readers threads that read the sockets of IKE
     * @param shardsAtWork shards that are not waiting for anything
     * @param jobsRunning what sessions wait for outside the engine
     * @param jobsWaiting jobs whose turn comes after others of their session
     * @param inputsWaiting what shards are still to be told: datagrams, orders, events, results
     * @param newcomersWaiting first messages of strangers, whose turn comes after all others
     * @param scheduled what sessions will do at a time of its own: tasks, and requests that are sent again
     */
    public record Load(
            int readers, int shardsAtWork, int jobsRunning, int jobsWaiting, int inputsWaiting, int newcomersWaiting, int scheduled) {
        public static final Load NONE = new Load(0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * Counters since the start; the first two are gauges.
     *
     * @param halfOpen sessions that are not authenticated yet
     * @param established sessions that are
     * @param dropped inputs that were dropped, by rule
     */
    public record Counters(long halfOpen, long established, long ikeUps, long ikeFailures, long retransmissions, Map<Event.Rule, Long> dropped) {
        public static final Counters NONE = new Counters(0, 0, 0, 0, 0, Map.of());

        public Counters {
            dropped = Map.copyOf(dropped);
        }
    }
}
