package org.xfrmagent.agent.credentials;

import java.net.URI;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What others have said about certificates, as long as it is good: it outlives the policies in force, so that a reload asks nobody anew. Who
 * has signed a list is looked at whenever it is used, and an answer is remembered for the very two certificates that it is about.
 */
public final class RevocationMemory {
    private static final int MOST_LISTS = 16;
    private static final int MOST_ANSWERS = 1024;
    private static final int MOST_FAILURES = 256;

    final Remembered<URI, RevocationList> lists = new Remembered<>(MOST_LISTS);
    final Remembered<Asked, Standing> answers = new Remembered<>(MOST_ANSWERS);
    final Remembered<URI, String> failures = new Remembered<>(MOST_FAILURES);

    /** R15: by all of both certificates. */
    record Asked(Bytes certificate, Bytes issuer) {}

    /** Forgets all, so that everybody is asked again. */
    public void forget() {
        lists.clear();
        answers.clear();
        failures.clear();
    }
}
