package org.xfrmagent.agent.eap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.MsChap;

/** The gateway and the user with a password between them. */
class PasswordMethodsTest {
    private static final EapUsers KNOWN = Conversation.users(Map.of("carol", "Ar3etTnp", "dave", "W7R0g3do"));
    private static final EapPeer.Setup CAROL = new EapPeer.Setup("carol", EapPeer.PASSWORD_METHODS);

    @Test
    void mschapv2GivesBothTheSameKey() {
        Conversation talk = talk().run(gateway(EapType.MSCHAPV2), CAROL);

        assertThat(talk.said()).containsExactly(
                "<-- EAP-IDENTITY", "--> EAP-IDENTITY", "<-- EAP-MSCHAPV2", "--> EAP-MSCHAPV2", "<-- EAP-MSCHAPV2", "--> EAP-MSCHAPV2", "<-- Success");
        assertThat(talk.welcomed().identity()).isEqualTo("carol");
        assertThat(talk.welcomed().msk()).isPresent().isEqualTo(talk.believed().msk());
        assertThat(talk.welcomed().msk().orElseThrow().length()).isEqualTo(EapProof.MSK_OCTETS);
        assertThat(talk.shown()).containsExactly(new EapOutcome.Shown("carol", true));
    }

    @Test
    void md5AndGtcGiveNoKey() {
        for (EapType type : List.of(EapType.MD5, EapType.GTC)) {
            Conversation talk = talk().run(gateway(type), CAROL);
            assertThat(talk.said()).containsExactly("<-- EAP-IDENTITY", "--> EAP-IDENTITY", "<-- " + type, "--> " + type, "<-- Success");
            assertThat(talk.welcomed()).isEqualTo(new EapProof("carol", type, Optional.empty(), EapGrant.NONE));
            assertThat(talk.believed().msk()).isEmpty();
        }
    }

    @Test
    void whoIkeSaysIsNotAskedAgain() {
        Conversation talk = talk().run(new EapServer.Setup(List.of(EapType.MD5), false, false, "carol", "moon"), CAROL);
        assertThat(talk.said()).containsExactly("<-- EAP-MD5", "--> EAP-MD5", "<-- Success");
        assertThat(talk.welcomed().identity()).isEqualTo("carol");
    }

    @Test
    void aWrongPasswordIsRefusedByEach() {
        for (EapType type : List.of(EapType.MD5, EapType.GTC, EapType.MSCHAPV2)) {
            Conversation talk = new Conversation(KNOWN, Conversation.users(Map.of("carol", "wrong"))).run(gateway(type), CAROL);
            assertThat(talk.shown()).containsExactly(new EapOutcome.Shown("carol", false));
            assertThat(talk.refusal()).contains("wrong");
        }
    }

    /** The user is known to itself only. */
    @Test
    void anUnknownUserIsRefusedLikeAWrongPassword() {
        for (EapType type : List.of(EapType.MD5, EapType.GTC, EapType.MSCHAPV2)) {
            Conversation talk = new Conversation(EapUsers.NOBODY, KNOWN).run(gateway(type), CAROL);
            assertThat(talk.shown()).containsExactly(new EapOutcome.Shown("carol", false));
        }
    }

    @Test
    void thePasswordOfABarredUserIsNotLookedAt() {
        EapUsers barring = new EapUsers() {
            @Override
            public Optional<Secret> password(String user) {
                throw new AssertionError("looked at");
            }

            @Override
            public boolean barred(String user) {
                return user.equals("carol");
            }
        };
        for (EapType type : List.of(EapType.MD5, EapType.GTC, EapType.MSCHAPV2)) {
            Conversation talk = new Conversation(barring, KNOWN).run(gateway(type), CAROL);
            assertThat(talk.shown()).isEmpty();
            assertThat(talk.refusal()).contains("is not looked at after so many wrong ones");
        }
    }

    /** R5: a server that skips the proof of itself is not believed. */
    @Test
    void successBeforeTheMethodIsThroughIsNotBelieved() {
        for (EapType type : List.of(EapType.MD5, EapType.GTC, EapType.MSCHAPV2)) {
            Conversation talk = talk()
                    .through(packet -> packet instanceof EapPacket.Request(int identifier, EapType asked, _) && asked.equals(type)
                            ? new EapPacket.Success(identifier)
                            : packet)
                    .run(gateway(type), CAROL);
            assertThat(talk.disappointment()).contains("says EAP-Success before");
        }
    }

