package org.xfrmagent.agent.eap;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.eap.EapOutcome.Failure;
import org.xfrmagent.agent.eap.EapOutcome.Reply;
import org.xfrmagent.agent.eap.EapOutcome.Success;
import org.xfrmagent.agent.eap.EapOutcome.Waits;
import org.xfrmagent.agent.eap.PeerMethod.Turn;

/**
 * The user in a conversation (RFC 3748, section 2): it says who it is, takes a method that it likes and refuses others by Nak, and believes
 * EAP-Success only when the method has shown enough.
 *
 * @param identifier of the last request
 * @param rounds requests so far
 */
public record EapPeer(Setup setup, Stage stage, int identifier, int rounds) {
    /** Without TLS and what needs more than a password. */
    public static final List<EapType> PASSWORD_METHODS = List.of(EapType.MSCHAPV2, EapType.MD5, EapType.GTC);

    /**
     * How a policy has it.
     *
     * @param identity what EAP-Identity says, and whose password is shown
     * @param methods that we take, the best first
     */
    public record Setup(String identity, List<EapType> methods) {
        public Setup {
            methods = List.copyOf(methods);
        }
    }

    /** Where it is. */
    sealed interface Stage {
        record Idle() implements Stage {}

        record Running(PeerMethod method) implements Stage {}

        /** The outside has a method's data. */
        record Computing(PeerMethod method) implements Stage {}
    }

    public static EapPeer begin(Setup setup) {
        return new EapPeer(setup, new Stage.Idle(), 0, 0);
    }

    /** The server's next packet. */
    public EapOutcome<EapPeer> step(EapPacket packet, EapUsers users, Dice dice) {
        if (rounds == EapServer.MOST_ROUNDS) {
            return fail("the conversation takes more than " + EapServer.MOST_ROUNDS + " rounds");
        }
        return switch (packet) {
            case EapPacket.Request request -> {
                EapPeer next = new EapPeer(setup, stage, request.identifier(), rounds + 1);
                try {
                    yield next.asked(request.type(), request.data(), users, dice);
                } catch (MalformedEap misshapen) {
                    yield fail(misshapen.why());
                }
            }
            case EapPacket.Success _ -> stage instanceof Stage.Running(var method)
                    ? method.shown()
                            .<EapOutcome<EapPeer>>map(shown -> new Success<>(
                                    new EapProof(setup.identity, method.type(), shown.msk(), EapGrant.NONE), Optional.empty(), Optional.empty()))
                            .orElseGet(() -> fail("the server says EAP-Success before " + method.type() + " is through"))
                    : fail("the server says EAP-Success before any method is through");
            case EapPacket.Failure _ -> fail(stage instanceof Stage.Running(var method)
                    ? method.complaint().orElseGet(() -> "the server refuses user '" + Texts.printable(setup.identity) + "' after " + method.type())
                    : "the server refuses user '" + Texts.printable(setup.identity) + "' before any method, or has none of " + setup.methods);
            case EapPacket.Response _, EapPacket.Nak _ -> fail("the server sent " + packet + ", expected a request");
        };
    }

    private EapOutcome<EapPeer> asked(EapType type, Bytes data, EapUsers users, Dice dice) {
        if (type.equals(EapType.NOTIFICATION)) {
            return reply(stage, EapType.NOTIFICATION, Bytes.empty());
        }
        return switch (stage) {
            case Stage.Idle() when type.equals(EapType.IDENTITY) -> reply(stage, EapType.IDENTITY, Texts.utf8(setup.identity));
            case Stage.Idle() -> fresh(type)
                    .filter(_ -> setup.methods.contains(type))
                    .map(method -> turned(method.asked(identifier, data, setup.identity, users, dice)))
                    .orElseGet(() -> new Reply<>(this, new EapPacket.Nak(identifier, type.vendor() != 0, setup.methods), Optional.empty()));
            case Stage.Running(var method) when type.equals(method.type()) ->
                turned(method.asked(identifier, data, setup.identity, users, dice));
            case Stage.Running(var method) -> fail("the server asks for " + type + " in the middle of " + method.type());
            case Stage.Computing(var method) -> fail("the server asks for " + type + " while " + method.type() + " is computed");
        };
    }

    private static Optional<PeerMethod> fresh(EapType type) {
        if (type.equals(EapType.MD5)) {
            return Optional.of(new Md5.Peer(false));
        }
        if (type.equals(EapType.GTC)) {
            return Optional.of(new Gtc.Peer(false));
        }
        if (type.equals(EapType.MSCHAPV2)) {
            return Optional.of(Mschapv2Peer.FRESH);
        }
        return type.equals(EapType.TLS) || type.equals(EapType.TTLS) || type.equals(EapType.PEAP)
                ? Optional.of(new PeerMethod.Outside(type, false, Optional.empty()))
                : Optional.empty();
    }

    private EapOutcome<EapPeer> turned(Turn turn) {
        return switch (turn) {
            case Turn.Answer(PeerMethod next, Bytes data) -> reply(new Stage.Running(next), next.type(), data);
            case Turn.GiveUp(String reason) -> fail(reason);
            case Turn.Waits(PeerMethod next, EapWork work) -> new Waits<>(at(new Stage.Computing(next)), work);
        };
    }

    /** What came of the work that {@link Waits} asked for. */
    public EapOutcome<EapPeer> resume(EapWork.Result result) {
        if (!(stage instanceof Stage.Computing(PeerMethod method))) {
            throw new IllegalStateException("nobody asked for " + result.getClass().getSimpleName());
        }
        return switch (result) {
            case EapWork.Result.Said(Bytes data) -> reply(new Stage.Running(method), method.type(), data);
            case EapWork.Result.Proven(EapProof proof, var data) -> reply(
                    new Stage.Running(new PeerMethod.Outside(method.type(), true, Optional.of(proof))), method.type(), data.orElse(Bytes.empty()));
            case EapWork.Result.Refused(String reason) -> fail(reason);
            case EapWork.Result.Rejected(String reason) -> fail(reason);
            case EapWork.Result.Relayed _, EapWork.Result.LetIn _ -> throw new IllegalStateException("a user relays for nobody");
        };
    }

    /** The conversation ends with the session: its keys are not needed. */
    public void wipe() {
        if (stage instanceof Stage.Running(var method)) {
            method.wipe();
        }
    }

    private EapPeer at(Stage next) {
        return new EapPeer(setup, next, identifier, rounds);
    }

    private EapOutcome<EapPeer> reply(Stage next, EapType type, Bytes data) {
        return new Reply<>(at(next), new EapPacket.Response(identifier, type, data), Optional.empty());
    }

    private EapOutcome<EapPeer> fail(String reason) {
        wipe();
        return new Failure<>(reason, Optional.empty(), Optional.empty());
    }
}
