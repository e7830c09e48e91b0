package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Moving;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;

/**
 * A NAT in front of the peer that has changed its mind: a host that is not behind one itself sends to where the last authentic packet
 * came from (RFC 3947, section 4; RFC 3948, section 4), IKE messages and ESP alike.
 */
public final class NatMapping {
    private NatMapping() {}

    /** The peer's authentic ESP packets come from {@code address} and {@code port} now. */
    public static void changed(Turn turn, InetAddress address, int port) {
        Path path = turn.session().path();
        if (turn.session().phase() instanceof PhaseV1.Up && turn.session().nat().onPeersSideOnly()) {
            path(turn, new Path(path.local(), path.localPort(), address, port), "the peer's NAT has changed its mapping: from " + path + " to ");
            // The session may have been there already, by another phase 1, and its children not.
            children(turn, turn.session().children());
        }
    }

    /** An authentic and new message of the peer came on {@code path}. */
    static void follow(Turn turn, Path path) {
        if (turn.session().nat().onPeersSideOnly() && !path.equals(turn.session().path())) {
            path(turn, path, "the peer is now at ");
            children(turn, turn.session().children());
        }
    }

    private static void path(Turn turn, Path path, String story) {
        Session before = turn.session();
        if (!path.equals(before.path())) {
            turn.change(session -> session.withPath(path));
            turn.emit(new Event.Moved(before, story + path));
        }
    }

    /** Brings a child, just installed, to where the session has gone meanwhile. */
    static void follow(Turn turn, ChildSa child) {
        children(turn, turn.session().child(child.serial()).stream().toList());
    }

    private static void children(Turn turn, List<ChildSa> children) {
        Path path = Children.natTraversalPath(turn);
        // Whether it goes in UDP was agreed in its quick mode.
        Moving.begin(turn, children, child -> Installation.at(path, child.udpEncapsulated(), child), false);
    }
}
