package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Where a session's two ends are besides the path in use (RFC 4555).
 *
 * @param agreed both sides said MOBIKE_SUPPORTED: the initiator may move, and nothing else changes the path
 * @param announced our further addresses, as the peer last heard of them
 * @param peers the peer's further addresses, as we last heard of them
 * @param ways between us and the peer, the best first, as they were last found
 * @param cutOff there was no way when we last looked
 * @param seenAs how the peer last saw us: its NAT_DETECTION_DESTINATION_IP. Another one means another mapping of a NAT (section 3.8)
 * @param redirectable the peer goes to another gateway when we tell it to (RFC 5685)
 * @param answerTo where the request came from that is being answered, if not on the session's path (RFC 7296, section 2.11)
 */
public record Mobility(
        boolean agreed,
        List<InetAddress> announced,
        List<InetAddress> peers,
        List<Way> ways,
        boolean cutOff,
        Optional<Bytes> seenAs,
        boolean redirectable,
        Optional<Path> answerTo) {
    public static final Mobility NONE = new Mobility(false, List.of(), List.of(), List.of(), false, Optional.empty(), false, Optional.empty());

    public Mobility {
        announced = List.copyOf(announced);
        peers = List.copyOf(peers);
        ways = List.copyOf(ways);
    }

    public Mobility agree() {
        return new Mobility(true, announced, peers, ways, cutOff, seenAs, redirectable, answerTo);
    }

    public Mobility allowRedirects() {
        return new Mobility(agreed, announced, peers, ways, cutOff, seenAs, true, answerTo);
    }

    public Mobility announcing(List<InetAddress> next) {
        return new Mobility(agreed, next, peers, ways, cutOff, seenAs, redirectable, answerTo);
    }

    public Mobility withPeers(List<InetAddress> next) {
        return new Mobility(agreed, announced, next, ways, cutOff, seenAs, redirectable, answerTo);
    }

    public Mobility withWays(List<Way> next) {
        return new Mobility(agreed, announced, peers, next, next.isEmpty(), seenAs, redirectable, answerTo);
    }

    public Mobility seenAs(Optional<Bytes> next) {
        return new Mobility(agreed, announced, peers, ways, cutOff, next, redirectable, answerTo);
    }

    public Mobility answering(Optional<Path> to) {
        return new Mobility(agreed, announced, peers, ways, cutOff, seenAs, redirectable, to);
    }
}
