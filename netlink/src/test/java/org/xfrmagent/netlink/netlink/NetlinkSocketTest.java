package org.xfrmagent.netlink.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.netlink.linux.Errno;

/** Acknowledgements, dumps and batches against a scripted kernel. */
class NetlinkSocketTest {
    private static final int NEW = 0x20;
    private static final int INTERRUPTED = NetlinkMessage.NLM_F_DUMP_INTR;

    /** Answers each datagram with what the script makes of its messages. */
    private static final class ScriptedKernel implements Transport {
        private final Function<List<NetlinkMessage>, List<byte[]>> script;
        private final Deque<byte[]> answers = new ArrayDeque<>();
        private final List<Integer> datagrams = new ArrayList<>();

        ScriptedKernel(Function<List<NetlinkMessage>, List<byte[]>> script) {
            this.script = script;
        }

        @Override
        public void send(byte[] data, int length) throws IOException {
            List<NetlinkMessage> messages = NetlinkMessage.readAll(Arrays.copyOf(data, length));
            datagrams.add(messages.size());
            answers.addAll(script.apply(messages));
        }

        @Override
        public byte[] receive(int timeoutMillis) {
            byte[] next = answers.poll();
            return next == null ? new byte[0] : next;
        }

        @Override
        public void close() {}
    }

    private static byte[] message(int type, int flags, int sequence, byte[] body) {
        return new StructWriter().u32(16 + body.length).u16(type).u16(flags).u32(sequence).u32(0).bytes(body).toArray();
    }

    private static byte[] item(int sequence, int flags, int value) {
        return message(NEW, flags, sequence, new StructWriter().u32(value).toArray());
    }

    private static byte[] done(int sequence, int flags, int error) {
        return message(NetlinkMessage.NLMSG_DONE, flags, sequence, new StructWriter().u32(error).toArray());
    }

    private static byte[] acknowledgement(int sequence) {
        return error(sequence, 0, "");
    }

    /** struct nlmsgerr, capped, with the extended text behind it. */
    private static byte[] error(int sequence, int errno, String text) {
        StructWriter body = new StructWriter().u32(-errno).u32(20).u16(NEW).u16(0).u32(sequence).u32(0);
        int flags = NetlinkMessage.NLM_F_CAPPED;
        if (!text.isEmpty()) {
            body.attribute(1, text);
            flags |= NetlinkMessage.NLM_F_ACK_TLVS;
        }
        return message(NetlinkMessage.NLMSG_ERROR, flags, sequence, body.toArray());
    }

    private static NetlinkRequest request(int value) {
        return new NetlinkRequest(NEW, 0, new StructWriter().u32(value), "request " + value);
    }

    private static List<Integer> values(List<NetlinkMessage> messages) throws MalformedMessage {
        List<Integer> values = new ArrayList<>();
        for (NetlinkMessage message : messages) {
            values.add(message.payload().u32());
        }
        return values;
    }

    @Test
    void anAnswerToAnOlderRequestIsPassedOver() throws IOException {
        ScriptedKernel kernel = new ScriptedKernel(sent -> {
            int sequence = sent.getFirst().sequence();
            return List.of(error(sequence - 1, 17, "stale"), item(sequence, 0, 5), acknowledgement(sequence));
        });
        assertThat(values(new NetlinkSocket(kernel).query(request(1)))).containsExactly(5);
    }

    @Test
    void aRefusalCarriesTheKernelsText() {
        ScriptedKernel kernel =
                new ScriptedKernel(sent -> List.of(error(sent.getFirst().sequence(), 22, "Invalid prefix length")));
        assertThatThrownBy(() -> new NetlinkSocket(kernel).execute(request(1)))
                .isInstanceOf(NetlinkException.class)
                .hasMessage("request 1: Invalid argument (EINVAL): Invalid prefix length");
    }

    @Test
    void anInterruptedDumpIsThrownAwayAndAskedAgain() throws IOException {
        Deque<Integer> flags = new ArrayDeque<>(List.of(INTERRUPTED, INTERRUPTED, 0));
        ScriptedKernel kernel = new ScriptedKernel(sent -> {
            int sequence = sent.getFirst().sequence();
            int now = flags.remove();
            return List.of(item(sequence, 0, flags.size()), item(sequence, now, 10 + flags.size()), done(sequence, now, 0));
        });
        assertThat(values(new NetlinkSocket(kernel).dump(request(1)))).containsExactly(0, 10);
        assertThat(kernel.datagrams).hasSize(3);
    }

