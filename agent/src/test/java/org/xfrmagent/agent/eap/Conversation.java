package org.xfrmagent.agent.eap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** A gateway and a user who talk until one of them is through, and what was said on the way. */
final class Conversation {
    /** In which nothing can be told from anything else, but the same in each run. */
    static Dice dice(long seed) {
        Random random = new Random(seed);
        return octets -> {
            byte[] drawn = new byte[octets];
            random.nextBytes(drawn);
            return Bytes.wrap(drawn);
        };
    }

    static EapUsers users(Map<String, String> passwords) {
        return user -> Optional.ofNullable(passwords.get(user)).map(text -> Secret.take(text.getBytes(StandardCharsets.UTF_8)));
    }

    private final EapUsers known;
    private final EapUsers typed;
    private final List<String> said = new ArrayList<>();
    private final List<EapOutcome.Shown> shown = new ArrayList<>();
    private final Dice dice = dice(1);
    private UnaryOperator<EapPacket> onTheWay = UnaryOperator.identity();
    private Optional<EapOutcome<EapServer>> server = Optional.empty();
    private Optional<EapOutcome<EapPeer>> peer = Optional.empty();

    /**
     * @param known to the gateway
     * @param typed by the user
     */
    Conversation(EapUsers known, EapUsers typed) {
        this.known = known;
        this.typed = typed;
    }

    /** Somebody changes packets. */
    Conversation through(UnaryOperator<EapPacket> change) {
        onTheWay = change;
        return this;
    }

    Conversation run(EapServer.Setup gateway, EapPeer.Setup user) {
        EapOutcome<EapServer> request = EapServer.begin(gateway, dice);
        EapPeer state = EapPeer.begin(user);
        while (true) {
            server = Optional.of(request);
            note(request);
            Optional<EapPacket> packet = packet(request);
            if (packet.isEmpty()) {
                return this;
            }
            EapOutcome<EapPeer> response = state.step(through(packet.get()), typed, dice);
            peer = Optional.of(response);
            if (!(response instanceof EapOutcome.Reply<EapPeer>(var next, var answer, _)) || !(request instanceof EapOutcome.Reply<EapServer> asked)) {
                return this;
            }
            state = next;
            request = asked.next().step(through(answer), known, dice);
        }
    }

    private EapPacket through(EapPacket packet) {
        EapPacket read = onTheWay.apply(EapPacket.decode(packet.encode()));
        said.add(switch (read) {
            case EapPacket.Request(_, EapType type, _) -> "<-- " + type;
            case EapPacket.Response(_, EapType type, _) -> "--> " + type;
            case EapPacket.Nak(_, _, var wanted) -> "--> Nak " + wanted;
            case EapPacket.Success _ -> "<-- Success";
            case EapPacket.Failure _ -> "<-- Failure";
        });
        return read;
    }

    private void note(EapOutcome<EapServer> outcome) {
        switch (outcome) {
            case EapOutcome.Reply<EapServer>(_, _, var password) -> password.ifPresent(shown::add);
            case EapOutcome.Success<EapServer>(_, _, var password) -> password.ifPresent(shown::add);
            case EapOutcome.Failure<EapServer>(_, _, var password) -> password.ifPresent(shown::add);
            case EapOutcome.Waits<EapServer> _ -> {}
        }
    }

    private static Optional<EapPacket> packet(EapOutcome<EapServer> outcome) {
        return switch (outcome) {
            case EapOutcome.Reply<EapServer>(_, var packet, _) -> Optional.of(packet);
            case EapOutcome.Success<EapServer>(_, var packet, _) -> packet;
            case EapOutcome.Failure<EapServer>(_, var packet, _) -> packet;
            case EapOutcome.Waits<EapServer> _ -> Optional.empty();
        };
    }

    List<String> said() {
        return said;
    }

    List<EapOutcome.Shown> shown() {
        return shown;
    }

    /** Whom the gateway let in. */
    EapProof welcomed() {
        if (server.orElseThrow() instanceof EapOutcome.Success<EapServer>(var proof, _, _)) {
            return proof;
        }
        throw unexpected("the gateway", server);
    }

    /** What the user believes. */
    EapProof believed() {
        if (peer.orElseThrow() instanceof EapOutcome.Success<EapPeer>(var proof, _, _)) {
            return proof;
        }
        throw unexpected("the user", peer);
    }

    String refusal() {
        if (server.orElseThrow() instanceof EapOutcome.Failure<EapServer>(var reason, _, _)) {
            return reason;
        }
        throw unexpected("the gateway", server);
    }

    String disappointment() {
        if (peer.orElseThrow() instanceof EapOutcome.Failure<EapPeer>(var reason, _, _)) {
            return reason;
        }
        throw unexpected("the user", peer);
    }

    private AssertionError unexpected(String who, Optional<?> outcome) {
        return new AssertionError(who + " came to " + outcome + " after " + said);
    }
}
