package org.xfrmagent.agent.eap;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapOutcome.Failure;
import org.xfrmagent.agent.eap.EapOutcome.Reply;
import org.xfrmagent.agent.eap.EapOutcome.Shown;
import org.xfrmagent.agent.eap.EapOutcome.Success;
import org.xfrmagent.agent.eap.EapOutcome.Waits;
import org.xfrmagent.agent.eap.ServerMethod.Verdict;

/**
 * The gateway in a conversation (RFC 3748, section 2): it asks who the peer is if it has to, proposes methods until the peer takes one, and says
 * success or failure. Every response is awaited at one place only; anything else ends the conversation, since under IKE nothing is lost or
 * doubled on the way.
 *
 * @param identity what the peer calls itself; not shown to be true
 * @param identifier of the last request
 * @param rounds responses so far
 */
public record EapServer(Setup setup, String identity, Stage stage, int identifier, int rounds) {
    /** As many responses as a conversation may take: a chain of certificates comes in pieces. */
    static final int MOST_ROUNDS = 80;

    /** In octets: a longer one does not fit RADIUS's User-Name (RFC 2865, section 5.1). */
    static final int LONGEST_IDENTITY = 253;

    /**
     * How a policy has it.
     *
     * @param methods the best first; empty if {@code relay}
     * @param relay a RADIUS server has the methods, and we pass on what they say
     * @param asks whether EAP-Identity is asked for; otherwise the peer is who IKE says
     * @param ikeIdentity of the peer, in IDi
     * @param name what we call ourselves where a method has a field for it
     */
    public record Setup(List<EapType> methods, boolean relay, boolean asks, String ikeIdentity, String name) {
        public Setup {
            methods = List.copyOf(methods);
        }
    }

    /** What is awaited. */
    sealed interface Stage {
        record Identity() implements Stage {}

        /** @param declined methods that the peer did not want */
        record Opening(EapType method, Set<EapType> declined) implements Stage {}

        /** A response to the first request of a method: it may be a Nak. */
        record Proposed(ServerMethod method, Set<EapType> declined) implements Stage {}

        record Running(ServerMethod method) implements Stage {}

        /** The outside has a method's data. */
        record Computing(ServerMethod method) implements Stage {}

        /** A response to a request of the server that we relay for. */
        record Relaying() implements Stage {}

        /** The server that we relay for has a response. */
        record Relayed() implements Stage {}
    }

    /** The first request, or what is to be done before it. */
    public static EapOutcome<EapServer> begin(Setup setup, Dice dice) {
        EapServer server = new EapServer(setup, setup.ikeIdentity, new Stage.Identity(), dice.random(1).u8(0), 0);
        return setup.asks ? server.ask(new Stage.Identity(), EapType.IDENTITY, Bytes.empty(), Optional.empty()) : server.identified(dice);
    }

    /** The peer's next packet. */
    public EapOutcome<EapServer> step(EapPacket packet, EapUsers users, Dice dice) {
        if (rounds == MOST_ROUNDS) {
            return fail("the conversation takes more than " + MOST_ROUNDS + " rounds", Optional.empty());
        }
        boolean response = packet instanceof EapPacket.Response || packet instanceof EapPacket.Nak;
        if (!response || packet.identifier() != identifier) {
            return fail("the peer sent " + packet + ", expected a response to request " + identifier, Optional.empty());
        }
        EapServer next = new EapServer(setup, identity, stage, identifier, rounds + 1);
        try {
            return next.heard(packet, users, dice);
        } catch (MalformedEap misshapen) {
            return fail(misshapen.why(), Optional.empty());
        }
    }

    private EapOutcome<EapServer> heard(EapPacket packet, EapUsers users, Dice dice) {
        return switch (stage) {
            case Stage.Identity() when packet instanceof EapPacket.Response(_, EapType type, Bytes data) && type.equals(EapType.IDENTITY) -> {
                if (data.length() > LONGEST_IDENTITY) {
                    yield fail("an identity of " + data.length() + " octets, expected at most " + LONGEST_IDENTITY, Optional.empty());
                }
                yield named(Texts.text(data)).identified(dice);
            }
            case Stage.Proposed(var method, var declined) when packet instanceof EapPacket.Nak nak -> declined(method.type(), declined, nak, dice);
            case Stage.Proposed(var method, _) when packet instanceof EapPacket.Response(_, EapType type, Bytes data) && type.equals(method.type()) ->
                judged(method, method.answered(data, users, dice));
            case Stage.Running(var method) when packet instanceof EapPacket.Response(_, EapType type, Bytes data) && type.equals(method.type()) ->
                judged(method, method.answered(data, users, dice));
            case Stage.Relaying() when users.barred(identity) -> fail(Texts.barred(identity), Optional.empty());
            case Stage.Relaying() -> new Waits<>(at(new Stage.Relayed()), new EapWork.Relay(packet, identity));
            case Stage.Identity(), Stage.Opening _, Stage.Proposed _, Stage.Running _, Stage.Computing _, Stage.Relayed() ->
                fail("the peer sent " + packet + " out of turn", Optional.empty());
        };
    }

