package org.xfrmagent.agent.radius;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.eap.MalformedEap;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Radius.GroupAttribute;

/**
 * One user's EAP, passed on to a RADIUS server and back (RFC 3579, section 2).
 *
 * <pre>
 *   Access-Request(EAP-Message, State)  --&gt;      &lt;--  Access-Challenge(EAP-Message, State)      until
 *                                                &lt;--  Access-Accept(EAP-Message, MS-MPPE keys, what the user may have)
 *                                            or  &lt;--  Access-Reject(EAP-Message)
 * </pre>
 *
 * <p>The server that has begun is the only one that can go on.
 */
public final class RadiusConversation {
    private static final int FRAMED = 2;
    private static final int TUNNEL_TYPE_ESP = 9;

    /** In octets: as charon has it, which heeds no Class of Microsoft's NPS. */
    private static final int LEAST_NO_GROUP = 44;
    private static final int VIRTUAL = 5;

    /** EAP packets that the server makes fit an IKE message in one piece, as charon asks. */
    private static final int FRAMED_MTU = 1400;

    private final RadiusClient client;
    private final Set<GroupAttribute> groupsFrom;
    private final Station station;
    private List<RadiusServer> servers;
    private Optional<RadiusAttribute> state = Optional.empty();
    private EapType method = EapType.IDENTITY;

    /**
     * What the server is told about us and where the user is.
     *
     * @param nas what we call ourselves
     * @param peer the name of the peer in the policies
     */
    public record Station(String nas, InetAddress local, int localPort, InetAddress remote, int remotePort, String peer) {
        List<RadiusAttribute> attributes() {
            return List.of(
                    RadiusAttribute.text(RadiusAttribute.NAS_IDENTIFIER, nas),
                    new RadiusAttribute(
                            local instanceof Inet4Address ? RadiusAttribute.NAS_IP_ADDRESS : RadiusAttribute.NAS_IPV6_ADDRESS, Bytes.of(local.getAddress())),
                    RadiusAttribute.number(RadiusAttribute.SERVICE_TYPE, FRAMED),
                    RadiusAttribute.number(RadiusAttribute.NAS_PORT_TYPE, VIRTUAL),
                    RadiusAttribute.text(RadiusAttribute.NAS_PORT_ID, peer),
                    // In charon's form, by which people's servers tell users apart.
                    RadiusAttribute.text(RadiusAttribute.CALLED_STATION_ID, Ip.text(local) + "[" + localPort + "]"),
                    RadiusAttribute.text(RadiusAttribute.CALLING_STATION_ID, Ip.text(remote) + "[" + remotePort + "]"));
        }
    }

    /** @param groupsFrom what names the user's groups */
    public RadiusConversation(RadiusClient client, List<RadiusServer> servers, Set<GroupAttribute> groupsFrom, Station station) {
        this.client = client;
        this.servers = List.copyOf(servers);
        this.groupsFrom = Set.copyOf(groupsFrom);
        this.station = station;
    }

    /** Passes one response of the user on. */
    public EapWork.Result relay(EapPacket response, String identity) {
        if (response instanceof EapPacket.Response(_, EapType type, _) && type.isMethod()) {
            method = type;
        }
        List<RadiusAttribute> attributes = new ArrayList<>();
        if (!identity.isEmpty()) {
            attributes.add(RadiusAttribute.text(RadiusAttribute.USER_NAME, identity));
        }
        attributes.addAll(station.attributes());
        attributes.add(RadiusAttribute.number(RadiusAttribute.FRAMED_MTU, FRAMED_MTU));
        state.ifPresent(attributes::add);
        attributes.addAll(RadiusAttribute.pieces(RadiusAttribute.EAP_MESSAGE, response.encode()));
        try {
            RadiusClient.Answered answer = client.ask(servers, attributes);
            servers = List.of(answer.server());
            state = answer.packet().first(RadiusAttribute.STATE);
            return read(answer, identity);
        } catch (IOException silent) {
            return new EapWork.Result.Refused(String.valueOf(silent.getMessage()));
        } catch (IllegalArgumentException tooLong) {
            return new EapWork.Result.Refused("the user's EAP does not fit RADIUS: " + tooLong.getMessage());
        }
    }

    /** Asks whether it is the user's password, in one question. */
    public EapWork.Result judge(String user, Secret password) {
        if (user.isEmpty() || password.length() == 0 || password.length() > HiddenPassword.LONGEST) {
            return new EapWork.Result.Rejected("user '" + printable(user) + "' shows a password of " + password.length() + " octets, RADIUS has 1 to " + HiddenPassword.LONGEST);
        }
        List<RadiusAttribute> open = new ArrayList<>(List.of(RadiusAttribute.text(RadiusAttribute.USER_NAME, user)));
        open.addAll(station.attributes());
        try {
            RadiusClient.Answered answer = client.ask(servers, (server, authenticator) -> {
                List<RadiusAttribute> all = new ArrayList<>(open);
                all.add(new RadiusAttribute(RadiusAttribute.USER_PASSWORD, HiddenPassword.of(password, server.secret(), authenticator)));
                return all;
            });
            return switch (answer.packet().code()) {
                case ACCESS_ACCEPT -> new EapWork.Result.LetIn(user(answer.packet(), user), grant(answer.packet()));
                case ACCESS_CHALLENGE -> new EapWork.Result.Refused("the RADIUS server asks user '" + printable(user) + "' for more than a password");
                case ACCESS_REJECT, ACCESS_REQUEST, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE -> new EapWork.Result.Rejected(rejection(answer.packet(), user, "a password"));
            };
        } catch (IOException silent) {
            return new EapWork.Result.Refused(String.valueOf(silent.getMessage()));
        }
    }

