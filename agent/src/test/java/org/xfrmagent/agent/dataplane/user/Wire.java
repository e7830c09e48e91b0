package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Records what crosses the wire between the gateways of {@link TunnelTest} until it is read. */
final class Wire {
    private final Namespaces hosts;
    private final Path file;
    private final Process tcpdump;

    /** @param folder for tcpdump's file */
    Wire(Namespaces hosts, Path folder) throws Exception {
        this.hosts = hosts;
        file = folder.resolve("wire" + System.nanoTime() + ".pcap");
        tcpdump = hosts.start("west", "tcpdump -i wan -U -Z root -w " + file + " not arp and not icmp6[0]>=133");
        awaitFile();
    }

    private void awaitFile() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Files.exists(file) || Files.size(file) < 24) {
            assertThat(System.nanoTime()).as("tcpdump has not begun").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** One line per packet that is neither {@code expected} nor neighbour discovery. */
    List<String> everythingBut(String expected) throws Exception {
        tcpdump.destroy();
        tcpdump.waitFor();
        String lines = hosts.in("west", "tcpdump -nr " + file + " not (" + expected + ") and not net fe80::/10 and not (icmp6 and ip6[40]>=133)");
        return Arrays.stream(lines.split("\n")).filter(line -> !line.startsWith("reading") && !line.isBlank()).toList();
    }
}
