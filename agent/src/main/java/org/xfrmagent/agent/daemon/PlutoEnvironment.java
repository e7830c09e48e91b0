package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.InnerAddresses;
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
     * @param inner the addresses inside the tunnel that go with the session
     */
    static List<Map<String, String>> of(Session session, ChildSa child, boolean up, String name, Optional<String> device, InnerAddresses inner) {
        List<Map<String, String>> all = new ArrayList<>();
        for (TrafficSelector mine : child.local()) {
            for (TrafficSelector peers : child.remote()) {
                if (mine.meets(peers)) {
                    Map<String, String> variables = one(session, child, up, name, device, mine, peers);
                    inner(variables, inner);
                    all.add(variables);
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
        variables.put("PLUTO_VERB", (up ? "up" : "down") + (host ? "-host" : "-client") + (mine.range().family() == AddressFamily.IPV6 ? "-v6" : ""));
        variables.put("PLUTO_CONNECTION", name);
        variables.put("PLUTO_INTERFACE", device.orElse("unknown"));
        variables.put("PLUTO_REQID", Integer.toString(child.reqid()));
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
        child.cpis().ifPresent(_ -> variables.put("PLUTO_IPCOMP", "1"));
        child.tags().marks().in().ifPresent(mark -> variables.put("PLUTO_MARK_IN", text(mark)));
        child.tags().marks().out().ifPresent(mark -> variables.put("PLUTO_MARK_OUT", text(mark)));
        child.tags().interfaces().in().ifPresent(id -> variables.put("PLUTO_IF_ID_IN", Integer.toUnsignedString(id)));
        child.tags().interfaces().out().ifPresent(id -> variables.put("PLUTO_IF_ID_OUT", Integer.toUnsignedString(id)));
        return variables;
    }

    /** Numbered from 1 in each family; the variable without a number is the first of all. */
    private static void inner(Map<String, String> variables, InnerAddresses inner) {
        inner.ours().stream().findFirst().ifPresent(first -> variables.put("PLUTO_MY_SOURCEIP", Ip.text(first)));
        numbered(variables, "PLUTO_MY_SOURCEIP", inner.ours());
        inner.theirs().stream().findFirst().ifPresent(first -> variables.put("PLUTO_PEER_SOURCEIP", Ip.text(first)));
        numbered(variables, "PLUTO_PEER_SOURCEIP", inner.theirs());
        if (inner instanceof InnerAddresses.Given given) {
            numbered(variables, "PLUTO_DNS", given.servers().addresses());
        }
    }

    private static void numbered(Map<String, String> variables, String name, List<InetAddress> addresses) {
        for (AddressFamily family : AddressFamily.values()) {
            List<InetAddress> alike = addresses.stream().filter(address -> AddressFamily.of(address) == family).toList();
            for (int i = 0; i < alike.size(); i++) {
                variables.put(name + (family == AddressFamily.IPV4 ? 4 : 6) + "_" + (i + 1), Ip.text(alike.get(i)));
            }
        }
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
