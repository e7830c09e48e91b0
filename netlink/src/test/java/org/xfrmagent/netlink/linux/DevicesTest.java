package org.xfrmagent.netlink.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xfrmagent.netlink.FreshNamespace.ip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.nio.channels.ClosedChannelException;
import java.util.EnumSet;
import java.util.Set;
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

/** TUN devices, raw sockets and namespaces against the running kernel. */
@Tag("netns")
@Timeout(30)
@ExtendWith(FreshNamespace.class)
class DevicesTest {
    private static final int ESP = 50;
    private static final int AH = 51;

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.9, 50", "127.0.0.1, 127.0.0.9, 51", "::1, fd00::9, 50", "::1, fd00::9, 51"})
    void aRawSocketDeliversThePayloadWithoutIpHeader(String from, String to, int protocol) throws IOException {
        ip("link set lo up");
        ip("address add fd00::9/128 dev lo nodad");
        InetAddress any = address(from.contains(":") ? "::" : "0.0.0.0");
        try (RawSocket receiving = RawSocket.open(any, protocol, RawSocket.Options.BYPASS);
                RawSocket sending = RawSocket.open(address(from), protocol, RawSocket.Options.PLAIN)) {
            byte[] payload = {0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1, 42, 43, 44, 45};
            // The kernel finishes a new IPv6 address in the background, and drops what comes for it before.
            List<Datagram> received;
            do {
                sending.send(address(from), address(to), payload);
                received = receiving.receive(200);
            } while (received.isEmpty());
            Datagram got = received.getFirst();
            assertThat(got.source()).isEqualTo(new InetSocketAddress(address(from), 0));
            assertThat(got.destination()).isEqualTo(address(to));
            assertThat(got.data()).containsExactly(payload);
            assertThat(protocol).isIn(ESP, AH);
        }
    }

    private static TunDevice up(TunDevice.Options options) throws IOException {
        TunDevice tun = TunDevice.open("tun%d", options);
        ip("address add 10.9.0.1/24 dev " + tun.name());
        ip("link set " + tun.name() + " up");
        return tun;
    }

    /** The next IPv4 packet; a new interface first says hello in IPv6. */
    private static byte[] readIpv4(TunDevice tun) throws IOException {
        while (true) {
            byte[] packet = tun.read();
            if (packet[0] >> 4 == 4) {
                return packet;
            }
        }
    }

    /** The next IPv4 packet of whichever queue the kernel chose for the flow. */
    private static byte[] nextIpv4(TunDevice... queues) throws IOException {
        while (true) {
            for (TunDevice queue : queues) {
                byte[] packet = queue.read(20);
                if (packet.length > 0 && packet[VnetHeader.LENGTH] >> 4 == 4) {
                    return packet;
                }
            }
        }
    }

    /** Turns a UDP packet back to its sender: the checksums stay right because they are sums. */
    private static byte[] turnedBack(byte[] packet, int at) {
        byte[] back = packet.clone();
        System.arraycopy(packet, at + 12, back, at + 16, 4);
        System.arraycopy(packet, at + 16, back, at + 12, 4);
        System.arraycopy(packet, at + 20, back, at + 22, 2);
        System.arraycopy(packet, at + 22, back, at + 20, 2);
        return back;
    }

    @Test
    void aPacketRoutedToATunDeviceIsReadAndItsReplyArrives() throws IOException {
        try (TunDevice tun = up(TunDevice.Options.PLAIN);
                UdpSocket socket = UdpSocket.open(new InetSocketAddress(address("10.9.0.1"), 0), UdpSocket.Options.PLAIN)) {
            InetSocketAddress far = new InetSocketAddress(address("10.9.0.2"), 4000);
            socket.send(Outgoing.of(far, "there and back".getBytes(UTF_8)));
            byte[] packet = readIpv4(tun);
            assertThat(packet).hasSize(20 + 8 + 14);
            tun.write(turnedBack(packet, 0));
            Datagram echo = socket.receive().getFirst();
            assertThat(echo.source()).isEqualTo(far);
            assertThat(echo.data()).asString(UTF_8).isEqualTo("there and back");
        }
    }

    @Test
    void withOffloadsAPacketCarriesItsChecksumInTheHeaderInstead() throws IOException {
        TunDevice.Options offloading = new TunDevice.Options(true, true, EnumSet.of(TunDevice.Offload.TSO4, TunDevice.Offload.TSO6));
        try (TunDevice tun = up(offloading);
                TunDevice second = TunDevice.open(tun.name(), offloading);
                UdpSocket socket = UdpSocket.open(new InetSocketAddress(address("10.9.0.1"), 0), UdpSocket.Options.PLAIN)) {
            assertThat(second.name()).isEqualTo(tun.name());
            socket.send(Outgoing.of(new InetSocketAddress(address("10.9.0.2"), 4000), new byte[1000]));
            byte[] packet = nextIpv4(tun, second);
            VnetHeader header = VnetHeader.read(packet);
            assertThat(header.flags()).isEqualTo(VnetHeader.NEEDS_CHECKSUM);
            assertThat(header.type()).isEqualTo(VnetHeader.NONE);
            assertThat(header.checksumStart()).isEqualTo(20);
            assertThat(header.checksumOffset()).isEqualTo(6);
            byte[] back = turnedBack(packet, VnetHeader.LENGTH);
            header.write(back, 0);
            assertThat(VnetHeader.read(back)).isEqualTo(header);
            tun.write(back);
            assertThat(socket.receive().getFirst().data()).hasSize(1000);
        }
    }

    @Test
    void closingATunDeviceEndsItsReader() throws Exception {
        TunDevice tun = TunDevice.open("tun0", TunDevice.Options.PLAIN);
        ip("link set tun0 up");
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<byte[]> reader = CompletableFuture.supplyAsync(
                () -> {
                    started.countDown();
                    try {
                        while (true) {
                            tun.read();
                        }
                    } catch (IOException ended) {
                        throw new CompletionException(ended);
                    }
                },
                work -> Thread.ofPlatform().start(work));
        assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();
        tun.close();
        assertThat(reader)
                .failsWithin(5, TimeUnit.SECONDS)
                .withThrowableOfType(Exception.class)
                .withCauseInstanceOf(ClosedChannelException.class);
    }

    @Test
    void badNamesAndBadPacketsAreRefusedInWords() throws IOException {
        assertThatThrownBy(() -> TunDevice.open("a-name-too-long-for-linux", TunDevice.Options.PLAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("25 octets, not 1 to 15");
        assertThatThrownBy(() -> new TunDevice.Options(false, false, Set.of(TunDevice.Offload.TSO4)))
                .isInstanceOf(IllegalArgumentException.class);
        try (TunDevice tun = up(TunDevice.Options.PLAIN)) {
            assertThatThrownBy(() -> tun.write(new byte[] {0x70, 0, 0, 0}))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("EINVAL");
        }
    }

    @Test
    void workRunsInTheNamespaceItWasGivenToAndNoOtherThreadNotices() throws IOException {
        String here = Netns.identity();
        try (Netns other = Netns.create()) {
            assertThat(other.call(Netns::identity)).isEqualTo(other.name()).isNotEqualTo(here);
            other.call(() -> ip("link add only-there type veth peer name its-peer"));
            assertThat(other.call(() -> ip("link show"))).contains("only-there");
            assertThat(ip("link show")).doesNotContain("only-there");
            assertThat(Netns.identity()).isEqualTo(here);
            assertThatThrownBy(() -> other.call(() -> {
                        throw new IOException("as it was");
                    }))
                    .hasMessage("as it was");
        }
    }
}
