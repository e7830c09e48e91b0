package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/** Random messages that obey every rule of the decoder. */
final class Messages {
    private Messages() {}

    static Arbitrary<Bytes> octets(int min, int max) {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(min).ofMaxSize(max).map(Bytes::of);
    }

    private static Arbitrary<Integer> u8() {
        return Arbitraries.integers().between(0, 0xff);
    }

    private static Arbitrary<Integer> u16() {
        return Arbitraries.integers().between(0, 0xffff);
    }

    static Arbitrary<Header> header() {
        Arbitrary<Boolean> bit = Arbitraries.of(true, false);
        return Combinators.combine(Arbitraries.longs(), Arbitraries.longs(), u8(), bit, bit, bit, Arbitraries.integers())
                .as((initiator, responder, exchange, i, r, v, id) ->
                        new Header(initiator, responder, 0, Header.IKEV2, exchange, i, r, v, id, Header.LENGTH));
    }

    private static Arbitrary<TransformSubstructure> transform() {
        Arbitrary<TransformSubstructure.Attribute> attribute = Combinators.combine(
                        Arbitraries.integers().between(0, 0x7fff).filter(type -> type != 14), Arbitraries.of(true, false), octets(0, 6))
                .as((type, shortForm, value) -> new TransformSubstructure.Attribute(
                        type, shortForm, shortForm ? new ByteWriter().u16(value.length()).toBytes() : value));
        return Combinators.combine(u8(), u16(), u16(), attribute.list().ofMaxSize(3)).as(TransformSubstructure::new);
    }

    private static Arbitrary<SaPayload> sa() {
        Arbitrary<ProposalSubstructure> proposal = u8().flatMap(protocol -> {
            int spi = ProtocolId.byNumber(protocol).map(ProtocolId::spiLength).orElse(7);
            return Combinators.combine(octets(spi, spi), transform().list().ofMinSize(1).ofMaxSize(5))
                    .as((octets, transforms) -> new ProposalSubstructure(0, protocol, octets, transforms));
        });
        return proposal.list().ofMinSize(1).ofMaxSize(4).map(Messages::numbered);
    }

    private static SaPayload numbered(List<ProposalSubstructure> proposals) {
        List<ProposalSubstructure> numbered = new ArrayList<>();
        for (ProposalSubstructure proposal : proposals) {
            numbered.add(new ProposalSubstructure(numbered.size() + 1, proposal.protocolId(), proposal.spi(), proposal.transforms()));
        }
        return new SaPayload(numbered);
    }

    private static Arbitrary<TsPayload> ts() {
        Arbitrary<TsSubstructure> selector = Arbitraries.of(TsType.class).flatMap(type -> {
            Arbitrary<Bytes> address = octets(type.addressLength(), type.addressLength());
            return Combinators.combine(u8(), u16(), u16(), address, address).as((protocol, start, end, a, b) -> {
                boolean ordered = Arrays.compareUnsigned(a.toArray(), b.toArray()) <= 0;
                return new TsSubstructure(
                        type.number(), protocol, Math.min(start, end), Math.max(start, end), ordered ? a : b, ordered ? b : a);
            });
        });
        Arbitrary<TsPayload.UnknownSelector> unknown =
                Combinators.combine(Arbitraries.integers().between(11, 255), u8(), octets(0, 9)).as(TsPayload.UnknownSelector::new);
        return Combinators.combine(
                        Arbitraries.of(Role.class), selector.list().ofMinSize(1).ofMaxSize(5), octets(0, 9).list().ofMaxSize(2), unknown.list().ofMaxSize(2))
                .as(TsPayload::new);
    }

    private static Arbitrary<NotifyPayload> notification() {
        return Arbitraries.oneOf(Arbitraries.of(Notify.class).map(Notify::number), u16()).flatMap(type -> {
            Optional<Notify> known = Notify.byNumber(type);
            int min = known.map(Notify::minLength).orElse(0);
            int max = Math.min(known.map(Notify::maxLength).orElse(40), 100);
            Arbitrary<ProtocolId> protocol = Arbitraries.of(ProtocolId.class);
            return Combinators.combine(protocol, Arbitraries.of(true, false), octets(4, 4), octets(8, 8), octets(min, max))
                    .as((about, some, four, eight, data) -> {
                        Bytes spi = about == ProtocolId.IKE ? eight : four;
                        return new NotifyPayload(about.number(), some ? spi : Bytes.empty(), type, data);
                    });
        });
    }

    private static Arbitrary<IdPayload> id() {
        return Combinators.combine(Arbitraries.of(Role.class), Arbitraries.of(IdType.class)).flatAs((role, type) -> {
            int address = type.addressLength();
            return (address > 0 ? octets(address, address) : octets(0, 60)).map(data -> new IdPayload(role, type.number(), data));
        });
    }

    /** Any payload but SK and SKF. */
    static Arbitrary<Payload> payload() {
        return Arbitraries.oneOf(
                sa(),
                ts(),
                notification(),
                id(),
                Combinators.combine(u16(), octets(1, 300)).as(KePayload::new),
                Combinators.combine(u8(), octets(1, 300)).as(CertPayload::new),
                octets(CertReqPayload.HASH_LENGTH, CertReqPayload.HASH_LENGTH).list().ofMaxSize(3)
                        .map(hashes -> new CertReqPayload(4, Bytes.concat(hashes.toArray(Bytes[]::new)))),
                Combinators.combine(u8(), octets(1, 100)).as(AuthPayload::new),
                octets(16, 256).map(NoncePayload::new),
                octets(4, 4).list().ofMaxSize(6).map(spis -> new DeletePayload(ProtocolId.ESP.number(), spis)),
                octets(0, 30).map(VendorIdPayload::new),
                Combinators.combine(
                                u8(),
                                Combinators.combine(Arbitraries.integers().between(0, 0x7fff), octets(0, 20))
                                        .as(ConfigAttribute::new)
                                        .list()
                                        .ofMaxSize(5))
                        .as(ConfigurationPayload::new),
                octets(0, 40).map(data -> new EapPayload(
                        new ByteWriter().u16(0x012a).u16(4 + data.length()).bytes(data).toBytes())),
                Combinators.combine(Arbitraries.integers().between(54, 255), Arbitraries.of(true, false), octets(0, 20))
                        .as(UnknownPayload::new));
    }

    static Arbitrary<List<Payload>> payloads() {
        return payload().list().ofMaxSize(8);
    }

    /** The clear part and perhaps, at its end, SK or SKF. */
    static Arbitrary<Message> message() {
        Arbitrary<List<Payload>> end = Arbitraries.oneOf(
                Arbitraries.just(List.of()),
                Combinators.combine(u8(), octets(1, 200)).as((first, body) -> List.of(new EncryptedPayload(first, body))),
                Combinators.combine(u8(), Arbitraries.integers().between(1, 20), octets(1, 200))
                        .as((first, number, body) -> List.of(new EncryptedFragmentPayload(first, number, 20, body))));
        return Combinators.combine(header(), payloads(), end).as((header, clear, encrypted) -> {
            List<Payload> all = new ArrayList<>(clear);
            all.addAll(encrypted);
            return new Message(header, all);
        });
    }
}