    @Test
    void anMschapv2ServerThatDoesNotKnowThePasswordIsNotBelieved() {
        int[] requests = {0};
        Conversation talk = talk()
                .through(packet -> packet instanceof EapPacket.Request(int identifier, EapType asked, _) && asked.equals(EapType.MSCHAPV2) && requests[0]++ == 1
                        ? new EapPacket.Request(identifier, asked, new Mschapv2.Success(1, Bytes.of(new byte[20])).encode())
                        : packet)
                .run(gateway(EapType.MSCHAPV2), CAROL);
        assertThat(talk.disappointment()).isEqualTo("the server does not know the password of user 'carol'");
    }

    /** The peer may say that it is another user: the password decides. */
    @Test
    void theUserOfMschapv2IsTheOneWhosePasswordItWas() {
        Conversation talk = talk()
                .through(packet -> packet instanceof EapPacket.Response(int identifier, EapType type, _) && type.equals(EapType.IDENTITY)
                        ? new EapPacket.Response(identifier, type, Texts.utf8("dave"))
                        : packet)
                .run(gateway(EapType.MSCHAPV2), CAROL);
        assertThat(talk.welcomed().identity()).isEqualTo("carol");
    }

    /** RFC 2759, section 8.2: the domain before the backslash is not hashed. */
    @Test
    void aDomainBeforeTheUserIsTakenOff() {
        Conversation talk = new Conversation(KNOWN, Conversation.users(Map.of("HOME\\carol", "Ar3etTnp")))
                .run(gateway(EapType.MSCHAPV2), new EapPeer.Setup("HOME\\carol", EapPeer.PASSWORD_METHODS));
        assertThat(talk.welcomed().identity()).isEqualTo("HOME\\carol");
    }

    /**
     * A user who types again, as Windows lets it: wrong, wrong, right.
     *
     * <pre>
     *   &lt;--  Challenge             Response      --&gt;
     *   &lt;--  Failure(R=1, C)       Response      --&gt;      twice
     *   &lt;--  Success(S)            Success heard --&gt;
     * </pre>
     */
    @Test
    void anMschapv2UserMayTypeThreeTimes() {
        assertThat(typed("wrong", "Wrong", "Ar3etTnp")).containsExactly("R=1", "R=1", "S=");
        assertThat(typed("Ar3etTnp")).containsExactly("S=");
        assertThat(typed("one", "two", "three")).containsExactly("R=1", "R=1", "R=0");
    }

    private static List<String> typed(String... passwords) {
        Dice dice = Conversation.dice(7);
        var opened = (EapOutcome.Reply<EapServer>) EapServer.begin(new EapServer.Setup(List.of(EapType.MSCHAPV2), false, false, "carol", "moon"), dice);
        Mschapv2 challenge = Mschapv2.ofServer(((EapPacket.Request) opened.packet()).data());
        int id = ((Mschapv2.Challenge) challenge).id();
        Bytes fresh = ((Mschapv2.Challenge) challenge).challenge();
        EapOutcome.Reply<EapServer> last = opened;
        List<String> answers = new ArrayList<>();
        for (String password : passwords) {
            Secret hash = MsChap.ntHash(Secret.take(password.getBytes(StandardCharsets.UTF_8)));
            Bytes own = dice.random(16);
            Mschapv2 response = new Mschapv2.Response(id, own, MsChap.ntResponse(hash, fresh, own, Texts.utf8("carol")), "carol");
            last = (EapOutcome.Reply<EapServer>) last.next()
                    .step(new EapPacket.Response(last.packet().identifier(), EapType.MSCHAPV2, response.encode()), KNOWN, dice);
            switch (Mschapv2.ofServer(((EapPacket.Request) last.packet()).data())) {
                case Mschapv2.Failure(_, _, boolean retry, var next) -> {
                    answers.add("R=" + (retry ? 1 : 0));
                    id++;
                    fresh = next.orElse(fresh);
                }
                case Mschapv2.Success _ -> answers.add("S=");
                case Mschapv2 other -> answers.add(other.toString());
            }
        }
        return answers;
    }

    private static Conversation talk() {
        return new Conversation(KNOWN, KNOWN);
    }

    private static EapServer.Setup gateway(EapType... methods) {
        return new EapServer.Setup(List.of(methods), false, true, "192.0.2.7", "moon");
    }
}
