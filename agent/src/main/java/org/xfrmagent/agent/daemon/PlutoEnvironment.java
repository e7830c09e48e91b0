package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.TrafficSelector;

/** What an updown program is told, in the variables that strongSwan's has; one set for each pair of selectors. */
final class PlutoEnvironment {
    private PlutoEnvironment() {}

    /**
     * The environments of one event, in the order of the selectors.
     *
     * @param device that has our address, if it is known
     * @param name what the child's connection calls it
     */
    static List<Map<String, String>> of(Session session, ChildSa child, boolean up, String name, Optional<String> device) {
        List<Map<String, String>> all = new ArrayList<>();
        for (TrafficSelector mine : child.local()) {
            for (TrafficSelector peers : child.remote()) {
                if (mine.meets(peers)) {
                    all.add(one(session, child, up, name, device, mine, peers));
                }
            }
        }
        return all;
    }

    private static Map<String, String> one(Session session, ChildSa child, boolean up, String name, Optional<String> device, TrafficSelector mine,
            TrafficSelector peers) {
        Map<String, String> variables = new LinkedHashMap<>();
        InetAddress me = child.localAddress();
        boolean host = mine.range().equals(AddressRange.of(me));
        variables.put("PLUTO_VERSION", "1.1");
        variables.put("PLUTO_VERB", (up ? "up" : "down") + (host ? "-host" : "-client") + (AddressFamily.of(me) == AddressFamily.IPV6 ? "-v6" : ""));
        variables.put("PLUTO_CONNECTION", name);
        variables.put("PLUTO_INTERFACE", device.orElse("unknown"));
        variables.put("PLUTO_REQID", Integer.toString(child.profile().reqid()));
        variables.put("PLUTO_PROTO", child.inbound().protocol() == Protocol.AH ? "ah" : "esp");
        variables.put("PLUTO_UNIQUEID", Long.toString(session.id()));
        variables.put("PLUTO_ME", Ip.text(me));
        variables.put("PLUTO_MY_ID", identity(session, true));
        end(variables, "PLUTO_MY", mine);
        variables.put("PLUTO_PEER", Ip.text(child.remoteAddress()));
        variables.put("PLUTO_PEER_ID", identity(session, false));
        end(variables, "PLUTO_PEER", peers);
        session.phase().user().filter(user -> !user.equals(identity(session, false))).ifPresent(user -> variables.put("PLUTO_XAUTH_ID", user));
        child.encapsulation().ifPresent(ports -> variables.put("PLUTO_UDP_ENC", Integer.toString(session.path().remotePort())));
        child.tags().marks().in().ifPresent(mark -> variables.put("PLUTO_MARK_IN", text(mark)));
        child.tags().marks().out().ifPresent(mark -> variables.put("PLUTO_MARK_OUT", text(mark)));
        child.tags().interfaces().in().ifPresent(id -> variables.put("PLUTO_IF_ID_IN", Integer.toUnsignedString(id)));
        child.tags().interfaces().out().ifPresent(id -> variables.put("PLUTO_IF_ID_OUT", Integer.toUnsignedString(id)));
        return variables;
    }

    private static void end(Map<String, String> variables, String prefix, TrafficSelector selector) {
        variables.put(prefix + "_CLIENT", selector.range().toPrefixes().getFirst().toString());
        variables.put(prefix + "_PORT", Integer.toString(selector.anyPort() || selector.isOpaque() ? 0 : selector.startPort()));
        variables.put(prefix + "_PROTOCOL", Integer.toString(selector.protocol()));
    }

    /** As authenticated, or, of a session that is closed already, as configured. */
    private static String identity(Session session, boolean local) {
        Optional<Identity> known = local ? session.phase().localIdentity() : session.phase().remoteIdentity();
        return known.or(() -> session.profile().map(profile -> local ? profile.peer().local().id() : profile.peer().remote().id()))
                .map(Identity::toString).orElse("%any");
    }

    private static String text(Mark mark) {
        return Integer.toUnsignedString(mark.value()) + "/0x" + Integer.toHexString(mark.mask());
    }
}
