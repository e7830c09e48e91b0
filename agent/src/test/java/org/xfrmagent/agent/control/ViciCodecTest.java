package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.ByteWriter;

final class ViciCodecTest {
    /** The example of strongSwan's description of the protocol, octet by octet. */
    @Test
    void sectionsListsAndValuesHaveTheirPublishedForm() throws MalformedVici {
        ViciMessage message = ViciMessage.of(out -> out
                .put("key1", "value1")
                .section("section1", section -> section
                        .section("sub-section", sub -> sub.put("key2", "value2"))
                        .list("list1", List.of("item1", "item2"))));

        Bytes octets = new ViciPacket.CommandResponse(message).encode();

        assertThat(octets).isEqualTo(Bytes.concat(
                Bytes.of((byte) 1),
                Bytes.hex("03 04 6b657931 0006 76616c756531"),
                Bytes.hex("01 08 73656374696f6e31"),
                Bytes.hex("01 0b 7375622d73656374696f6e"),
                Bytes.hex("03 04 6b657932 0006 76616c756532"),
                Bytes.hex("02"),
                Bytes.hex("04 05 6c69737431"),
                Bytes.hex("05 0005 6974656d31"),
                Bytes.hex("05 0005 6974656d32"),
                Bytes.hex("06"),
                Bytes.hex("02")));
        assertThat(ViciPacket.decode(octets)).isEqualTo(new ViciPacket.CommandResponse(message));
    }

    @Test
    void aNameMayBeEmptyAsInCharonsCounters() throws MalformedVici {
        ViciPacket packet = new ViciPacket.CommandResponse(ViciMessage.of(out -> out.section("", section -> section.put("invalid", 0))));

        assertThat(ViciPacket.decode(packet.encode())).isEqualTo(packet);
    }

    @Test
    void theFirstOfTwoEqualNamesAnswers() {
        ViciMessage message = ViciMessage.of(out -> out.put("ike", "moon").put("ike", "sun"));

        assertThat(message.text("ike")).contains("moon");
    }

    @Test
    void everyKindOfPacketComesBackAsItWas() throws MalformedVici {
        ViciMessage message = ViciMessage.of(out -> out.put("child", "net").flag("force", true));
        List<ViciPacket> packets = List.of(
                new ViciPacket.CommandRequest("list-sas", message), new ViciPacket.CommandResponse(message), new ViciPacket.CommandUnknown(),
                new ViciPacket.EventRegister("log"), new ViciPacket.EventUnregister("log"), new ViciPacket.EventConfirm(),
                new ViciPacket.EventUnknown(), new ViciPacket.Event("log", message));

        for (ViciPacket packet : packets) {
            assertThat(ViciPacket.decode(packet.encode())).isEqualTo(packet);
        }
    }

    @Test
    void whatIsNoMessageIsRefusedWithAReason() {
        refuses("", "a packet cannot be empty");
        refuses("08", "there is no packet of type 8");
        refuses("02 00", "1 octets too many");
        refuses("03 03 6c6f", "needs 3 more octets, 2 are left");
        refuses("03 03 6c6f67 00", "1 octets too many");
        refuses("01 02", "a section ends that never began");
        refuses("01 01 01 61", "the message ends within a section");
        refuses("01 07", "no element of kind 7");
        refuses("01 00", "no element of kind 0");
        refuses("01 01 01 ff", "a name is not UTF-8");
        refuses("03 03 6c6fc3", "a name is not UTF-8");
        refuses("01 05 0000", "outside a list");
        refuses("01 06", "outside a list");
        refuses("01 04 01 61", "needs 1 more octets, 0 are left");
        refuses("01 04 01 61 03 01 62 0000 06", "a list holds an element of kind 3");
        refuses("01 04 01 61 04 01 62 06 06", "a list holds an element of kind 4");
        refuses("01 03 01 61 ffff 00", "needs 65535 more octets, 1 are left");
        refuses("01 03 ff 61", "needs 255 more octets, 1 are left");
    }

    @Test
    void sectionsCannotBeNestedWithoutEnd() throws MalformedVici {
        ViciPacket.decode(nested(ViciCodec.MAX_DEPTH));

        assertThatThrownBy(() -> ViciPacket.decode(nested(ViciCodec.MAX_DEPTH + 1)))
                .isInstanceOf(MalformedVici.class)
                .hasMessageContaining("nested more than 32 deep");
    }

    private static Bytes nested(int depth) {
        ByteWriter out = new ByteWriter().u8(1);
        for (int i = 0; i < depth; i++) {
            out.bytes(Bytes.hex("01 01 61"));
        }
        for (int i = 0; i < depth; i++) {
            out.u8(2);
        }
        return out.toBytes();
    }

    @Test
    void whatDoesNotFitIsNotWritten() {
        assertThatThrownBy(() -> new ViciPacket.EventRegister("x".repeat(256)).encode()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ViciPacket.CommandResponse(ViciMessage.of(out -> out.put("a", "x".repeat(65_536)))).encode())
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void refuses(String hex, String reason) {
        assertThatThrownBy(() -> ViciPacket.decode(Bytes.hex(hex))).isInstanceOf(MalformedVici.class).hasMessageContaining(reason);
    }

    @Property
    void everyMessageComesBackAsItWas(@ForAll("messages") ViciMessage message) throws MalformedVici {
        ViciPacket packet = new ViciPacket.CommandResponse(message);

        assertThat(ViciPacket.decode(packet.encode())).isEqualTo(packet);
    }

    @Property(tries = 5000)
    void changedOctetsAreAMessageOrMalformedAndNothingElse(
            @ForAll("messages") ViciMessage message, @ForAll("changes") List<Integer> changes) {
        byte[] octets = new ViciPacket.CommandRequest("list-sas", message).encode().toArray();
        for (int change : changes) {
            octets[Math.floorMod(change >>> 8, octets.length)] = (byte) change;
        }
        try {
            ViciPacket again = ViciPacket.decode(Bytes.wrap(octets));
            assertThat(ViciPacket.decode(again.encode())).isEqualTo(again);
        } catch (MalformedVici expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        }
    }

    @Provide
    Arbitrary<List<Integer>> changes() {
        return Arbitraries.integers().list().ofMinSize(1).ofMaxSize(6);
    }

    @Provide
    Arbitrary<ViciMessage> messages() {
        return messages(3);
    }

    private static Arbitrary<ViciMessage> messages(int depth) {
        Arbitrary<String> names = Arbitraries.strings().alpha().ofMaxLength(5);
        Arbitrary<Bytes> octets = Arbitraries.bytes().array(byte[].class).ofMaxSize(9).map(Bytes::wrap);
        Arbitrary<ViciMessage.Element> value = Combinators.combine(names, octets).as(ViciMessage.Value::new);
        Arbitrary<ViciMessage.Element> list = Combinators.combine(names, octets.list().ofMaxSize(3)).as(ViciMessage.Items::new);
        Arbitrary<ViciMessage.Element> element = depth == 0
                ? Arbitraries.oneOf(value, list)
                : Arbitraries.oneOf(value, list,
                        Combinators.combine(names, Arbitraries.lazy(() -> messages(depth - 1))).as(ViciMessage.Section::new));
        return element.list().ofMaxSize(4).map(ViciMessage::new);
    }
}
