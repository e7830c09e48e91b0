package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/** Many tunnels, many clients, and among them some that do not behave. */
@Timeout(120)
final class CrowdTest {
    private static final int TUNNELS = 10_000;
    private static final int CLIENTS = 200;
    private static final int CHILDREN = 3_000;

    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());

    @TempDir
    private Path folder = Path.of("");

    private Path socket() {
        return folder.resolve("control.vici");
    }

    private static Session copy(Session session, int number) {
        return new Session(number, 0, true, true, session.settings(), session.profile(), session.path(), session.nat(), session.phase(),
                session.children(), session.tasks(), session.delayed(), session.jobs(), 1, 0, 0, session.reassembly(), session.mobility());
    }

    private void tenThousand() {
        agent.with(Samples.NOW, IntStream.rangeClosed(1, TUNNELS).mapToObj(number -> copy(session, number)).toArray(Session[]::new));
    }

    /** Whoever reads the counters of some SAs reads all of the kernel's: it is done once. */
    @Test
    void aListingOfTenThousandTunnelsAsksForTheirCountersOnce() throws IOException {
        tenThousand();
        try (ViciServer server = Vici.serve(agent, socket()); Listener client = new Listener(socket())) {
            assertThat(server).isNotNull();
            assertThat(client.list()).isEqualTo(TUNNELS);
            assertThat(agent.asked()).isEqualTo(1);
        }
    }

    /** A segment holds 512 KiB. */
    @Test
    void anIkeSaWithThousandsOfChildrenComesInSeveralEvents() throws IOException {
        ChildSa child = session.children().getFirst();
        List<ChildSa> children = IntStream.rangeClosed(1, CHILDREN)
                .mapToObj(serial -> new ChildSa(serial, child.profile(), child.suite(), child.mode(), child.inbound(), child.outbound(),
                        child.encapsulation(), child.local(), child.remote(), child.policies(), child.since(), child.limits(), child.state(),
                        child.replaces(), child.tags()))
                .toList();
        agent.with(Samples.NOW, session.withChildren(children));
        try (ViciServer server = Vici.serve(agent, socket()); ViciClient client = ViciClient.connect(socket())) {
            assertThat(server).isNotNull();
            List<ViciMessage> events = client.list("list-sas", ViciMessage.EMPTY, "list-sa");
            assertThat(events).hasSizeGreaterThan(1).allSatisfy(event -> assertThat(event.section("ab").text("uniqueid")).hasValue("1"));
            assertThat(events.stream().flatMap(event -> event.section("ab").section("child-sas").sections().stream()).map(ViciMessage.Section::name))
                    .hasSize(CHILDREN).doesNotHaveDuplicates();
        }
    }

    /** Counts segments and looks into none: what is measured is the agent. */
    private static final class Listener implements AutoCloseable {
        private final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);

        private Listener(Path socket) throws IOException {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Segment.write(channel, new ViciPacket.EventRegister("list-sa").encode());
            assertThat(Segment.read(channel)).isPresent();
        }

        private int list() throws IOException {
            Segment.write(channel, new ViciPacket.CommandRequest("list-sas", ViciMessage.EMPTY).encode());
            int events = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20).limit(0);
            while (true) {
                int length = next(buffer, Integer.BYTES).getInt();
                next(buffer, length);
                int type = buffer.get(buffer.position());
                buffer.position(buffer.position() + length);
                if (type != 7) {
                    return events;
                }
                events++;
            }
        }

        private ByteBuffer next(ByteBuffer buffer, int count) throws IOException {
            while (buffer.remaining() < count) {
                buffer.compact();
                assertThat(channel.read(buffer)).isPositive();
                buffer.flip();
            }
            return buffer;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void twoHundredClientsAreServedAtOnceAndEachIsTold() throws IOException {
        List<ViciClient> clients = new ArrayList<>();
        try (ViciServer server = Vici.serve(agent.with(Samples.NOW, session), socket())) {
            assertThat(server).isNotNull();
            for (int i = 0; i < CLIENTS; i++) {
                ViciClient client = ViciClient.connect(socket());
                clients.add(client);
                client.register("child-updown");
            }
            ChildSa child = session.children().getFirst();
            agent.emit(session, new Event.ChildUp(child));
            for (ViciClient client : clients) {
                assertThat(client.next().name()).isEqualTo("child-updown");
                assertThat(client.list("list-sas", ViciMessage.EMPTY, "list-sa")).hasSize(1);
            }
            // One that claims a segment too large, one that stops within a segment, and one that nests without end.
            byte[] nested = new byte[4 + 1 + 1 + 3 * 200];
            ByteBuffer.wrap(nested).putInt(nested.length - 4).put((byte) 0).put((byte) 0);
            for (int at = 6; at < nested.length; at += 3) {
                nested[at] = 1;
                nested[at + 1] = 1;
                nested[at + 2] = 'x';
            }
            for (byte[] bad : List.of(new byte[] {0, 8, 0, 1}, nested)) {
                try (SocketChannel rude = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    rude.connect(UnixDomainSocketAddress.of(socket()));
                    rude.write(ByteBuffer.wrap(bad));
                    assertThat(rude.read(ByteBuffer.allocate(1))).as("closed").isEqualTo(-1);
                }
            }
            for (ViciClient client : clients) {
                assertThat(client.ask("version").text("daemon")).contains("xfrm-agent");
            }
        } finally {
            for (ViciClient client : clients) {
                client.close();
            }
        }
    }
}