    /** What came of the work that {@link Waits} asked for. */
    public EapOutcome<EapServer> resume(EapWork.Result result) {
        return switch (result) {
            case EapWork.Result.Said(Bytes data) -> switch (stage) {
                case Stage.Opening(EapType method, var declined) ->
                    ask(new Stage.Proposed(new ServerMethod.Outside(method), declined), method, data, Optional.empty());
                case Stage.Computing(var method) -> ask(new Stage.Running(method), method.type(), data, Optional.empty());
                case Stage.Identity(), Stage.Proposed _, Stage.Running _, Stage.Relaying(), Stage.Relayed() -> throw unasked(result);
            };
            case EapWork.Result.Relayed(EapPacket.Request request) when stage instanceof Stage.Relayed ->
                new Reply<>(new EapServer(setup, identity, new Stage.Relaying(), request.identifier(), rounds), request, Optional.empty());
            case EapWork.Result.Relayed _, EapWork.Result.LetIn _ -> throw unasked(result);
            case EapWork.Result.Proven(EapProof proof, _) -> new Success<>(
                    proof, Optional.of(new EapPacket.Success(identifier)), setup.relay ? Optional.of(new Shown(identity, true)) : Optional.empty());
            case EapWork.Result.Rejected(String reason) -> fail(reason, Optional.of(new Shown(identity, false)));
            case EapWork.Result.Refused(String reason) -> fail(reason, Optional.empty());
        };
    }

    private IllegalStateException unasked(EapWork.Result result) {
        return new IllegalStateException("nobody asked for " + result.getClass().getSimpleName() + " while " + stage.getClass().getSimpleName());
    }

    /** The conversation ends with the session: its keys are not needed. */
    public void wipe() {
        if (stage instanceof Stage.Running(var method)) {
            method.wipe();
        }
    }

    private EapServer named(String claimed) {
        return new EapServer(setup, claimed, stage, identifier, rounds);
    }

    private EapServer at(Stage next) {
        return new EapServer(setup, identity, next, identifier, rounds);
    }

    private EapOutcome<EapServer> identified(Dice dice) {
        if (setup.relay) {
            EapPacket identification = new EapPacket.Response(identifier, EapType.IDENTITY, Texts.utf8(identity));
            return new Waits<>(at(new Stage.Relayed()), new EapWork.Relay(identification, identity));
        }
        return setup.methods.isEmpty()
                ? fail("the policy names no EAP method", Optional.empty())
                : propose(setup.methods.getFirst(), Set.of(), dice);
    }

    private EapOutcome<EapServer> propose(EapType type, Set<EapType> declined, Dice dice) {
        int next = identifier + 1 & 0xff;
        Optional<ServerMethod.Opening> opening = Optional.empty();
        if (type.equals(EapType.MD5)) {
            opening = Optional.of(Md5.Server.open(identity, next, setup.name, dice));
        } else if (type.equals(EapType.GTC)) {
            opening = Optional.of(Gtc.Server.open(identity));
        } else if (type.equals(EapType.MSCHAPV2)) {
            opening = Optional.of(Mschapv2Server.open(next, setup.name, dice));
        }
        return opening.map(open -> ask(new Stage.Proposed(open.method(), declined), type, open.data(), Optional.empty()))
                .orElseGet(() -> new Waits<>(at(new Stage.Opening(type, declined)), new EapWork.BeginAsServer(type, identity)));
    }

    private EapOutcome<EapServer> declined(EapType proposed, Set<EapType> before, EapPacket.Nak nak, Dice dice) {
        Set<EapType> declined = new HashSet<>(before);
        declined.add(proposed);
        // The order of the policy counts: a peer may not choose a weaker method than both have.
        return setup.methods.stream()
                .filter(type -> nak.wanted().contains(type) && !declined.contains(type))
                .findFirst()
                .map(type -> propose(type, Set.copyOf(declined), dice))
                .orElseGet(() -> fail(
                        "the peer wants " + words(nak.wanted()) + " instead of " + proposed + ", the policy has " + words(setup.methods), Optional.empty()));
    }

    private static String words(List<EapType> types) {
        return types.isEmpty() ? "nothing" : types.stream().map(EapType::toString).collect(Collectors.joining(", "));
    }

    private EapOutcome<EapServer> judged(ServerMethod method, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Ask(ServerMethod next, Bytes data, var shown) -> ask(new Stage.Running(next), next.type(), data, shown);
            case Verdict.Welcome(String user, Optional<Secret> msk, var shown) -> new Success<>(
                    new EapProof(user, method.type(), msk, EapGrant.NONE), Optional.of(new EapPacket.Success(identifier)), shown);
            case Verdict.Refused(String reason, var shown) -> fail(reason, shown);
            case Verdict.Waits(EapWork work) -> new Waits<>(at(new Stage.Computing(method)), work);
        };
    }

    private EapOutcome<EapServer> ask(Stage next, EapType type, Bytes data, Optional<Shown> shown) {
        int following = identifier + 1 & 0xff;
        return new Reply<>(new EapServer(setup, identity, next, following, rounds), new EapPacket.Request(following, type, data), shown);
    }

    private EapOutcome<EapServer> fail(String reason, Optional<Shown> shown) {
        wipe();
        return new Failure<>(reason, Optional.of(new EapPacket.Failure(identifier)), shown);
    }
}