    @Test
    void aDumpThatIsAlwaysInterruptedEnds() {
        ScriptedKernel kernel = new ScriptedKernel(sent -> List.of(done(sent.getFirst().sequence(), INTERRUPTED, 0)));
        assertThatThrownBy(() -> new NetlinkSocket(kernel).dump(request(1)))
                .isInstanceOfSatisfying(NetlinkException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.EINTR));
    }

    @Test
    void aDumpThatFailsAtItsEndIsAnError() {
        ScriptedKernel kernel = new ScriptedKernel(sent -> {
            int sequence = sent.getFirst().sequence();
            return List.of(item(sequence, 0, 1), done(sequence, 0, -12));
        });
        assertThatThrownBy(() -> new NetlinkSocket(kernel).dump(request(1))).hasMessageContaining("ENOMEM");
    }

    @Test
    void aBatchNamesEachRefusedRequestEvenTheLastOfAPart() throws IOException {
        ScriptedKernel kernel = new ScriptedKernel(sent -> {
            List<byte[]> answers = new ArrayList<>();
            for (NetlinkMessage message : sent) {
                boolean last = message == sent.getLast();
                assertThat((message.flags() & NetlinkRequest.NLM_F_ACK) != 0).isEqualTo(last);
                try {
                    int value = message.payload().u32();
                    if (value == 3 || value == 63 || value == 99) {
                        answers.add(error(message.sequence(), 17, ""));
                    } else if (last) {
                        answers.add(acknowledgement(message.sequence()));
                    }
                } catch (MalformedMessage impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
            return answers;
        });
        List<NetlinkRequest> requests = IntStream.range(0, 100).mapToObj(NetlinkSocketTest::request).toList();
        List<NetlinkSocket.Failure> failures = new NetlinkSocket(kernel).batch(requests);
        assertThat(failures).extracting(NetlinkSocket.Failure::index).containsExactly(3, 63, 99);
        assertThat(failures.getFirst().error()).hasMessage("request 3: File exists (EEXIST)");
        assertThat(kernel.datagrams).containsExactly(64, 36);
        assertThat(requests).allSatisfy(request -> assertThat(request.body().length()).isZero());
    }

    @Test
    void aKernelThatDoesNotAnswerIsAnError() {
        assertThatThrownBy(() -> new NetlinkSocket(new ScriptedKernel(sent -> List.of())).execute(request(1)))
                .hasMessageContaining("no answer from the kernel");
    }

    @Test
    void attributesWithBadLengthsAreRefusedAndNeverLoop() {
        for (int length : new int[] {0, 1, 3, 9, 0xffff}) {
            byte[] octets = new StructWriter().u16(length).u16(1).u32(0).toArray();
            assertThatThrownBy(() -> Attributes.read(new StructReader(octets)))
                    .isInstanceOf(MalformedMessage.class)
                    .hasMessageContaining("attribute 1 of " + length + " octets");
        }
        byte[] message = new StructWriter().u32(0).zeros(12).toArray();
        assertThatThrownBy(() -> NetlinkMessage.readAll(message)).isInstanceOf(MalformedMessage.class);
    }

    @Test
    void nestedAttributesArePaddedAndReadBack() throws MalformedMessage {
        byte[] octets = new StructWriter()
                .attribute(1, "odd")
                .attribute(2, outer -> outer.attribute(3, inner -> inner.u8(7)).attribute(4, 42))
                .toArray();
        Attributes attributes = Attributes.read(new StructReader(octets));
        assertThat(octets.length % 4).isZero();
        assertThat(attributes.text(1)).isEqualTo("odd");
        assertThat(attributes.nested(2).u32(4, 0)).isEqualTo(42);
        assertThat(attributes.nested(2).find(3).orElseThrow().length()).isEqualTo(1);
        assertThat(attributes.u32(9, -1)).isEqualTo(-1);
    }
}
