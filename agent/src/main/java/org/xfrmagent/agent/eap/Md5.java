package org.xfrmagent.agent.eap;

import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;

/**
 * MD5-Challenge (RFC 3748, section 5.4, with the value of RFC 1994, section 4.1). It makes no key and does not show who the server is.
 *
 * <pre>
 *   &lt;--  Request(value size, challenge, name)
 *        Response(16, MD5(identifier | password | challenge), name)  --&gt;
 * </pre>
 */
final class Md5 {
    private static final int CHALLENGE_OCTETS = 16;
    private static final int DIGEST_OCTETS = 16;

    private Md5() {}

    /** @param identifier of the request that carries {@code challenge} */
    record Server(String user, int identifier, Bytes challenge) implements ServerMethod {
        static ServerMethod.Opening open(String user, int identifier, String name, Dice dice) {
            Bytes challenge = dice.random(CHALLENGE_OCTETS);
            return new ServerMethod.Opening(new Server(user, identifier, challenge), value(challenge, name));
        }

        @Override
        public EapType type() {
            return EapType.MD5;
        }

        @Override
        public Verdict answered(Bytes data, EapUsers users, Dice dice) {
            Bytes shown = read(data, DIGEST_OCTETS, DIGEST_OCTETS);
            if (users.barred(user)) {
                return new Verdict.Refused(Texts.barred(user), Optional.empty());
            }
            boolean right = users.password(user).filter(password -> Hashes.equalInConstantTime(digest(identifier, password, challenge), shown)).isPresent();
            return Verdict.onPassword(user, right);
        }
    }

    /** @param answered a challenge, so that the server may believe us */
    record Peer(boolean answered) implements PeerMethod {
        @Override
        public EapType type() {
            return EapType.MD5;
        }

        @Override
        public Turn asked(int identifier, Bytes data, String user, EapUsers users, Dice dice) {
            Bytes challenge = read(data, 1, 0xff);
            return users.password(user)
                    .<Turn>map(password -> new Turn.Answer(new Peer(true), value(digest(identifier, password, challenge), "")))
                    .orElseGet(() -> new Turn.GiveUp(Texts.unknown(user)));
        }

        @Override
        public Optional<PeerMethod.Shown> shown() {
            return answered ? Optional.of(new PeerMethod.Shown(Optional.empty())) : Optional.empty();
        }
    }

    private static Bytes digest(int identifier, Secret password, Bytes challenge) {
        return Hashes.md5(Bytes.of((byte) identifier), password, challenge);
    }

    private static Bytes value(Bytes value, String name) {
        Bytes text = Texts.utf8(name);
        return new ByteWriter(1 + value.length() + text.length()).u8(value.length()).bytes(value).bytes(text).toBytes();
    }

    private static Bytes read(Bytes data, int min, int max) {
        ByteReader in = data.reader();
        int size = in.atEnd() ? 0 : in.u8();
        if (size < min || size > max || size > in.remaining()) {
            throw new MalformedEap("an EAP-MD5 value of " + size + " octets, " + in.remaining() + " follow, expected "
                    + (min == max ? Integer.toString(min) : min + " to " + max));
        }
        return in.bytes(size);
    }
}
