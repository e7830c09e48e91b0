package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/** Asks others for what they say about certificates. May wait, so it is for job threads only (R14). */
interface Fetching extends AutoCloseable {
    /**
     * @param question of OCSP, to be sent; empty: only fetch
     * @param most octets that may come
     * @param patience for all of it
     * @throws IOException with the rest of a sentence that begins with the place
     */
    Bytes fetch(URI place, Optional<Bytes> question, int most, Duration patience) throws IOException;

    @Override
    void close();
}
