package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;

/** RFC 7296, section 3.10. */
class NotifyTest {
    @ParameterizedTest
    @EnumSource(Notify.class)
    void everyRowSurvivesTheWireAtItsShortestAndLongest(Notify type) {
        for (int length : new int[] {type.minLength(), Math.min(type.maxLength(), 1000)}) {
            NotifyPayload notify = NotifyPayload.of(type, Bytes.of(new byte[length]));
            assertThat(throughTheWire(notify)).isEqualTo(notify);
            assertThat(throughTheWire(notify).kind()).contains(type);
        }
    }

    @Test
    void errorsAreBelow16384EvenIfNobodyKnowsThem() {
        assertThat(Notify.AUTHENTICATION_FAILED.isError()).isTrue();
        assertThat(Notify.INITIAL_CONTACT.isError()).isFalse();
        NotifyPayload privateError = new NotifyPayload(0, Bytes.empty(), 16_383, Bytes.empty());
        NotifyPayload privateStatus = new NotifyPayload(0, Bytes.empty(), 40_960, Bytes.hex("01"));
        assertThat(throughTheWire(privateError).isError()).isTrue();
        assertThat(throughTheWire(privateStatus).isError()).isFalse();
        assertThat(privateError.kind()).isEmpty();
        assertThat(Notify.nameOf(16_383)).isEqualTo("error 16383");
        assertThat(Notify.nameOf(40_960)).isEqualTo("status 40960");
        assertThat(Notify.nameOf(14)).isEqualTo("NO_PROPOSAL_CHOSEN");
    }

    @Test
    void theProtocolWithoutAnSpiIsNotLookedAt() {
        assertThat(MessageCodec.decodeChain(PayloadType.NOTIFY.number(), Bytes.hex("00000008 01004000")))
                .containsExactly(new NotifyPayload(1, Bytes.empty(), Notify.INITIAL_CONTACT.number(), Bytes.empty()));
    }

    @Test
    void theStructuredDataIsReadAsItWasWritten() throws Exception {
        assertThat(NotifyData.group(throughTheWire(NotifyData.invalidKePayload(31)))).isEqualTo(31);
        assertThat(NotifyData.payloadType(throughTheWire(NotifyData.unsupportedCriticalPayload(200)))).isEqualTo(200);
        assertThat(NotifyData.messageId(throughTheWire(NotifyData.invalidMessageId(-2)))).isEqualTo(-2);
        assertThat(NotifyData.hashAlgorithms(throughTheWire(NotifyData.signatureHashAlgorithms(List.of(2, 3, 0xffff)))))
                .containsExactly(2, 3, 0xffff);
        assertThat(NotifyData.lifetime(throughTheWire(NotifyData.authLifetime(Duration.ofHours(3))))).isEqualTo(Duration.ofHours(3));
        assertThat(NotifyData.windowSize(NotifyPayload.of(Notify.SET_WINDOW_SIZE, Bytes.hex("ffffffff")))).isEqualTo(0xffffffffL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0000201", "fd020000000000000000000000000053"})
    void anAdditionalAddressHasTheNotificationOfItsFamily(String address) throws Exception {
        InetAddress expected = InetAddress.getByAddress(Bytes.hex(address).toArray());
        NotifyPayload notify = throughTheWire(NotifyData.additionalAddress(expected));
        assertThat(notify.is(address.length() == 8 ? Notify.ADDITIONAL_IP4_ADDRESS : Notify.ADDITIONAL_IP6_ADDRESS)).isTrue();
        assertThat(NotifyData.address(notify)).isEqualTo(expected);
    }

    @Test
    void readersOfDataThatIsTooShortComplain() {
        NotifyPayload empty = NotifyPayload.of(Notify.INVALID_KE_PAYLOAD);
        assertThatThrownBy(() -> NotifyData.group(empty))
                .isInstanceOf(Malformed.class)
                .hasMessage("N(INVALID_KE_PAYLOAD), octet 0: needs 2 more octets, 0 left");
        NotifyPayload odd = NotifyPayload.of(Notify.SIGNATURE_HASH_ALGORITHMS, Bytes.hex("000200"));
        assertThatThrownBy(() -> NotifyData.hashAlgorithms(odd)).isInstanceOf(Malformed.class);
        NotifyPayload noAddress = NotifyPayload.of(Notify.ADDITIONAL_IP4_ADDRESS, Bytes.hex("000200"));
        assertThatThrownBy(() -> NotifyData.address(noAddress)).isInstanceOf(Malformed.class);
    }

    private static NotifyPayload throughTheWire(NotifyPayload notify) {
        Bytes chain = MessageCodec.encodeChain(List.of(notify));
        return (NotifyPayload) MessageCodec.decodeChain(PayloadType.NOTIFY.number(), chain).getFirst();
    }
}
