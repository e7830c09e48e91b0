package org.xfrmagent.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;

/** Proposals, transforms and attributes: RFC 7296, sections 3.3.1 to 3.3.6. */
class SaPayloadTest {
    private static final String ESN = "00000008 05000000";

    @Test
    void theLastOctetsSayZeroTwoAndThree() {
        TransformSubstructure first = new TransformSubstructure(1, 20, 128);
        TransformSubstructure second = new TransformSubstructure(5, 0);
        SaPayload sa = new SaPayload(List.of(
                new ProposalSubstructure(1, 3, Bytes.hex("01020304"), List.of(first, second)),
                new ProposalSubstructure(2, 3, Bytes.hex("01020304"), List.of(second))));
        Bytes chain = MessageCodec.encodeChain(List.of(sa));
        int firstProposal = 4;
        int firstTransform = firstProposal + 12;
        int secondTransform = firstTransform + 12;
        int secondProposal = secondTransform + 8;
        assertThat(chain.u8(firstProposal)).isEqualTo(2);
        assertThat(chain.u8(firstTransform)).isEqualTo(3);
        assertThat(chain.u8(secondTransform)).isZero();
        assertThat(chain.u8(secondProposal)).isZero();
        assertThat(chain.u8(secondProposal + 12)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,''", "1,0102030405060708", "2,01020304", "3,01020304", "9,01", "9,''"})
    void anSpiIsAsLongAsItsProtocolWantsIt(int protocol, String spi) {
        SaPayload sa = decode(proposal(0, 1, protocol, spi, 1, ESN));
        assertThat(sa.proposals().getFirst().spi()).isEqualTo(Bytes.hex(spi));
    }

    @ParameterizedTest
    @CsvSource({"1,01020304", "2,''", "3,''", "3,0102030405060708", "2,010203"})
    void anSpiOfAnotherLengthIsMalformed(int protocol, String spi) {
        assertMalformed(proposal(0, 1, protocol, spi, 1, ESN), "an SPI of " + spi.length() / 2 + " octets");
    }

    @Test
    void theNumberOfTransformsMustBeRight() {
        assertMalformed(proposal(0, 1, 1, "", 2, ESN), "announces 2 transforms, has 1");
        assertMalformed(proposal(0, 1, 1, "", 0, ESN), "announces 0 transforms, has 1");
    }

    @Test
    void aProposalWithoutTransformsIsMalformed() {
        assertMalformed(proposal(0, 1, 1, "", 0, ""), "needs 1 more octets, 0 left");
    }

    @Test
    void noProposalAtAllIsMalformed() {
        assertMalformed("", "needs 1 more octets, 0 left");
    }

    @Test
    void nothingFollowsTheLastProposalAndSomethingTheOthers() {
        assertMalformed(proposal(0, 1, 1, "", 1, ESN) + proposal(0, 2, 1, "", 1, ESN), "16 octets are left over");
        assertMalformed(proposal(2, 1, 1, "", 1, ESN), "needs 1 more octets, 0 left");
        assertMalformed(proposal(3, 1, 1, "", 1, ESN), "proposal 1 begins with 3, expected 0 (last) or 2 (more)");
        assertMalformed(proposal(0, 1, 1, "", 1, "02" + ESN.substring(2)), "transform 1 begins with 2, expected 0 (last) or 3 (more)");
    }

    @Test
    void proposalNumbersGrow() {
        assertMalformed(proposal(2, 1, 1, "", 1, ESN) + proposal(0, 1, 1, "", 1, ESN), "proposal number 1 follows number 1");
        assertThat(decode(proposal(0, 3, 1, "", 1, ESN)).proposals().getFirst().number())
                .as("an answer names the proposal it takes")
                .isEqualTo(3);
    }

    @Test
    void aTransformWithAnAttributeWeDoNotKnowIsKeptButNotUnderstood() {
        TransformSubstructure transform = onlyTransform("00000010 0100000c 800e0100 80120001");
        assertThat(transform.keyLength()).isEqualTo(256);
        assertThat(transform.understood()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"800e0000", "000e00020100", "000e0000", "800e0100800e0080"})
    void aKeyLengthOfZeroOrInTheLongFormOrTwiceIsNotUnderstood(String attributes) {
        String length = "%04x".formatted(8 + attributes.length() / 2);
        assertThat(onlyTransform("0000" + length + "0100000c" + attributes).understood()).isFalse();
    }

    @Test
    void anAttributeLongerThanItsTransformIsMalformed() {
        assertMalformed(proposal(0, 1, 1, "", 1, "0000000c 0100000c 00120001"), "needs 1 more octets, 0 left");
    }

    @Test
    void aComplaintNamesPayloadProposalTransformAndOctet() {
        assertThatThrownBy(() -> decode(proposal(0, 1, 1, "", 1, "0000000a 0100000c 800e")))
                .hasMessage("decrypted payloads, SA, proposal 1, transform 1, octet 22: needs 2 more octets, 0 left")
                .isInstanceOfSatisfying(Malformed.class, malformed -> {
                    assertThat(malformed.where()).isEqualTo("decrypted payloads, SA, proposal 1, transform 1, octet 22");
                    assertThat(malformed.why()).isEqualTo("needs 2 more octets, 0 left");
                });
    }

    private static TransformSubstructure onlyTransform(String hex) {
        return decode(proposal(0, 1, 1, "", 1, hex)).proposals().getFirst().transforms().getFirst();
    }

    private static String proposal(int last, int number, int protocol, String spi, int transforms, String transformsHex) {
        int spiSize = spi.length() / 2;
        return "%02x00%04x%02x%02x%02x%02x"
                        .formatted(last, 8 + spiSize + Bytes.hex(transformsHex).length(), number, protocol, spiSize, transforms)
                + spi
                + transformsHex;
    }

    private static SaPayload decode(String hex) {
        Bytes body = Bytes.hex(hex);
        Bytes chain = Bytes.concat(Bytes.hex("0000%04x".formatted(4 + body.length())), body);
        return (SaPayload) MessageCodec.decodeChain(PayloadType.SA.number(), chain).getFirst();
    }

    private static void assertMalformed(String hex, String why) {
        assertThatThrownBy(() -> decode(hex)).isInstanceOf(Malformed.class).hasMessageContaining(why);
    }
}
