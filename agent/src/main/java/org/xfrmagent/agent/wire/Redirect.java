package org.xfrmagent.agent.wire;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.model.Ip;

/**
 * The data of REDIRECT and REDIRECTED_FROM (RFC 5685):
 *
 * <pre>
 *   u8 type of the gateway's identity (1 IPv4, 2 IPv6, 3 host name) | u8 its length | the identity | [nonce of the request]
 * </pre>
 *
 * @param gateway an address, or a host name
 * @param nonce of the IKE_SA_INIT that is answered so; empty elsewhere
 */
public record Redirect(String gateway, Bytes nonce) {
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;
    private static final int HOST_NAME = 3;
    private static final int HEAD = 2;
    private static final int LONGEST = 255;

    public static Redirect to(String gateway) {
        return new Redirect(gateway, Bytes.empty());
    }

    /** The gateway's address; empty for a host name. */
    public Optional<InetAddress> address() {
        return Ip.parse(gateway);
    }

    /** As one of the two notifications. */
    public NotifyPayload as(Notify type) {
        Optional<InetAddress> address = address();
        Bytes identity = Bytes.of(address.map(InetAddress::getAddress).orElseGet(() -> gateway.getBytes(StandardCharsets.US_ASCII)));
        int kind = address.map(found -> found.getAddress().length == Integer.BYTES ? IPV4 : IPV6).orElse(HOST_NAME);
        if (identity.length() > LONGEST) {
            throw new IllegalArgumentException("a gateway's name has at most " + LONGEST + " octets");
        }
        return NotifyPayload.of(type, new ByteWriter().u8(kind).u8(identity.length()).bytes(identity).bytes(nonce).toBytes());
    }

    /** Empty if it cannot be read. */
    public static Optional<Redirect> read(NotifyPayload notification) {
        Bytes data = notification.data();
        if (data.length() < HEAD || data.length() < HEAD + data.u8(1)) {
            return Optional.empty();
        }
        byte[] identity = data.slice(HEAD, HEAD + data.u8(1)).toArray();
        Bytes nonce = data.slice(HEAD + data.u8(1), data.length());
        return switch (data.u8(0)) {
            case IPV4 -> identity.length == 4 ? Optional.of(new Redirect(Ip.text(Ip.of(identity)), nonce)) : Optional.empty();
            case IPV6 -> identity.length == 16 ? Optional.of(new Redirect(Ip.text(Ip.of(identity)), nonce)) : Optional.empty();
            case HOST_NAME -> Optional.of(new Redirect(new String(identity, StandardCharsets.US_ASCII), nonce))
                    .filter(named -> named.gateway.matches("[A-Za-z0-9._-]{1,255}"));
            default -> Optional.empty();
        };
    }
}
