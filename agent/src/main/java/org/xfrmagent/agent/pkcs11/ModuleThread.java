package org.xfrmagent.agent.pkcs11;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One library and its thread. A call may wait for seconds, or for ever, and holds its thread meanwhile: whoever asks waits so long and no
 * longer, and nobody else waits at all.
 */
final class ModuleThread implements AutoCloseable {
    /** A card takes a second or two for a signature. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int MOST_WAITING = 64;

    /** What is done there. */
    @FunctionalInterface
    interface Work<T> {
        T with(TokenSessions sessions) throws TokenFailure;
    }

    private final Path library;
    private final Duration patience;
    private final ThreadPoolExecutor thread;
    /** The thread's own; empty until the library is loaded. */
    private Optional<TokenSessions> sessions = Optional.empty();

    ModuleThread(Path library, Duration patience) {
        this.library = library;
        this.patience = patience;
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.MILLISECONDS, new ArrayBlockingQueue<>(MOST_WAITING),
                work -> Thread.ofPlatform().name("token-" + library.getFileName()).daemon().unstarted(work));
    }

    /**
     * @throws TokenFailure if the token refuses, or does not answer in time
     * @throws IOException if the library cannot be used; each with the rest of a sentence that begins with the token
     */
    <T> T ask(Work<T> work) throws TokenFailure, IOException {
        Future<T> answer;
        try {
            answer = thread.submit(() -> work.with(sessions()));
        } catch (RejectedExecutionException full) {
            throw new TokenFailure(ReturnValue.NO_ANSWER, "is busy: " + MOST_WAITING + " others wait for it");
        }
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException silent) {
            // Where it has not begun, it is not begun any more.
            answer.cancel(false);
            throw new TokenFailure(ReturnValue.NO_ANSWER, "has not answered within " + patience.toMillis() + " ms");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new TokenFailure(ReturnValue.OTHER, "is not waited for any more: the agent stops");
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case TokenFailure refused -> throw refused;
                case IOException unusable -> throw unusable;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException("the module " + library + " failed", failed);
            }
        }
    }

    private TokenSessions sessions() throws IOException, TokenFailure {
        if (sessions.isEmpty()) {
            try {
                sessions = Optional.of(new TokenSessions(Cryptoki.load(library)));
            } catch (IOException unusable) {
                throw new IOException("has the module " + library + ", which " + unusable.getMessage(), unusable);
            }
        }
        return sessions.orElseThrow();
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
