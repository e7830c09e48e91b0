package org.xfrmagent.agent.eap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** Which method it is (RFC 3748, section 5.3), and what ends a conversation. */
class NegotiationTest {
    private static final EapUsers KNOWN = Conversation.users(Map.of("carol", "Ar3etTnp"));
    private static final EapType UNKNOWN = new EapType(311, 99);
    private static final Dice DICE = Conversation.dice(3);

    @Test
    void thePeersNakChoosesAmongWhatThePolicyHas() {
        Conversation talk = talk().run(gateway(EapType.MSCHAPV2, EapType.GTC, EapType.MD5), new EapPeer.Setup("carol", List.of(EapType.MD5)));
        assertThat(talk.said()).containsExactly(
                "<-- EAP-IDENTITY", "--> EAP-IDENTITY", "<-- EAP-MSCHAPV2", "--> Nak [EAP-MD5]", "<-- EAP-MD5", "--> EAP-MD5", "<-- Success");
    }

    @Test
    void ofSeveralThatThePeerWantsThePolicysFirstIsTaken() {
        Conversation talk = talk().run(gateway(EapType.MSCHAPV2, EapType.GTC, EapType.MD5), new EapPeer.Setup("carol", List.of(EapType.MD5, EapType.GTC)));
        assertThat(talk.said()).contains("--> Nak [EAP-MD5, EAP-GTC]", "<-- EAP-GTC", "<-- Success");
    }

    @Test
    void nothingInCommonIsAFailure() {
        Conversation talk = talk().run(gateway(EapType.MSCHAPV2), new EapPeer.Setup("carol", List.of(EapType.MD5)));
        assertThat(talk.refusal()).isEqualTo("the peer wants EAP-MD5 instead of EAP-MSCHAPV2, the policy has EAP-MSCHAPV2");
        assertThat(talk.disappointment()).startsWith("the server refuses user 'carol' before any method");
    }

    @Test
    void aPeerThatDeclinesEverythingIsNotAskedForEver() {
        EapOutcome<EapServer> outcome = EapServer.begin(unasked(EapType.MSCHAPV2, EapType.MD5), DICE);
        for (int round = 0; round < 2; round++) {
            var reply = (EapOutcome.Reply<EapServer>) outcome;
            outcome = reply.next().step(new EapPacket.Nak(reply.packet().identifier(), false, List.of(EapType.MD5, EapType.MSCHAPV2)), KNOWN, DICE);
        }
        assertThat(outcome).isInstanceOf(EapOutcome.Failure.class);
    }

    /** RFC 3748, section 5.3.1: a Nak is the answer to the first request of a type only. */
    @Test
    void aNakInTheMiddleOfAMethodEndsIt() {
        var first = (EapOutcome.Reply<EapServer>) EapServer.begin(unasked(EapType.MSCHAPV2, EapType.MD5), DICE);
        Bytes wrong = new Mschapv2.Response(first.packet().identifier(), Bytes.of(new byte[16]), Bytes.of(new byte[24]), "carol").encode();
        var second = (EapOutcome.Reply<EapServer>) first.next()
                .step(new EapPacket.Response(first.packet().identifier(), EapType.MSCHAPV2, wrong), KNOWN, DICE);
        assertThat(second.next().step(new EapPacket.Nak(second.packet().identifier(), false, List.of(EapType.MD5)), KNOWN, DICE))
                .isInstanceOf(EapOutcome.Failure.class);
    }

    @Test
    void whatIsNoAnswerToTheRequestEndsIt() {
        var asked = (EapOutcome.Reply<EapServer>) EapServer.begin(unasked(EapType.MD5), DICE);
        int identifier = asked.packet().identifier();
        for (EapPacket wrong : List.of(
                new EapPacket.Response(identifier + 1 & 0xff, EapType.MD5, Bytes.of(new byte[17])),
                new EapPacket.Response(identifier, EapType.GTC, Bytes.of(new byte[17])),
                new EapPacket.Response(identifier, EapType.IDENTITY, Bytes.empty()),
                new EapPacket.Response(identifier, EapType.MD5, Bytes.hex("11")),
                new EapPacket.Request(identifier, EapType.MD5, Bytes.empty()),
                new EapPacket.Success(identifier))) {
            var failed = (EapOutcome.Failure<EapServer>) asked.next().step(wrong, KNOWN, DICE);
            assertThat(failed.packet()).as("%s", wrong).contains(new EapPacket.Failure(identifier));
        }
    }