    private static String rejection(RadiusPacket packet, String user, String after) {
        return "the RADIUS server refuses user '" + printable(user) + "' after " + after
                + packet.first(RadiusAttribute.REPLY_MESSAGE).map(said -> ": " + printable(said.text())).orElse("");
    }

    /** RFC 2865, section 5.1: a server may say who the user really is, and that is what accounting says then. */
    private static String user(RadiusPacket accept, String identity) {
        return accept.first(RadiusAttribute.USER_NAME).map(RadiusAttribute::text).orElse(identity);
    }

    private EapWork.Result read(RadiusClient.Answered answer, String identity) {
        RadiusPacket packet = answer.packet();
        Optional<EapPacket> eap;
        try {
            Bytes octets = packet.joined(RadiusAttribute.EAP_MESSAGE);
            eap = octets.isEmpty() ? Optional.empty() : Optional.of(EapPacket.decode(octets));
        } catch (MalformedEap misshapen) {
            return new EapWork.Result.Refused("the RADIUS server's EAP is malformed: " + misshapen.why());
        }
        return switch (packet.code()) {
            case ACCESS_CHALLENGE -> eap.orElse(null) instanceof EapPacket.Request request
                    ? new EapWork.Result.Relayed(request)
                    : new EapWork.Result.Refused("the RADIUS server's challenge has no EAP request");
            case ACCESS_ACCEPT -> eap.orElse(null) instanceof EapPacket.Success
                    ? new EapWork.Result.Proven(proof(answer, identity), Optional.empty())
                    : new EapWork.Result.Refused("the RADIUS server accepts without EAP-Success");
            case ACCESS_REJECT, ACCESS_REQUEST, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE -> new EapWork.Result.Rejected(
                    rejection(packet, identity, method.toString()));
        };
    }

    private EapProof proof(RadiusClient.Answered answer, String identity) {
        RadiusPacket accept = answer.packet();
        Optional<Secret> msk = MppeKeys.msk(accept, answer.requestAuthenticator(), answer.server().secret());
        return new EapProof(user(accept, identity), method, msk, grant(accept));
    }

    private EapGrant grant(RadiusPacket accept) {
        List<InetAddress> addresses = new ArrayList<>();
        accept.first(RadiusAttribute.FRAMED_IP_ADDRESS).map(RadiusAttribute::value).filter(RadiusConversation::isOneHosts)
                .flatMap(octets -> address(octets, 4)).ifPresent(addresses::add);
        accept.first(RadiusAttribute.FRAMED_IPV6_ADDRESS).flatMap(each -> address(each.value(), 16)).ifPresent(addresses::add);
        List<InetAddress> servers = new ArrayList<>();
        accept.microsoft(RadiusAttribute.MS_PRIMARY_DNS_SERVER).flatMap(octets -> address(octets, 4)).ifPresent(servers::add);
        accept.microsoft(RadiusAttribute.MS_SECONDARY_DNS_SERVER).flatMap(octets -> address(octets, 4)).ifPresent(servers::add);
        accept.all(RadiusAttribute.DNS_SERVER_IPV6_ADDRESS).forEach(each -> address(each.value(), 16).ifPresent(servers::add));
        Optional<Long> seconds = accept.first(RadiusAttribute.SESSION_TIMEOUT).map(RadiusAttribute::value)
                .filter(octets -> octets.length() == 4).map(octets -> octets.i32(0) & 0xffffffffL);
        List<Bytes> classes = accept.all(RadiusAttribute.CLASS).stream().map(RadiusAttribute::value).toList();
        return new EapGrant(addresses, servers, seconds, groups(accept), classes);
    }

    private List<String> groups(RadiusPacket accept) {
        List<String> groups = new ArrayList<>();
        if (groupsFrom.contains(GroupAttribute.CLASS)) {
            // Servers keep something of their own in a longer one, for accounting.
            accept.all(RadiusAttribute.CLASS).stream().filter(each -> each.value().length() < LEAST_NO_GROUP).forEach(each -> groups.add(each.text()));
        }
        boolean esp = accept.all(RadiusAttribute.TUNNEL_TYPE).stream().anyMatch(RadiusConversation::isEsp);
        if (groupsFrom.contains(GroupAttribute.FILTER_ID) && esp) {
            accept.all(RadiusAttribute.FILTER_ID).forEach(each -> groups.add(each.text()));
        }
        return groups;
    }

    /** A tag, and a number of three octets (RFC 2868, section 3.1). */
    private static boolean isEsp(RadiusAttribute tunnelType) {
        return tunnelType.value().length() == 4 && (tunnelType.value().i32(0) & 0xffffff) == TUNNEL_TYPE_ESP;
    }

    /** RFC 2865, section 5.8: the two highest say that the user, or we, choose. */
    private static boolean isOneHosts(Bytes octets) {
        return octets.length() == 4 && octets.i32(0) != 0xffffffff && octets.i32(0) != 0xfffffffe && octets.i32(0) != 0;
    }

    private static Optional<InetAddress> address(Bytes octets, int expected) {
        try {
            return octets.length() == expected ? Optional.of(InetAddress.getByAddress(octets.toArray())) : Optional.empty();
        } catch (UnknownHostException wrongLength) {
            return Optional.empty();
        }
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 128)).replaceAll("[^\\x20-\\x7e]", "?");
    }
}
