package org.xfrmagent.netlink.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xfrmagent.netlink.FreshNamespace.ip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.netlink.FreshNamespace;

@Tag("netns")
@Timeout(30)
@ExtendWith(FreshNamespace.class)
class UdpSocketTest {
    private static final UdpSocket.Options PLAIN = UdpSocket.Options.PLAIN;

    private static InetSocketAddress at(String address, int port) throws IOException {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private static List<String> texts(List<Datagram> datagrams) {
        return datagrams.stream().map(one -> new String(one.data(), UTF_8)).toList();
    }

    /** Reads until {@code count} datagrams are there; the test's timeout ends it otherwise. */
    private static List<Datagram> receive(UdpSocket socket, int count) throws IOException {
        List<Datagram> all = new ArrayList<>();
        while (all.size() < count) {
            all.addAll(socket.receive());
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1, 127.0.0.7", "::, ::1, fd00::7"})
    void aWildcardSocketTellsWhichAddressWasAskedAndAnswersFromAnother(String any, String client, String server) throws IOException {
        ip("link set lo up");
        ip("address add fd00::7/128 dev lo nodad");
        try (UdpSocket listening = UdpSocket.open(at(any, 500), UdpSocket.Options.IKE);
                UdpSocket asking = UdpSocket.open(at(client, 0), PLAIN)) {
            // The kernel finishes a new IPv6 address in the background, and drops what comes for it before.
            List<Datagram> received;
            do {
                asking.send(Outgoing.of(at(server, 500), "hello".getBytes(UTF_8)));
                received = listening.receive(200);
            } while (received.isEmpty());
            Datagram question = received.getFirst();
            assertThat(question.source()).isEqualTo(asking.localAddress());
            assertThat(question.destination()).isEqualTo(InetAddress.ofLiteral(server));
            assertThat(question.destinationPort()).isEqualTo(500);
            assertThat(question.data()).asString(UTF_8).isEqualTo("hello");

            listening.send(question.destination(), question.source(), "well".getBytes(UTF_8));
            Datagram answer = asking.receive().getFirst();
            assertThat(answer.source()).isEqualTo(at(server, 500));
            assertThat(answer.destination()).isEqualTo(InetAddress.ofLiteral(client));
        }
    }

    @Test
    void aBatchArrivesInOrderWithEachDatagramWhole() throws IOException {
        ip("link set lo up");
        try (UdpSocket here = UdpSocket.open(at("127.0.0.1", 0), PLAIN.withBuffers(1 << 22, 0));
                UdpSocket there = UdpSocket.open(at("127.0.0.1", 0), PLAIN)) {
            List<Outgoing> batch = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                batch.add(Outgoing.of(here.localAddress(), new byte[i * 7]));
            }
            assertThat(there.send(batch)).isEmpty();
            List<Datagram> got = receive(here, 200);
            for (int i = 0; i < 200; i++) {
                assertThat(got.get(i).data()).hasSize(i * 7);
                assertThat(got.get(i).source()).isEqualTo(there.localAddress());
            }
        }
    }

    @Test
    void aRefusedDatagramIsNamedAndTheOthersOfItsBatchAreSent() throws IOException {
        ip("link set lo up");
        try (UdpSocket here = UdpSocket.open(at("127.0.0.1", 0), PLAIN);
                UdpSocket there = UdpSocket.open(at("0.0.0.0", 0), PLAIN)) {
            List<Outgoing> batch = List.of(
                    Outgoing.of(here.localAddress(), "one".getBytes(UTF_8)),
                    Outgoing.of(at("192.0.2.1", 500), "nowhere".getBytes(UTF_8)),
                    Outgoing.of(here.localAddress(), new byte[65_535]),
                    Outgoing.of(here.localAddress(), "four".getBytes(UTF_8)));
            assertThat(there.send(batch))
                    .containsExactly(new Outgoing.Failure(1, Errno.ENETUNREACH), new Outgoing.Failure(2, Errno.EMSGSIZE));
            assertThat(texts(receive(here, 2))).containsExactly("one", "four");
            assertThatThrownBy(() -> there.send(batch.get(1)))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("192.0.2.1:500")
                    .hasMessageContaining("Network is unreachable (ENETUNREACH)");
        }
    }

    @Test
    void theKernelCutsASegmentedSendAndReceivingCutsWhatItGluedTogether() throws IOException {
        ip("link set lo up");
        try (UdpSocket here = UdpSocket.open(at("127.0.0.1", 0), PLAIN.withGro(true).withBuffers(1 << 22, 0));
                UdpSocket there = UdpSocket.open(at("127.0.0.1", 0), PLAIN)) {
            byte[] data = new byte[10 * 1000 + 123];
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) (i / 1000);
            }
            there.send(new Outgoing(Optional.empty(), here.localAddress(), data, 1000));
            List<Datagram> got = receive(here, 11);
            assertThat(got).hasSize(11);
            for (int i = 0; i < 11; i++) {
                assertThat(got.get(i).data()).hasSize(i < 10 ? 1000 : 123).containsOnly(i);
            }
        }
    }

