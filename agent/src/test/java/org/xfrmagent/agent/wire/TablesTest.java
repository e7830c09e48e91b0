package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;

/** The number tables: every row is found by its number, no other number finds one. */
class TablesTest {
    private static <E extends Enum<E>> void assertTable(E[] rows, ToIntFunction<E> number, IntFunction<Optional<E>> byNumber) {
        assertThat(IntStream.range(0, 65_536).mapToObj(byNumber).flatMap(Optional::stream)).containsExactlyInAnyOrder(rows);
        assertThat(Stream.of(rows)).allSatisfy(row -> assertThat(byNumber.apply(number.applyAsInt(row))).contains(row));
    }

    @Test
    void everyRowIsFoundByItsNumber() {
        assertTable(ExchangeType.values(), ExchangeType::number, ExchangeType::byNumber);
        assertTable(PayloadType.values(), PayloadType::number, PayloadType::byNumber);
        assertTable(Notify.values(), Notify::number, Notify::byNumber);
        assertTable(AuthMethod.values(), AuthMethod::number, AuthMethod::byNumber);
        assertTable(IdType.values(), IdType::number, IdType::byNumber);
        assertTable(ProtocolId.values(), ProtocolId::number, ProtocolId::byNumber);
        assertTable(CertEncoding.values(), CertEncoding::number, CertEncoding::byNumber);
        assertTable(ConfigType.values(), ConfigType::number, ConfigType::byNumber);
        assertTable(ConfigAttributeType.values(), ConfigAttributeType::number, ConfigAttributeType::byNumber);
        assertTable(TsType.values(), TsType::number, TsType::byNumber);
    }

    @Test
    void notationsAreUnique() {
        Function<PayloadType, String> notation = PayloadType::notation;
        assertThat(Stream.of(PayloadType.values()).map(notation)).doesNotHaveDuplicates();
        assertThat(PayloadType.notationOf(77)).isEqualTo("payload 77");
    }

    @Test
    void aConfigurationValueFitsOrDoesNot() {
        assertThat(ConfigAttributeType.INTERNAL_IP4_ADDRESS.fits(Bytes.empty())).isTrue();
        assertThat(ConfigAttributeType.INTERNAL_IP4_ADDRESS.fits(Bytes.hex("0a000001"))).isTrue();
        assertThat(ConfigAttributeType.INTERNAL_IP4_ADDRESS.fits(Bytes.hex("0a0000"))).isFalse();
        assertThat(ConfigAttributeType.SUPPORTED_ATTRIBUTES.fits(Bytes.hex("00010002"))).isTrue();
        assertThat(ConfigAttributeType.SUPPORTED_ATTRIBUTES.fits(Bytes.hex("000100"))).isFalse();
        assertThat(ConfigAttributeType.APPLICATION_VERSION.fits(Bytes.hex("787978"))).isTrue();
    }
}
