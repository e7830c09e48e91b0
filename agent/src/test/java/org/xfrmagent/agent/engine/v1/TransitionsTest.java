package org.xfrmagent.agent.engine.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.OakleyAttribute;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.TransformPayload;
import org.xfrmagent.policies.algorithm.ProposalParser;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TrafficSelector;

/** The table of what may happen, and what is chosen of an offer: the rules of security.md that concern them. */
class TransitionsTest {
    /** R5: nothing of phase 2 before phase 1 is done, but that the responder does not believe us; and nothing of phase 1 after it. */
    @Test
    void phase2BeginsWithAuthentication() {
        for (Transitions.Row row : Transitions.TABLE) {
            boolean phase2 = row.exchange() != IsakmpExchange.IDENTITY_PROTECTION && row.exchange() != IsakmpExchange.AGGRESSIVE;
            boolean refusal = row.phase() == PhaseV1.Identifying.class && row.exchange() == IsakmpExchange.INFORMATIONAL;
            assertThat(row.phase() == PhaseV1.Up.class || isUnproven(row) || refusal).as(row.story()).isEqualTo(phase2);
        }
    }

    /** R18: every message of phase 2 is encrypted and has a HASH; so has the one that authenticates. */
    @Test
    void everyMessageOfPhase2HasAHash() {
        assertThat(Transitions.TABLE).filteredOn(row -> row.phase() == PhaseV1.Up.class || isUnproven(row)).allSatisfy(row -> {
            assertThat(row.encrypted()).as(row.story()).isTrue();
            assertThat(row.required()).as(row.story()).contains(PayloadType.HASH);
        });
        assertThat(Transitions.TABLE).filteredOn(row -> row.required().contains(PayloadType.ID)).hasSize(3).allSatisfy(
                row -> assertThat(row.either()).containsExactlyInAnyOrder(PayloadType.HASH, PayloadType.SIGNATURE));
    }

    /** R5: a user who has shown no password, and a gateway that has given no address, may answer, or go away. */
    @Test
    void beforeTheUserIsKnownAndTheAddressIsGivenThereIsNoQuickMode() {
        assertThat(Transitions.TABLE).filteredOn(TransitionsTest::isUnproven)
                .extracting(Transitions.Row::exchange)
                .containsExactly(
                        IsakmpExchange.TRANSACTION, IsakmpExchange.INFORMATIONAL, IsakmpExchange.TRANSACTION, IsakmpExchange.INFORMATIONAL,
                        IsakmpExchange.TRANSACTION, IsakmpExchange.INFORMATIONAL);
    }

    private static boolean isUnproven(Transitions.Row row) {
        return PhaseTransaction.class.isAssignableFrom(row.phase());
    }

    /** R5: whatever ends phase 1 has a hash or a signature that is verified. */
    @Test
    void everyMessageThatEndsPhase1HasAHashOrASignature() {
        assertThat(Transitions.TABLE)
                .filteredOn(row -> row.exchange() == IsakmpExchange.AGGRESSIVE
                        || row.exchange() == IsakmpExchange.IDENTITY_PROTECTION && row.encrypted())
                .hasSize(5)
                .allSatisfy(row -> assertThat(row.either()).containsExactlyInAnyOrder(PayloadType.HASH, PayloadType.SIGNATURE));
    }

    /** R5: until a peer's certificate is known to be its own, no message does anything. */
    @Test
    void nothingIsDoneWhileACertificateIsLookedAt() {
        assertThat(Transitions.TABLE).noneMatch(row -> row.phase() == PhaseV1.Vetting.class);
    }

    @Test
    void noTwoRowsAreForTheSameMessage() {
        assertThat(Transitions.TABLE.stream()
                        .map(row -> List.of(row.phase(), row.exchange(), row.quick(), row.encrypted()))
                        .distinct())
                .hasSameSizeAs(Transitions.TABLE);
    }

    // ---- offers

    private static Peer peer() {
        Side side = new Side(List.of(Host.any()), 500, Identity.any(), Auth.PSK);
        return Peer.of("sun", side, side);
    }

    private static SaPayload offer(int protocol, Bytes spi, int id, DataAttribute... attributes) {
        return new SaPayload(
                List.of(new ProposalPayload(1, protocol, spi, List.of(new TransformPayload(1, id, List.of(attributes))))));
    }

    private static DataAttribute is(int type, int value) {
        return DataAttribute.of(type, value);
    }

