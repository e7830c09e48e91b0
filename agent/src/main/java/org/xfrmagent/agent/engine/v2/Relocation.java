package org.xfrmagent.agent.engine.v2;

import java.util.List;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Moving;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;

/** Children follow the session's path: to other addresses, to other ports, into UDP and out of it. */
final class Relocation {
    private Relocation() {}

    /** Brings all children to where the session is now. Those that are being installed follow when they are up. */
    static void follow(Turn turn) {
        follow(turn, turn.session().children(), false);
    }

    /** The same, and then tells the peer: it may send to the new place at once, and must find us ready. */
    static void followAndTell(Turn turn) {
        if (!follow(turn, turn.session().children(), true)) {
            turn.queueFirst(new Task.UpdateAddresses());
        }
    }

    /** Brings one child, just installed, to where the session has moved meanwhile. */
    static void follow(Turn turn, ChildSa child) {
        if (!Mobike.isChecking(turn.session())) {
            follow(turn, turn.session().child(child.serial()).stream().toList(), false);
        }
    }

    private static boolean follow(Turn turn, List<ChildSa> children, boolean tell) {
        Path path = turn.session().path();
        boolean udp = turn.session().nat().any();
        return Moving.begin(turn, children, child -> Installation.at(path, udp, child), tell);
    }
}
