package org.xfrmagent.agent.control;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/** Frames on a vici stream: the length of the data as 32 bits in network order, then the data. */
final class Segment {
    /** The most that data may be; a longer one is malformed and is not read. */
    static final int MAX_OCTETS = 512 * 1024;

    static final int HEADER = 4;

    private Segment() {}

    /**
     * Reads one segment's data, waiting for it.
     *
     * @return empty when the other side closed between two segments
     */
    static Optional<Bytes> read(ReadableByteChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (!fill(channel, header)) {
            return Optional.empty();
        }
        int length = header.flip().getInt();
        if (length < 0 || length > MAX_OCTETS) {
            throw new MalformedVici("a segment claims " + Integer.toUnsignedString(length) + " octets, at most " + MAX_OCTETS + " are allowed");
        }
        ByteBuffer data = ByteBuffer.allocate(length);
        if (length > 0 && !fill(channel, data)) {
            throw new EOFException("the connection ended within a segment");
        }
        return Optional.of(Bytes.wrap(data.array()));
    }

    private static boolean fill(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("the connection ended within a segment");
            }
        }
        return true;
    }

    /** Writes one segment, waiting until the channel took it all. */
    static void write(WritableByteChannel channel, Bytes data) throws IOException {
        writeAll(channel, List.of(frame(List.of(data))));
    }

    /** Adds a segment with what {@code content} writes. */
    static void write(ByteWriter out, Consumer<ByteWriter> content) {
        int start = out.length();
        content.accept(out.i32(0));
        out.setI32(start, fitting(out.length() - start - HEADER));
    }

    private static int fitting(int octets) {
        if (octets > MAX_OCTETS) {
            throw new IllegalArgumentException("a segment of " + octets + " octets, at most " + MAX_OCTETS + " are allowed");
        }
        return octets;
    }

    /** The octets of one segment for each of {@code all}. */
    static Bytes frame(List<Bytes> all) {
        ByteWriter out = new ByteWriter(all.stream().mapToInt(data -> HEADER + data.length()).sum());
        for (Bytes data : all) {
            out.i32(fitting(data.length())).bytes(data);
        }
        return out.takeBytes();
    }

    /** Writes what {@link #frame} made, one after the other, waiting until the channel took it all. */
    static void writeAll(WritableByteChannel channel, List<Bytes> frames) throws IOException {
        for (Bytes frame : frames) {
            ByteBuffer left = frame.buffer();
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
    }
}
