package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapOutcome.Shown;

/** A method at the gateway, between a request and the response to it. */
sealed interface ServerMethod permits Gtc.Server, Md5.Server, Mschapv2Server, ServerMethod.Outside {
    EapType type();

    /** @throws MalformedEap if {@code data} is not of this method */
    Verdict answered(Bytes data, EapUsers users, Dice dice);

    /** Nobody will need its keys. */
    default void wipe() {}

    /** What a response means. */
    sealed interface Verdict {
        record Ask(ServerMethod next, Bytes data, Optional<Shown> shown) implements Verdict {}

        record Welcome(String identity, Optional<Secret> msk, Optional<Shown> shown) implements Verdict {}

        record Refused(String reason, Optional<Shown> shown) implements Verdict {}

        record Waits(EapWork work) implements Verdict {}

        /** Of a method that makes no key: {@code user} has shown a password. */
        static Verdict onPassword(String user, boolean right) {
            return right
                    ? new Welcome(user, Optional.empty(), Optional.of(new Shown(user, true)))
                    : new Refused(Texts.wrong(user), Optional.of(new Shown(user, false)));
        }
    }

    /** @param data of the first request */
    record Opening(ServerMethod method, Bytes data) {}

    /** Somebody else remembers where this method is. */
    record Outside(EapType type) implements ServerMethod {
        @Override
        public Verdict answered(Bytes data, EapUsers users, Dice dice) {
            return new Verdict.Waits(new EapWork.Next(data));
        }
    }
}
