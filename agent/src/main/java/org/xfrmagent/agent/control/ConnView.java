package org.xfrmagent.agent.control;

import java.util.List;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.IkeVersion;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.Unique;

/** Configured peers as vici's {@code list-conn} shows them: a peer is a connection, each of its protect policies a child. */
final class ConnView {
    private ConnView() {}

    static ViciMessage of(Profile profile) {
        Peer peer = profile.peer();
        return ViciMessage.of(out -> out.section(profile.name(), conn -> {
            conn.list("local_addrs", hosts(peer.local())).list("remote_addrs", hosts(peer.remote()));
            port(conn, "local_port", peer.local());
            port(conn, "remote_port", peer.remote());
            conn.put("version", peer.ike() == IkeVersion.V2 ? "IKEv2" : "IKEv1");
            conn.put("reauth_time", 0).put("rekey_time", peer.ikeLifetimes().seconds().soft());
            conn.put("unique", unique(peer.unique()));
            if (peer.liveness().enabled()) {
                conn.put("dpd_delay", peer.liveness().delay().toSeconds());
            }
            conn.section("local-1", round -> side(round, peer.local())).section("remote-1", round -> side(round, peer.remote()));
            conn.section("children", list -> profile.children().forEach(child -> list.section(child.name(), child(child))));
        }));
    }

    private static void port(ViciMessage.Builder out, String key, Side side) {
        if (side.port() != Defaults.PORT) {
            out.put(key, side.port());
        }
    }

    private static List<String> hosts(Side side) {
        return side.addresses().stream().map(Host::toString).toList();
    }

    private static void side(ViciMessage.Builder out, Side side) {
        out.put("id", side.id().toString()).put("class", authClass(side.auth()));
        out.list("groups", List.of()).list("cert_policy", List.of()).list("certs", List.of()).list("cacerts", List.of());
    }

    private static ViciMessage child(ChildProfile child) {
        Protect protect = child.protect();
        return ViciMessage.of(out -> {
            out.put("mode", protect.mode().name());
            out.put("rekey_time", protect.lifetimes().seconds().soft());
            out.put("rekey_bytes", protect.lifetimes().bytes().soft());
            out.put("rekey_packets", protect.lifetimes().packets().soft());
            out.put("dpd_action", afterwards(protect.start())).put("close_action", afterwards(protect.start()));
            out.list("local-ts", texts(child.policy().match().local())).list("remote-ts", texts(child.policy().match().remote()));
        });
    }

    /** What becomes of a child that is lost, in charon's words. */
    private static String afterwards(Start start) {
        return switch (start) {
            case AT_START -> "start";
            case ON_TRAFFIC -> "trap";
            case BY_PEER -> "none";
        };
    }

    static List<String> texts(Selectors selectors) {
        return switch (selectors) {
            case Selectors.Fixed(var fixed) -> fixed.stream().map(Object::toString).toList();
            case Selectors.Dynamic(var upper) -> upper.stream().map(each -> "dynamic" + each).toList();
        };
    }

    private static String authClass(Auth auth) {
        return switch (auth) {
            case PSK -> "pre-shared key";
            case PUBKEY -> "public key";
            case EAP -> "EAP";
            case XAUTH -> "XAuth";
        };
    }

    private static String unique(Unique unique) {
        return switch (unique) {
            case INITIAL_CONTACT -> "UNIQUE_NO";
            case REPLACE -> "UNIQUE_REPLACE";
            case KEEP -> "UNIQUE_KEEP";
            case NEVER -> "UNIQUE_NEVER";
        };
    }
}