    @Test
    void closingEndsEveryWaitingReader() throws Exception {
        UdpSocket socket = UdpSocket.open(at("0.0.0.0", 0), PLAIN);
        CountDownLatch started = new CountDownLatch(2);
        List<CompletableFuture<List<Datagram>>> readers = Collections.nCopies(2, socket).stream()
                .map(shared -> CompletableFuture.supplyAsync(
                        () -> {
                            started.countDown();
                            try {
                                return shared.receive();
                            } catch (IOException ended) {
                                throw new CompletionException(ended);
                            }
                        },
                        work -> Thread.ofPlatform().start(work)))
                .toList();
        assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();
        socket.close();
        socket.close();
        for (CompletableFuture<List<Datagram>> reader : readers) {
            assertThat(reader)
                    .failsWithin(5, TimeUnit.SECONDS)
                    .withThrowableOfType(Exception.class)
                    .withCauseInstanceOf(ClosedChannelException.class);
        }
        assertThatThrownBy(socket::receive).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> socket.send(Outgoing.of(at("127.0.0.1", 9), new byte[1]))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aPortUnreachableMessageDoesNotDisturbTheReader() throws IOException {
        ip("link set lo up");
        try (UdpSocket here = UdpSocket.open(at("127.0.0.1", 0), PLAIN);
                UdpSocket there = UdpSocket.open(at("127.0.0.1", 0), PLAIN)) {
            here.send(Outgoing.of(at("127.0.0.1", 9), "nobody listens".getBytes(UTF_8)));
            there.send(Outgoing.of(here.localAddress(), "hello".getBytes(UTF_8)));
            assertThat(texts(here.receive())).containsExactly("hello");
            assertThat(here.receive(0)).isEmpty();
        }
    }

    @Test
    void onlyASocketThatBypassesThePoliciesIsHeardUnderABlockPolicy() throws IOException {
        ip("link set lo up");
        // Loopback is exempt from policies unless told otherwise.
        Files.writeString(Path.of("/proc/sys/net/ipv4/conf/lo/disable_xfrm"), "0");
        ip("xfrm policy add src 127.0.0.0/8 dst 127.0.0.0/8 dir out action block");
        try (UdpSocket here = UdpSocket.open(at("127.0.0.1", 0), PLAIN);
                UdpSocket blocked = UdpSocket.open(at("127.0.0.1", 0), PLAIN);
                UdpSocket exempt = UdpSocket.open(at("127.0.0.1", 0), UdpSocket.Options.IKE)) {
            assertThatThrownBy(() -> blocked.send(Outgoing.of(here.localAddress(), "held".getBytes(UTF_8))))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("EPERM");
            exempt.send(Outgoing.of(here.localAddress(), "free".getBytes(UTF_8)));
            assertThat(texts(here.receive())).containsExactly("free");
        }
    }

    @Test
    void aTakenPortIsRefusedByName() throws IOException {
        ip("link set lo up");
        try (UdpSocket first = UdpSocket.open(at("127.0.0.1", 0), PLAIN)) {
            assertThatThrownBy(() -> UdpSocket.open(first.localAddress(), PLAIN))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("bind")
                    .hasMessageContaining("127.0.0.1:" + first.localAddress().getPort())
                    .hasMessageContaining("Address already in use (EADDRINUSE)");
        }
    }

    @Test
    void everyOptionIsAcceptedByTheKernel() throws IOException {
        ip("link set lo up");
        UdpSocket.Options all = UdpSocket.Options.IKE
                .withFreeBind(true)
                .withGro(true)
                .withMark(0x42)
                .withBuffers(1 << 20, 1 << 20)
                .withBatch(4)
                .withDevice("lo");
        try (UdpSocket four = UdpSocket.open(at("192.0.2.9", 4500), all);
                UdpSocket six = UdpSocket.open(at("2001:db8::9", 4500), all);
                UdpSocket encapsulating = UdpSocket.open(at("0.0.0.0", 4501), PLAIN.withEspInUdp(true))) {
            assertThat(four.localAddress()).isEqualTo(at("192.0.2.9", 4500));
            assertThat(six.localAddress()).isEqualTo(at("2001:db8::9", 4500));
            assertThat(encapsulating.localAddress().getPort()).isEqualTo(4501);
        }
    }
}