    @Test
    void anIdentityHas253OctetsAtMost() {
        var asked = (EapOutcome.Reply<EapServer>) EapServer.begin(gateway(EapType.MD5), DICE);
        int identifier = asked.packet().identifier();
        assertThat(asked.next().step(new EapPacket.Response(identifier, EapType.IDENTITY, Bytes.of(new byte[253])), KNOWN, DICE))
                .isInstanceOf(EapOutcome.Reply.class);
        assertThat(asked.next().step(new EapPacket.Response(identifier, EapType.IDENTITY, Bytes.of(new byte[254])), KNOWN, DICE))
                .isInstanceOf(EapOutcome.Failure.class);
    }

    @Test
    void aNotificationIsAnsweredAndChangesNothing() {
        EapPeer peer = EapPeer.begin(new EapPeer.Setup("carol", EapPeer.PASSWORD_METHODS));
        var answered = (EapOutcome.Reply<EapPeer>) peer.step(new EapPacket.Request(9, EapType.NOTIFICATION, Texts.utf8("hello")), KNOWN, DICE);
        assertThat(answered.packet()).isEqualTo(new EapPacket.Response(9, EapType.NOTIFICATION, Bytes.empty()));
        assertThat(answered.next().stage()).isEqualTo(peer.stage());
    }

    @Test
    void aServerCannotKeepAPeerForEver() {
        EapPeer peer = EapPeer.begin(new EapPeer.Setup("carol", EapPeer.PASSWORD_METHODS));
        for (int round = 0; round < EapServer.MOST_ROUNDS; round++) {
            peer = ((EapOutcome.Reply<EapPeer>) peer.step(new EapPacket.Request(round & 0xff, EapType.IDENTITY, Bytes.empty()), KNOWN, DICE)).next();
        }
        assertThat(peer.step(new EapPacket.Request(1, EapType.IDENTITY, Bytes.empty()), KNOWN, DICE)).isInstanceOf(EapOutcome.Failure.class);
    }

    @Test
    void aVendorsMethodIsDeclinedInTheVendorsForm() {
        EapPeer peer = EapPeer.begin(new EapPeer.Setup("carol", List.of(EapType.MD5)));
        var declined = (EapOutcome.Reply<EapPeer>) peer.step(new EapPacket.Request(1, UNKNOWN, Bytes.empty()), KNOWN, DICE);
        assertThat(declined.packet()).isEqualTo(new EapPacket.Nak(1, true, List.of(EapType.MD5)));
    }

    /** What is computed elsewhere: the same conversation, with a wait in it. */
    @Test
    void aMethodOfTheOutsideGetsTheDataAndGivesTheKey() {
        var begun = (EapOutcome.Waits<EapServer>) EapServer.begin(unasked(EapType.TLS), DICE);
        assertThat(begun.work()).isEqualTo(new EapWork.BeginAsServer(EapType.TLS, "carol"));
        var first = (EapOutcome.Reply<EapServer>) begun.next().resume(new EapWork.Result.Said(Bytes.hex("20")));
        var peer = (EapOutcome.Waits<EapPeer>) EapPeer.begin(new EapPeer.Setup("carol", List.of(EapType.TLS))).step(first.packet(), KNOWN, DICE);
        assertThat(peer.work()).isEqualTo(new EapWork.BeginAsPeer(EapType.TLS, "carol", Bytes.hex("20")));
        EapProof proof = new EapProof("C=CH, CN=carol", EapType.TLS, Optional.empty(), EapGrant.NONE);
        var answer = (EapOutcome.Reply<EapPeer>) peer.next().resume(new EapWork.Result.Proven(proof, Optional.of(Bytes.hex("00"))));
        var second = (EapOutcome.Waits<EapServer>) first.next().step(answer.packet(), KNOWN, DICE);
        assertThat(second.work()).isEqualTo(new EapWork.Next(Bytes.hex("00")));
        var let = (EapOutcome.Success<EapServer>) second.next().resume(new EapWork.Result.Proven(proof, Optional.empty()));
        assertThat(let.proof()).isEqualTo(proof);
        assertThat(answer.next().step(let.packet().orElseThrow(), KNOWN, DICE)).isInstanceOf(EapOutcome.Success.class);
    }

