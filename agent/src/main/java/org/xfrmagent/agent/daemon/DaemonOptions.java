package org.xfrmagent.agent.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Settings;

/**
 * What {@code xfrm-agent run} was asked for.
 *
 * @param policies files and folders, as {@link org.xfrmagent.policies.yaml.PolicyReader} reads them
 * @param control how others reach the running agent
 * @param ports the UDP ports of IKE, {@link Settings.Ports#STANDARD} but for tests
 */
public record DaemonOptions(List<Path> policies, PlaneChoice dataPlane, Control control, Settings.Ports ports) {
    public DaemonOptions {
        policies = List.copyOf(policies);
    }

    public DaemonOptions(List<Path> policies, PlaneChoice dataPlane, Control control) {
        this(policies, dataPlane, control, Settings.Ports.STANDARD);
    }

    /** Which data plane to use. */
    public enum PlaneChoice {
        /** The kernel where it can install an ESP SA, the userspace path otherwise. */
        AUTO,
        KERNEL,
        USERSPACE
    }

    /**
     * The control socket.
     *
     * @param sockets paths to listen on
     * @param group whose members may use them besides root and the agent's own user
     * @param surface opens them
     */
    public record Control(List<Path> sockets, Optional<String> group, ControlSurface surface) {
        public Control {
            sockets = List.copyOf(sockets);
        }
    }
}
