package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/**
 * What clients put on the wire and get back, octet by octet, without any code of ours in between: hexadecimal, and text in quotes.
 *
 * <pre>
 *   00000009       03              07 'list-sa'
 *   length         EVENT_REGISTER  name
 * </pre>
 */
@Timeout(60)
final class ViciOctetsTest {
    private static final Pattern TOKEN = Pattern.compile("'([^']*)'|([0-9a-f]+)");

    private static final String REGISTER_LIST_SA = "00000009 03 07 'list-sa'";
    private static final String UNREGISTER_LIST_SA = "00000009 04 07 'list-sa'";
    private static final String LIST_SAS = "0000000a 00 08 'list-sas'";
    private static final String CONFIRM = "00000001 05";
    private static final String EMPTY_RESPONSE = "00000001 01";
    private static final String SA = "07 07 'list-sa' 01 02 'ab' 03 08 'uniqueid' 0001 '1' 03 07 'version' 0001 '2' 03 05 'state' 000b 'ESTABLISHED'";
    private static final String SUCCESS = "0000000f 01 03 07 'success' 0003 'yes'";

    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final Path socket;
    private final ViciServer server;
    private final SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);

    ViciOctetsTest(@TempDir Path folder) throws IOException {
        socket = folder.resolve("control.vici");
        server = Vici.serve(agent.with(Samples.NOW, session), socket);
        client.connect(UnixDomainSocketAddress.of(socket));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private static byte[] octets(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) {
            out.writeBytes(token.group(1) == null
                    ? HexFormat.of().parseHex(token.group(2))
                    : token.group(1).getBytes(StandardCharsets.US_ASCII));
        }
        return out.toByteArray();
    }

    private void send(String... segments) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(octets(String.join(" ", segments)));
        while (all.hasRemaining()) {
            client.write(all);
        }
    }

    private byte[] read(int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            assertThat(client.read(buffer)).as("the connection goes on").isPositive();
        }
        return buffer.array();
    }

    /** The next segment, whole. */
    private void expect(String segment) throws IOException {
        byte[] expected = octets(segment);
        assertThat(read(expected.length)).asHexString().isEqualTo(HexFormat.of().withUpperCase().formatHex(expected));
    }

    /** The next segment, whatever its length, begins so. */
    private void expectBeginning(String data) throws IOException {
        byte[] expected = octets(data);
        byte[] segment = read(ByteBuffer.wrap(read(Integer.BYTES)).getInt());
        assertThat(Arrays.copyOf(segment, expected.length)).asHexString().isEqualTo(HexFormat.of().withUpperCase().formatHex(expected));
    }

    /** As govici and the vici module of Python do every list: register, ask, read until the response, unregister. */
    @Test
    void aListIsStreamedBetweenRegisteringAndUnregistering() throws IOException {
        for (int again = 0; again < 2; again++) {
            send(REGISTER_LIST_SA);
            expect(CONFIRM);
            send("00000018 00 08 'list-sas' 03 07 'noblock' 0003 'yes'");
            expectBeginning(SA);
            expect(EMPTY_RESPONSE);
            send(UNREGISTER_LIST_SA);
            expect(CONFIRM);
        }
        send(LIST_SAS);
        expect(EMPTY_RESPONSE);
        send(UNREGISTER_LIST_SA);
        expect("00000001 06");
    }

    /** An exporter for Prometheus keeps its connection, and asks for everything at every scrape. */
    @Test
    void oneConnectionServesScrapeAfterScrape() throws IOException {
        for (int scrape = 0; scrape < 3; scrape++) {
            send("00000009 00 07 'version'");
            expectBeginning("01 03 06 'daemon' 000a 'xfrm-agent' 03 07 'version' 0005 '0.1.0' 03 07 'sysname' 0005 'Linux'");
            send("00000007 00 05 'stats'");
            expectBeginning("01 01 06 'uptime' 03 07 'running' 000a '14 seconds' 03 05 'since'");
            send("0000000e 00 0c 'get-counters'");
            expectBeginning("01 01 08 'counters' 01 00 03 0e 'ike-rekey-init' 0001 '0' 03 0e 'ike-rekey-resp' 0001 '0'");
            send("0000000b 00 09 'get-pools'");
            expectBeginning("01 01 05 'staff' 03 04 'base' 0008 '10.3.0.0' 03 04 'size' 0002 '14'");
            send("0000000c 00 0a 'get-nought'");
            expect("00000001 02");
            send(REGISTER_LIST_SA);
            expect(CONFIRM);
            send(LIST_SAS);
            expectBeginning(SA);
            expect(EMPTY_RESPONSE);
            send(UNREGISTER_LIST_SA);
            expect(CONFIRM);
        }
    }

    /** As strongMan brings a connection up: the log comes before the answer. */
    @Test
    void anInitiateIsAnsweredAfterItsLog() throws IOException {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.ChildUp(session.children().getFirst()));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });
        send("0000000d 03 0b 'control-log'");
        expect(CONFIRM);
        send("00000025 00 08 'initiate' 03 05 'child' 0003 'net' 03 07 'timeout' 0004 '5000'");
        expectBeginning("07 0b 'control-log' 03 05 'group' 0003 'CHD' 03 05 'level' 0001 '0' 03 0a 'ikesa-name' 0002 'ab'");
        expect(SUCCESS);
        send("0000000d 04 0b 'control-log'");
        expect(CONFIRM);
    }

    /** Whoever registered for an event gets it at any time, between a request and its response too. */
    @Test
    void anEventMayComeBetweenARequestAndItsResponse() throws IOException {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.ChildUp(session.children().getFirst()));
            agent.emit(session, new Event.Moved(session, "moving"));
            agent.emit(session, new Event.Retransmitted(2, 1));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });
        send("0000000e 03 0c 'child-updown'", "0000000c 03 0a 'ike-update'", "00000007 03 05 'alert'");
        expect(CONFIRM);
        expect(CONFIRM);
        expect(CONFIRM);
        send("00000016 00 08 'initiate' 03 05 'child' 0003 'net'");
        expectBeginning("07 0c 'child-updown' 03 02 'up' 0003 'yes' 01 02 'ab' 03 08 'uniqueid' 0001 '1'");
        expectBeginning("07 0a 'ike-update' 03 0a 'local-host' 0008 '10.9.0.1' 03 0a 'local-port' 0004 '4500' 03 0b 'remote-host' 0008 '10.9.0.2'");
        expectBeginning("07 05 'alert' 03 04 'type' 000f 'retransmit-send' 01 06 'ike-sa' 01 02 'ab' 03 08 'uniqueid' 0001 '1'");
        expect(SUCCESS);
        agent.emit(session, new Event.ChildUp(session.children().getFirst()));
        expectBeginning("07 0c 'child-updown' 03 02 'up'");
    }

    /** As davici may do, which waits for nothing: requests that come together are answered one by one, in their order. */
    @Test
    void requestsThatComeTogetherAreAnsweredInTheirOrder() throws IOException {
        send(REGISTER_LIST_SA, LIST_SAS, UNREGISTER_LIST_SA, "00000009 00 07 'version'", LIST_SAS);
        expect(CONFIRM);
        expectBeginning(SA);
        expect(EMPTY_RESPONSE);
        expect(CONFIRM);
        expectBeginning("01 03 06 'daemon'");
        expect(EMPTY_RESPONSE);
    }

    /** A stream has no packets: octets may come one by one. */
    @Test
    void aRequestMayComeInPieces() throws IOException {
        for (byte each : octets(REGISTER_LIST_SA + LIST_SAS)) {
            client.write(ByteBuffer.wrap(new byte[] {each}));
        }
        expect(CONFIRM);
        expectBeginning(SA);
        expect(EMPTY_RESPONSE);
    }
}
