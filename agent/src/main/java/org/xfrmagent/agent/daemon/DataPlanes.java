package org.xfrmagent.agent.daemon;

import java.util.Optional;
import org.xfrmagent.agent.daemon.DaemonOptions.PlaneChoice;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.user.EspInUdp;
import org.xfrmagent.agent.dataplane.user.UserDataPlane;
import org.xfrmagent.agent.dataplane.user.UserPlaneOptions;
import org.xfrmagent.agent.dataplane.xfrm.XfrmDataPlane;
import org.xfrmagent.policies.algorithm.Protocol;

/** Chooses and opens the data plane: the kernel where it can install an ESP SA, which is found out by installing one. */
final class DataPlanes {
    private DataPlanes() {}

    /**
     * @param reason why this one, as a sentence; empty when the user named it
     * @param kernel the plane, if it is the kernel: policies outlive an agent that dies there
     * @param user the plane, if it is the userspace one: it wants the ESP that comes to the IKE port
     */
    record Chosen(DataPlane plane, String reason, Optional<XfrmDataPlane> kernel, Optional<UserDataPlane> user) {
        boolean isKernel() {
            return kernel.isPresent();
        }
    }

    /** @throws DataPlaneException with a sentence that says what is missing */
    static Chosen open(PlaneChoice choice, EspInUdp espInUdp) throws DataPlaneException {
        return switch (choice) {
            case USERSPACE -> user("", espInUdp);
            case KERNEL -> {
                XfrmDataPlane kernel = XfrmDataPlane.open();
                if (!hasEsp(kernel)) {
                    kernel.close();
                    throw new DataPlaneException("the kernel data plane was asked for, and this kernel has no ESP"
                            + " (modules esp4 and esp6); --dataplane auto takes the userspace one");
                }
                yield kernel(kernel, "");
            }
            case AUTO -> {
                XfrmDataPlane kernel = XfrmDataPlane.open();
                if (hasEsp(kernel)) {
                    yield kernel(kernel, "the kernel took a trial ESP SA");
                }
                kernel.close();
                yield user("the kernel refused a trial ESP SA with every algorithm", espInUdp);
            }
        };
    }

    private static boolean hasEsp(DataPlane plane) {
        return plane.capabilities().protocols().contains(Protocol.ESP);
    }

    private static Chosen kernel(XfrmDataPlane plane, String reason) {
        return new Chosen(plane, reason, Optional.of(plane), Optional.empty());
    }

    private static Chosen user(String reason, EspInUdp espInUdp) throws DataPlaneException {
        UserDataPlane plane = UserDataPlane.open(UserPlaneOptions.with(espInUdp));
        return new Chosen(plane, reason, Optional.empty(), Optional.of(plane));
    }
}
