package org.xfrmagent.it.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A client of vici that asks for all SAs, counts what comes and looks into none of it: what is measured is the daemon. */
final class ListingClient implements AutoCloseable {
    private static final int REQUEST = 0;
    private static final int REGISTER = 3;
    private static final int CONFIRM = 5;
    private static final int EVENT = 7;

    /** Room for the longest segment, twice. */
    private static final int ROOM = 1 << 20;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(ROOM).limit(0);

    /**
     * One listing.
     *
     * @param events each an IKE SA, or a part of a large one
     * @param octets all that was received for it
     * @param nanos from the request to the end of the response
     */
    record Listing(int events, long octets, long nanos) {}

    ListingClient(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        send(REGISTER, "list-sa");
        have(Integer.BYTES);
        have(buffer.getInt());
        if (buffer.get() != CONFIRM) {
            throw new IOException(socket + ": the registration for list-sa was not confirmed");
        }
    }

    /** Asks and reads to the end. */
    Listing list() throws IOException {
        long begin = System.nanoTime();
        send(REQUEST, "list-sas");
        int events = 0;
        long octets = 0;
        int type = EVENT;
        while (type == EVENT) {
            have(Integer.BYTES);
            int length = buffer.getInt();
            have(length);
            type = buffer.get(buffer.position());
            buffer.position(buffer.position() + length);
            octets += Integer.BYTES + length;
            events += type == EVENT ? 1 : 0;
        }
        return new Listing(events, octets, System.nanoTime() - begin);
    }

    private void send(int type, String name) throws IOException {
        byte[] octets = name.getBytes(StandardCharsets.US_ASCII);
        channel.write(ByteBuffer.allocate(6 + octets.length).putInt(2 + octets.length).put((byte) type).put((byte) octets.length).put(octets).flip());
    }

    private void have(int count) throws IOException {
        while (buffer.remaining() < count) {
            buffer.compact();
            int more = channel.read(buffer);
            buffer.flip();
            if (more < 0) {
                throw new EOFException("the daemon has closed the connection");
            }
        }
    }

    /** Ends a {@link #list} that waits, with an IOException. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
