package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * Generic Token Card (RFC 3748, section 5.6): the password itself, which IKE hides from all but the gateway. It makes no key.
 *
 * <pre>
 *   &lt;--  Request(a question)
 *        Response(the password)  --&gt;
 * </pre>
 */
final class Gtc {
    /** In octets; a longer one is nobody's. */
    private static final int LONGEST = 256;

    private Gtc() {}

    record Server(String user) implements ServerMethod {
        static ServerMethod.Opening open(String user) {
            return new ServerMethod.Opening(new Server(user), Texts.utf8("password"));
        }

        @Override
        public EapType type() {
            return EapType.GTC;
        }

        @Override
        public Verdict answered(Bytes data, EapUsers users, Dice dice) {
            if (data.isEmpty() || data.length() > LONGEST) {
                throw new MalformedEap("an EAP-GTC password of " + data.length() + " octets, expected 1 to " + LONGEST);
            }
            if (users.barred(user)) {
                return new Verdict.Refused(Texts.barred(user), Optional.empty());
            }
            Secret shown = Secret.copyOf(data);
            boolean right = users.password(user).filter(shown::equals).isPresent();
            shown.wipe();
            return Verdict.onPassword(user, right);
        }
    }

    /** @param answered a question, so that the server may believe us */
    record Peer(boolean answered) implements PeerMethod {
        @Override
        public EapType type() {
            return EapType.GTC;
        }

        @Override
        public Turn asked(int identifier, Bytes data, String user, EapUsers users, Dice dice) {
            return users.password(user)
                    .<Turn>map(password -> new Turn.Answer(new Peer(true), password.with(Bytes::of)))
                    .orElseGet(() -> new Turn.GiveUp(Texts.unknown(user)));
        }

        @Override
        public Optional<PeerMethod.Shown> shown() {
            return answered ? Optional.of(new PeerMethod.Shown(Optional.empty())) : Optional.empty();
        }
    }
}
