package org.xfrmagent.agent.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Where a command writes what it was asked for; remembers why that did not go any further, which a PrintWriter does not tell. */
final class Output extends FilterOutputStream {
    private static final String READER_GONE = "Broken pipe";

    private Optional<String> failure = Optional.empty();

    Output(OutputStream to) {
        super(to);
    }

    /** Nothing if all was written, or its reader has seen enough, as {@code head} has. */
    Optional<String> failure() {
        return failure.filter(reason -> !reason.equals(READER_GONE));
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
        try {
            out.write(octets, from, count);
        } catch (IOException gone) {
            failure = Optional.of(String.valueOf(gone.getMessage()));
            throw gone;
        }
    }
}
