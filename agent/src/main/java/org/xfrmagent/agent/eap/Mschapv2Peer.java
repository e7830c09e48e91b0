package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.MsChap;

/** EAP-MSCHAPV2 as the user; the gateway's side is drawn at {@link Mschapv2Server}. */
record Mschapv2Peer(Stage stage) implements PeerMethod {
    /** Where it is. */
    sealed interface Stage {
        record Fresh() implements Stage {}

        /** @param expected what a server that knows the password answers with */
        record Answered(Bytes expected, Secret msk) implements Stage {}

        /** The server knows the password. */
        record Believing(Secret msk) implements Stage {}

        record Refused(String reason) implements Stage {}
    }

    static final Mschapv2Peer FRESH = new Mschapv2Peer(new Stage.Fresh());

    @Override
    public EapType type() {
        return EapType.MSCHAPV2;
    }

    @Override
    public Optional<Shown> shown() {
        return stage instanceof Stage.Believing(Secret msk) ? Optional.of(new Shown(Optional.of(msk))) : Optional.empty();
    }

    @Override
    public Optional<String> complaint() {
        return stage instanceof Stage.Refused(String reason) ? Optional.of(reason) : Optional.empty();
    }

    @Override
    public void wipe() {
        switch (stage) {
            case Stage.Answered(_, Secret msk) -> msk.wipe();
            case Stage.Believing(Secret msk) -> msk.wipe();
            case Stage.Fresh(), Stage.Refused _ -> {}
        }
    }

    @Override
    public Turn asked(int identifier, Bytes data, String user, EapUsers users, Dice dice) {
        Mschapv2 message = Mschapv2.ofServer(data);
        return switch (stage) {
            case Stage.Fresh() when message instanceof Mschapv2.Challenge(int id, Bytes challenge, _) -> users.ntHash(user)
                    .map(hash -> answer(id, challenge, user, hash, dice))
                    .orElseGet(() -> new Turn.GiveUp(Texts.unknown(user)));
            case Stage.Answered(Bytes expected, Secret msk) when message instanceof Mschapv2.Success(_, Bytes shown) ->
                Hashes.equalInConstantTime(expected, shown)
                        ? new Turn.Answer(new Mschapv2Peer(new Stage.Believing(msk)), new Mschapv2.SuccessHeard().encode())
                        : new Turn.GiveUp("the server does not know the password of user '" + Texts.printable(user) + "'");
            case Stage.Answered(_, Secret msk) when message instanceof Mschapv2.Failure failure -> {
                msk.wipe();
                String reason = "the server refuses user '" + Texts.printable(user) + "': " + Mschapv2.meaning(failure.error());
                yield new Turn.Answer(new Mschapv2Peer(new Stage.Refused(reason)), new Mschapv2.FailureHeard().encode());
            }
            case Stage.Fresh(), Stage.Answered _, Stage.Believing _, Stage.Refused _ ->
                throw new MalformedEap("an MSCHAPv2 message out of turn: " + message.getClass().getSimpleName());
        };
    }

    private static Turn answer(int id, Bytes challenge, String name, Secret hash, Dice dice) {
        Bytes user = Texts.utf8(Mschapv2.withoutDomain(name));
        Bytes own = dice.random(MsChap.CHALLENGE_OCTETS);
        Bytes response = MsChap.ntResponse(hash, challenge, own, user);
        Stage answered = new Stage.Answered(MsChap.authenticatorResponse(hash, response, challenge, own, user), MsChap.msk(hash, response));
        hash.wipe();
        return new Turn.Answer(new Mschapv2Peer(answered), new Mschapv2.Response(id, own, response, name).encode());
    }
}