    /** R11. */
    @Test
    void phase1WithoutAGroupACipherAHashOrAKnownAuthenticationIsNotChosen() {
        DataAttribute aes = is(OakleyAttribute.ENCRYPTION, 7);
        DataAttribute bits = is(OakleyAttribute.KEY_LENGTH, 256);
        DataAttribute sha = is(OakleyAttribute.HASH, 4);
        DataAttribute group = is(OakleyAttribute.GROUP, 14);
        DataAttribute psk = is(OakleyAttribute.AUTHENTICATION, AuthenticationMethod.PRE_SHARED_KEY.number());
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, bits, sha, group, psk))).isPresent();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, bits, sha, psk))).isEmpty();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, bits, sha, group, psk))).isEmpty();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, sha, group, psk))).isEmpty();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, bits, group, psk))).isEmpty();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, bits, sha, group))).isEmpty();
        // R18: authentication by public-key encryption (4, 5) is nothing we do.
        DataAttribute publicKeyEncryption = is(OakleyAttribute.AUTHENTICATION, 4);
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(1, Bytes.empty(), 1, aes, bits, sha, group, publicKeyEncryption))).isEmpty();
        assertThat(Oakley.choose(peer(), AuthenticationMethod.PRE_SHARED_KEY, offer(3, Bytes.hex("c0ffee01"), 1, aes, bits, sha, group, psk))).isEmpty();
    }

    private static ChildProfile child(String esp) {
        Protect plain = Protect.with("sun");
        Protect protect = new Protect(
                plain.peer(), Mode.TUNNEL, false, Protocol.ESP,
                List.of(((ProposalParser.Accepted) ProposalParser.parse(Protocol.ESP, esp)).proposal()), plain.start(), plain.endings(),
                Defaults.CHILD_LIFETIMES, OptionalInt.empty(), Marks.NONE, InterfaceIds.NONE, 64,
                plain.ownInterface(), plain.routes(), plain.tunnelHeader(), plain.tfcPadding(), plain.updown(), plain.spdEntry(), plain.sadEntry());
        Selectors all = new Selectors.Fixed(List.of(TrafficSelector.ANY_V4));
        return new ChildProfile(new Policy("net", new Match(all, all), protect), protect, 1, 1);
    }

    /** R11: neither encryption alone, nor what the policy does not name. */
    @Test
    void phase2WithoutIntegrityOrWithAnotherGroupOrModeIsNotChosen() {
        Bytes spi = Bytes.hex("c0ffee01");
        DataAttribute bits = is(IpsecAttribute.KEY_LENGTH, 256);
        DataAttribute sha = is(IpsecAttribute.AUTHENTICATION, 5);
        DataAttribute tunnel = is(IpsecAttribute.ENCAPSULATION_MODE, IpsecAttribute.TUNNEL);
        DataAttribute group = is(IpsecAttribute.GROUP, 14);
        ChildProfile plain = child("aes256-sha256");
        ChildProfile secrecy = child("aes256-sha256-modp2048");
        assertThat(Ipsec.choose(plain, offer(3, spi, 12, bits, sha, tunnel), NatTraversal.NONE, false)).isPresent();
        assertThat(Ipsec.choose(plain, offer(3, spi, 12, bits, tunnel), NatTraversal.NONE, false)).isEmpty();
        assertThat(Ipsec.choose(plain, offer(3, spi, 12, bits, sha, tunnel, group), NatTraversal.NONE, false)).isEmpty();
        assertThat(Ipsec.choose(plain, offer(3, spi, 12, bits, sha, tunnel), NatTraversal.RFC_3947, false)).isEmpty();
        assertThat(Ipsec.choose(plain, offer(3, spi, 11, sha, tunnel), NatTraversal.NONE, false)).isEmpty();
        assertThat(Ipsec.choose(secrecy, offer(3, spi, 12, bits, sha, tunnel), NatTraversal.NONE, false)).isEmpty();
        assertThat(Ipsec.choose(secrecy, offer(3, spi, 12, bits, sha, tunnel, group), NatTraversal.NONE, false)).isPresent();
    }

    @Test
    void proposalsOfOneNumberAreWantedTogetherAndNotChosen() {
        ProposalPayload esp = offer(
                        3, Bytes.hex("c0ffee01"), 12, is(IpsecAttribute.KEY_LENGTH, 256), is(IpsecAttribute.AUTHENTICATION, 5))
                .proposals()
                .getFirst();
        ProposalPayload ah = new ProposalPayload(
                1, ProtocolId.AH, Bytes.hex("c0ffee02"), List.of(new TransformPayload(1, 5, List.of(is(IpsecAttribute.AUTHENTICATION, 5)))));
        assertThat(Ipsec.choose(child("aes256-sha256"), new SaPayload(List.of(esp)), NatTraversal.NONE, false)).isPresent();
        assertThat(Ipsec.choose(child("aes256-sha256"), new SaPayload(List.of(esp, ah)), NatTraversal.NONE, false)).isEmpty();
        assertThat(Ipsec.choose(child("aes256-sha256"), new SaPayload(List.of(esp, ah)), NatTraversal.NONE, true)).isEmpty();
    }

    private static ProposalPayload esp(int number) {
        return new ProposalPayload(number, ProtocolId.ESP, Bytes.hex("c0ffee01"), offer(
                        3, Bytes.hex("c0ffee01"), 12, is(IpsecAttribute.KEY_LENGTH, 256), is(IpsecAttribute.AUTHENTICATION, 5))
                .proposals().getFirst().transforms());
    }

    private static ProposalPayload ipcomp(int number, String cpi, int transform) {
        return new ProposalPayload(number, ProtocolId.IPCOMP, Bytes.hex(cpi), List.of(new TransformPayload(1, transform, List.of())));
    }

    /** RFC 3173, section 4.1; LZS is 3, OUI 1. */
    @Test
    void compressionBesideEspIsChosenByWhoeverWantsItAndPassedOverByWhoDoesNot() {
        SaPayload offer = new SaPayload(List.of(esp(1), ipcomp(1, "52b4", 2), esp(2)));
        assertThat(Ipsec.choose(child("aes256-sha256"), offer, NatTraversal.NONE, true)).hasValueSatisfying(choice -> {
            assertThat(choice.cpi()).hasValue(0x52b4);
            assertThat(choice.proposal().number()).isEqualTo(1);
        });
        assertThat(Ipsec.choose(child("aes256-sha256"), offer, NatTraversal.NONE, false)).hasValueSatisfying(choice -> {
            assertThat(choice.compression()).isEmpty();
            assertThat(choice.proposal().number()).isEqualTo(2);
        });
        assertThat(Ipsec.choose(child("aes256-sha256"), new SaPayload(List.of(esp(1), ipcomp(1, "000052b4", 2))), NatTraversal.NONE, true))
                .hasValueSatisfying(choice -> assertThat(choice.cpi()).hasValue(0x52b4));
        for (ProposalPayload other : List.of(ipcomp(1, "52b4", 3), ipcomp(1, "00ff", 2), ipcomp(1, "000152b4", 2), ipcomp(1, "52b401", 2))) {
            assertThat(Ipsec.choose(child("aes256-sha256"), new SaPayload(List.of(esp(1), other)), NatTraversal.NONE, true)).isEmpty();
        }
    }

    /** As charon 5.9.8 answers: P#1 ESP, P#1 IPCOMP, P#2 ESP again. */
    @Test
    void anAnswerIsOfOneNumberButForWhatCharonRepeats() {
        ChildProfile child = child("aes256-sha256");
        SaPayload charons = new SaPayload(List.of(esp(1), ipcomp(1, "52b4", 2), esp(2)));
        assertThat(Ipsec.accept(child, charons, NatTraversal.NONE, true)).hasValueSatisfying(choice -> assertThat(choice.cpi()).hasValue(0x52b4));
        assertThat(Ipsec.accept(child, charons, NatTraversal.NONE, false)).as("we did not offer it").isEmpty();
        assertThat(Ipsec.accept(child, new SaPayload(List.of(esp(1), ipcomp(1, "52b4", 2))), NatTraversal.NONE, true)).isPresent();
        assertThat(Ipsec.accept(child, new SaPayload(List.of(esp(2))), NatTraversal.NONE, true)).hasValueSatisfying(choice -> assertThat(choice.cpi()).isEmpty());
        ProposalPayload otherSpi = new ProposalPayload(2, ProtocolId.ESP, Bytes.hex("c0ffee09"), esp(2).transforms());
        for (SaPayload wrong : List.of(
                new SaPayload(List.of(esp(1), esp(2))), new SaPayload(List.of(esp(1), ipcomp(1, "52b4", 2), otherSpi)),
                new SaPayload(List.of(ipcomp(1, "52b4", 2))), new SaPayload(List.of()))) {
            assertThat(Ipsec.accept(child, wrong, NatTraversal.NONE, true)).isEmpty();
        }
    }
}
