package org.xfrmagent.agent.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;

/** Real messages of strongSwan: what they say, and that writing them again gives the same octets. */
class CapturedExchangeTest {
    static List<Bytes> clear() {
        return List.of(CapturedMainMode.MAIN_1, CapturedMainMode.MAIN_2, CapturedMainMode.MAIN_3, CapturedMainMode.MAIN_4);
    }

    static List<Bytes> encrypted() {
        return List.of(
                CapturedMainMode.MAIN_5, CapturedMainMode.MAIN_6, CapturedMainMode.QUICK_1, CapturedMainMode.QUICK_2,
                CapturedMainMode.QUICK_3, CapturedMainMode.DELETE_ESP, CapturedMainMode.DELETE_ISAKMP);
    }

    private static Chain chain(Bytes datagram) {
        if (IsakmpCodec.decode(datagram).body() instanceof IsakmpMessage.Clear(Chain chain)) {
            return chain;
        }
        throw new AssertionError("encrypted");
    }

    @ParameterizedTest
    @MethodSource("clear")
    void everyClearDatagramComesBackAsItWas(Bytes datagram) {
        assertThat(IsakmpCodec.encode(IsakmpCodec.decode(datagram).header(), chain(datagram).payloads())).isEqualTo(datagram);
    }

    @ParameterizedTest
    @MethodSource("encrypted")
    void whatIsEncryptedStaysSo(Bytes datagram) {
        IsakmpMessage message = IsakmpCodec.decode(datagram);
        assertThat(message.header().encrypted()).isTrue();
        assertThat(message.body()).isEqualTo(new IsakmpMessage.Encrypted(datagram.from(IsakmpHeader.LENGTH)));
        assertThat(message.summary()).isEqualTo("HDR*, ...");
        assertThat(IsakmpCodec.encode(message.header(), message.header().nextPayload(), datagram.from(IsakmpHeader.LENGTH)))
                .isEqualTo(datagram);
    }

    /* HDR, SA, VID, VID, VID, VID, VID --> */
    @Test
    void theFirstMessageOffersOneTransformAndSaysWhatItCanDo() {
        IsakmpMessage message = IsakmpCodec.decode(CapturedMainMode.MAIN_1);
        assertThat(message.summary()).isEqualTo("HDR, SA, VID, VID, VID, VID, VID");
        assertThat(message.header().exchangeType()).contains(IsakmpExchange.IDENTITY_PROTECTION);
        assertThat(message.header().messageId()).isZero();
        assertThat(message.header().responderCookie()).isZero();

        Chain chain = chain(CapturedMainMode.MAIN_1);
        SaPayload sa = chain.first(SaPayload.class).orElseThrow();
        assertThat(sa.proposals()).hasSize(1);
        ProposalPayload proposal = sa.proposals().getFirst();
        assertThat(proposal.protocolId()).isEqualTo(ProtocolId.ISAKMP);
        TransformPayload transform = proposal.transforms().getFirst();
        assertThat(transform.id()).isEqualTo(TransformPayload.KEY_IKE);
        assertThat(transform.number(OakleyAttribute.ENCRYPTION)).isEqualTo(OptionalLong.of(7));
        assertThat(transform.number(OakleyAttribute.KEY_LENGTH)).isEqualTo(OptionalLong.of(256));
        assertThat(transform.number(OakleyAttribute.HASH)).isEqualTo(OptionalLong.of(4));
        assertThat(transform.number(OakleyAttribute.GROUP)).isEqualTo(OptionalLong.of(14));
        assertThat(transform.number(OakleyAttribute.AUTHENTICATION)).isEqualTo(OptionalLong.of(AuthenticationMethod.PRE_SHARED_KEY.number()));
        assertThat(transform.number(OakleyAttribute.LIFE_TYPE)).isEqualTo(OptionalLong.of(OakleyAttribute.SECONDS));
        assertThat(VendorId.DEAD_PEER_DETECTION.in(chain)).isTrue();
        assertThat(VendorId.NAT_TRAVERSAL.in(chain)).isTrue();
        assertThat(sa.body()).isEqualTo(chain.bodyOf(SaPayload.class).orElseThrow());
    }

    /* HDR, KE, Ni, NAT-D, NAT-D --> */
    @Test
    void theThirdMessageHasAPublicValueANonceAndTwoHashes() {
        Chain chain = chain(CapturedMainMode.MAIN_3);
        assertThat(chain.summary()).isEqualTo("KE, Nonce, NAT-D, NAT-D");
        assertThat(chain.first(KePayload.class).orElseThrow().data().length()).isEqualTo(256);
        assertThat(chain.all(NatDiscoveryPayload.class)).allMatch(payload -> payload.hash().length() == 32);
    }
}
