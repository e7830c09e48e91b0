package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;

/** A NAT in front of the peer that has changed its mind, as authentic ESP packets show (RFC 7296, section 2.23; RFC 3948, section 4). */
public final class NatMapping {
    private NatMapping() {}

    /**
     * The peer's packets come from {@code address} and {@code port} now. Only the side that is not behind a NAT follows, and only a
     * peer that is behind one. MOBIKE allows this as well, for ESP (RFC 4555, section 3.8).
     */
    public static void changed(Turn turn, InetAddress address, int port) {
        Session session = turn.session();
        Path path = session.path();
        Path next = new Path(path.local(), path.localPort(), address, port);
        boolean follows = session.phase() instanceof Phase.Established && session.nat().onPeersSideOnly();
        if (follows && !next.equals(path)) {
            turn.change(now -> now.withPath(next));
            turn.emit(new Event.Moved(session, "the peer's NAT has changed its mapping: from " + path + " to " + next));
            Relocation.follow(turn);
        }
    }
}