    /** Somebody else's methods: the identity goes there first. */
    @Test
    void aRelayPassesOnWhatBothSay() {
        var begun = (EapOutcome.Waits<EapServer>) EapServer.begin(new EapServer.Setup(List.of(), true, false, "carol", "moon"), DICE);
        var relay = (EapWork.Relay) begun.work();
        assertThat(relay.response()).isInstanceOfSatisfying(EapPacket.Response.class, response -> assertThat(response.data()).isEqualTo(Texts.utf8("carol")));
        EapPacket.Request challenge = new EapPacket.Request(77, EapType.MD5, Bytes.hex("0101"));
        var reply = (EapOutcome.Reply<EapServer>) begun.next().resume(new EapWork.Result.Relayed(challenge));
        assertThat(reply.packet()).isEqualTo(challenge);
        EapPacket response = new EapPacket.Response(77, EapType.MD5, Bytes.hex("0102"));
        var second = (EapOutcome.Waits<EapServer>) reply.next().step(response, KNOWN, DICE);
        assertThat(second.work()).isEqualTo(new EapWork.Relay(response, "carol"));
        assertThat(second.next().resume(new EapWork.Result.Refused("the server says no")))
                .isEqualTo(new EapOutcome.Failure<EapServer>("the server says no", Optional.of(new EapPacket.Failure(77)), Optional.empty()));
    }

    /** Who guesses at passwords that are elsewhere is barred like any other; a server that is silent bars nobody. */
    @Test
    void whoeverJudgesElsewhereIsNotAskedAboutABarredUser() {
        var begun = (EapOutcome.Waits<EapServer>) EapServer.begin(new EapServer.Setup(List.of(), true, false, "carol", "moon"), DICE);
        var reply = (EapOutcome.Reply<EapServer>) begun.next().resume(new EapWork.Result.Relayed(new EapPacket.Request(77, EapType.MD5, Bytes.hex("0101"))));
        EapPacket response = new EapPacket.Response(77, EapType.MD5, Bytes.hex("0102"));
        EapUsers barring = new EapUsers() {
            @Override
            public Optional<Secret> password(String user) {
                return Optional.empty();
            }

            @Override
            public boolean barred(String user) {
                return user.equals("carol");
            }
        };
        assertThat(reply.next().step(response, barring, DICE)).isInstanceOf(EapOutcome.Failure.class);
        var asked = (EapOutcome.Waits<EapServer>) reply.next().step(response, KNOWN, DICE);
        var rejected = (EapOutcome.Failure<EapServer>) asked.next().resume(new EapWork.Result.Rejected("no"));
        assertThat(rejected.shown()).contains(new EapOutcome.Shown("carol", false));
        var silent = (EapOutcome.Failure<EapServer>) asked.next().resume(new EapWork.Result.Refused("nobody answers"));
        assertThat(silent.shown()).isEmpty();
    }

    private static Conversation talk() {
        return new Conversation(KNOWN, KNOWN);
    }

    private static EapServer.Setup gateway(EapType... methods) {
        return new EapServer.Setup(List.of(methods), false, true, "192.0.2.7", "moon");
    }

    private static EapServer.Setup unasked(EapType... methods) {
        return new EapServer.Setup(List.of(methods), false, false, "carol", "moon");
    }
}
