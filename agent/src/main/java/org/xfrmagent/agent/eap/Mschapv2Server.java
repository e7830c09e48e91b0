package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.MsChap;
import org.xfrmagent.agent.eap.EapOutcome.Shown;

/**
 * EAP-MSCHAPV2 as the gateway. The user is the one of the response, whatever was said in EAP-Identity.
 *
 * <pre>
 *   &lt;--  Challenge                Response        --&gt;
 *   &lt;--  Failure(R=1, C)          Response        --&gt;      for {@link #TRIES} passwords in all
 *   &lt;--  Success(S)               Success heard   --&gt;
 *   &lt;--  Failure(R=0)             Failure heard   --&gt;
 * </pre>
 *
 * @param id of the challenge
 */
record Mschapv2Server(int id, Bytes challenge, int wrong, Stage stage) implements ServerMethod {
    /** Passwords that a user may show in one conversation. */
    static final int TRIES = 3;

    /** Where it is. */
    sealed interface Stage {
        record Challenged() implements Stage {}

        /** The password was right; the user has to believe us. */
        record Succeeding(String user, Secret msk) implements Stage {}

        /** The user hears that nobody is let in. */
        record Failing(String reason) implements Stage {}
    }

    static Opening open(int identifier, String name, Dice dice) {
        Bytes challenge = dice.random(MsChap.CHALLENGE_OCTETS);
        return new Opening(
                new Mschapv2Server(identifier, challenge, 0, new Stage.Challenged()), new Mschapv2.Challenge(identifier, challenge, name).encode());
    }

    @Override
    public EapType type() {
        return EapType.MSCHAPV2;
    }

    @Override
    public void wipe() {
        if (stage instanceof Stage.Succeeding(_, Secret msk)) {
            msk.wipe();
        }
    }

    @Override
    public Verdict answered(Bytes data, EapUsers users, Dice dice) {
        Mschapv2 message = Mschapv2.ofPeer(data);
        return switch (stage) {
            case Stage.Challenged() when message instanceof Mschapv2.Response response -> judge(response, users, dice);
            case Stage.Challenged() when message instanceof Mschapv2.FailureHeard && wrong > 0 ->
                new Verdict.Refused("the user gave up after " + wrong + " wrong passwords", Optional.empty());
            case Stage.Succeeding(String user, Secret msk) when message instanceof Mschapv2.SuccessHeard ->
                new Verdict.Welcome(user, Optional.of(msk), Optional.empty());
            case Stage.Succeeding(String user, Secret msk) when message instanceof Mschapv2.FailureHeard -> {
                msk.wipe();
                yield new Verdict.Refused("user '" + Texts.printable(user) + "' does not believe that we know the password", Optional.empty());
            }
            case Stage.Failing(String reason) when message instanceof Mschapv2.FailureHeard -> new Verdict.Refused(reason, Optional.empty());
            case Stage.Challenged(), Stage.Succeeding _, Stage.Failing _ ->
                throw new MalformedEap("an MSCHAPv2 message out of turn: " + message.getClass().getSimpleName());
        };
    }

    private Verdict judge(Mschapv2.Response response, EapUsers users, Dice dice) {
        if (response.id() != id) {
            throw new MalformedEap("an MSCHAPv2 response to challenge " + response.id() + ", expected " + id);
        }
        String name = response.name();
        if (users.barred(name)) {
            return refuse(Texts.barred(name), Optional.empty());
        }
        Bytes user = Texts.utf8(Mschapv2.withoutDomain(name));
        Optional<Secret> known = users.ntHash(name).or(() -> users.ntHash(Mschapv2.withoutDomain(name)));
        // For a user that is unknown the same is computed: so the time does not tell which users there are.
        Secret hash = known.orElseGet(() -> Secret.copyOf(dice.random(MsChap.HASH_OCTETS)));
        try {
            Bytes expected = MsChap.ntResponse(hash, challenge, response.peerChallenge(), user);
            if (Hashes.equalInConstantTime(expected, response.ntResponse()) && known.isPresent()) {
                Bytes authenticator = MsChap.authenticatorResponse(hash, response.ntResponse(), challenge, response.peerChallenge(), user);
                Stage succeeding = new Stage.Succeeding(name, MsChap.msk(hash, response.ntResponse()));
                return new Verdict.Ask(
                        new Mschapv2Server(id, challenge, wrong, succeeding), new Mschapv2.Success(id, authenticator).encode(),
                        Optional.of(new Shown(name, true)));
            }
        } finally {
            hash.wipe();
        }
        Optional<Shown> shown = Optional.of(new Shown(name, false));
        return wrong + 1 < TRIES ? again(shown, dice) : refuse(Texts.wrong(name), shown);
    }

    private Verdict again(Optional<Shown> shown, Dice dice) {
        Bytes fresh = dice.random(MsChap.CHALLENGE_OCTETS);
        Mschapv2 failure = new Mschapv2.Failure(id, Mschapv2.AUTHENTICATION_FAILURE, true, Optional.of(fresh));
        return new Verdict.Ask(new Mschapv2Server(id + 1 & 0xff, fresh, wrong + 1, new Stage.Challenged()), failure.encode(), shown);
    }

    private Verdict refuse(String reason, Optional<Shown> shown) {
        Mschapv2 failure = new Mschapv2.Failure(id, Mschapv2.AUTHENTICATION_FAILURE, false, Optional.empty());
        return new Verdict.Ask(new Mschapv2Server(id, challenge, wrong + 1, new Stage.Failing(reason)), failure.encode(), shown);
    }
}
