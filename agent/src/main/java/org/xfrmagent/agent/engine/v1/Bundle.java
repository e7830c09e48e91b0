package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Compression;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.TransformPayload;

/**
 * Proposals of one number, which are wanted together (RFC 2408, section 4.2). The only ones that we know are of compression before ESP or
 * AH (RFC 3173, section 4.1); the same without stands behind it for a peer that wants none:
 *
 * <pre>
 *   SA { P#1 ESP SPI { T, T ... }, P#1 IPCOMP CPI { DEFLATE }, P#2 ESP SPI { T, T ... } }  -->   &lt;--  SA { P#1 ESP, P#1 IPCOMP }
 * </pre>
 */
final class Bundle {
    private static final int SHORT_CPI = 2;
    private static final int LONG_CPI = 4;

    private Bundle() {}

    /** @param attributes mode and lifetimes, as those of the proposal beside it */
    static ProposalPayload compression(int number, int cpi, List<DataAttribute> attributes) {
        return new ProposalPayload(
                number, ProtocolId.IPCOMP, octets(cpi), List.of(new TransformPayload(1, TransformPayload.IPCOMP_DEFLATE, attributes)));
    }

    /** The peer's {@code compression} as our answer has it. */
    static ProposalPayload answer(ProposalPayload compression, int cpi) {
        return new ProposalPayload(compression.number(), compression.protocolId(), octets(cpi), compression.transforms());
    }

    private static Bytes octets(int cpi) {
        return new ByteWriter(SHORT_CPI).u16(cpi).toBytes();
    }

    /** Those that are wanted together with {@code proposal}. */
    static List<ProposalPayload> beside(SaPayload offer, ProposalPayload proposal) {
        List<ProposalPayload> together = new ArrayList<>(offer.proposals().stream().filter(other -> other.number() == proposal.number()).toList());
        together.remove(proposal);
        return together;
    }

    /** DEFLATE in {@code mode}, with that one transform, if it is all that is wanted beside a proposal. */
    static Optional<ProposalPayload> compression(List<ProposalPayload> beside, int mode) {
        if (beside.size() != 1 || beside.getFirst().protocolId() != ProtocolId.IPCOMP || cpi(beside.getFirst()).isEmpty()) {
            return Optional.empty();
        }
        ProposalPayload compression = beside.getFirst();
        return compression.transforms().stream()
                .filter(transform -> transform.id() == TransformPayload.IPCOMP_DEFLATE)
                .filter(transform -> {
                    OptionalLong said = transform.number(IpsecAttribute.ENCAPSULATION_MODE);
                    return said.isEmpty() || said.getAsLong() == mode;
                })
                .findFirst()
                .map(transform -> new ProposalPayload(compression.number(), compression.protocolId(), compression.spi(), List.of(transform)));
    }

    /** The CPI of a compression; empty if it is none that two sides may agree on. */
    static OptionalInt cpi(ProposalPayload compression) {
        long number = switch (compression.spi().length()) {
            case SHORT_CPI -> compression.spi().u16(0);
            case LONG_CPI -> Integer.toUnsignedLong(compression.spi().i32(0));
            default -> 0;
        };
        return Compression.isCpi(number) ? OptionalInt.of((int) number) : OptionalInt.empty();
    }

    /**
     * What {@code answer} chooses: the proposals of one number. charon 5.9.8 repeats behind a bundle its ESP or AH under the next number, as
     * it was offered; whatever else there is makes it no answer.
     */
    static Optional<SaPayload> chosen(SaPayload answer) {
        if (answer.proposals().isEmpty() || answer.proposals().stream().anyMatch(proposal -> proposal.transforms().size() != 1)) {
            return Optional.empty();
        }
        int number = answer.proposals().getFirst().number();
        List<ProposalPayload> first = answer.proposals().stream().filter(proposal -> proposal.number() == number).toList();
        boolean repeated = answer.proposals().stream()
                .filter(proposal -> proposal.number() != number)
                .allMatch(other -> first.size() == 2 && first.stream().anyMatch(one -> isSame(one, other)));
        return repeated ? Optional.of(new SaPayload(first)) : Optional.empty();
    }

    private static boolean isSame(ProposalPayload one, ProposalPayload other) {
        return one.protocolId() == other.protocolId() && one.spi().equals(other.spi())
                && one.transforms().getFirst().id() == other.transforms().getFirst().id()
                && one.transforms().getFirst().attributes().equals(other.transforms().getFirst().attributes());
    }
}
