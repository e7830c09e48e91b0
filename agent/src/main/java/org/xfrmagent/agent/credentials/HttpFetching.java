package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Asks by HTTP and by nothing else: what a CRL or an answer of OCSP says is signed, so TLS would add nothing but another certificate to
 * ask about. Redirections are followed a few times, to HTTP only; size and time are bounded whatever the other side does.
 */
final class HttpFetching implements Fetching {
    private static final int MOST_REDIRECTIONS = 3;
    private static final int OK = 200;

    private Optional<HttpClient> client = Optional.empty();
    private boolean closed;

    @Override
    public Bytes fetch(URI place, Optional<Bytes> question, int most, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        URI at = place;
        for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
            HttpResponse<byte[]> answer = ask(at, question, most, Duration.ofNanos(end - System.nanoTime()));
            if (answer.statusCode() == OK) {
                return Bytes.wrap(answer.body());
            }
            Optional<String> elsewhere = answer.headers().firstValue("Location");
            if (answer.statusCode() / 100 != 3 || elsewhere.isEmpty()) {
                throw new IOException("answers with status " + answer.statusCode() + ", expected " + OK);
            }
            try {
                at = at.resolve(elsewhere.get());
            } catch (IllegalArgumentException noUri) {
                throw new IOException("redirects to what is no URI", noUri);
            }
        }
        throw new IOException("redirects more than " + MOST_REDIRECTIONS + " times");
    }

    private HttpResponse<byte[]> ask(URI at, Optional<Bytes> question, int most, Duration patience) throws IOException {
        if (!"http".equalsIgnoreCase(at.getScheme()) || at.getHost() == null || at.getUserInfo() != null) {
            throw new IOException("leads to a place that is not asked, expected http://host/…");
        }
        if (patience.isNegative() || patience.isZero()) {
            throw new IOException("comes too late: the time for questions is over");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(patience);
        question.ifPresent(octets -> request.header("Content-Type", "application/ocsp-request")
                .POST(HttpRequest.BodyPublishers.ofByteArray(octets.toArray())));
        CompletableFuture<HttpResponse<byte[]>> answer = open().sendAsync(
                request.build(), HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), most));
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException slow) {
            throw new IOException("has not answered in time", slow);
        } catch (ExecutionException failed) {
            throw new IOException("cannot be asked: " + failed.getCause(), failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException("was not waited for", ended);
        } finally {
            answer.cancel(true);
        }
    }

    /** Made when somebody must be asked: most agents ask nobody. */
    private synchronized HttpClient open() throws IOException {
        if (closed) {
            throw new IOException("is not asked any more");
        }
        HttpClient open = client.orElseGet(() -> HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build());
        client = Optional.of(open);
        return open;
    }

    @Override
    public synchronized void close() {
        closed = true;
        client.ifPresent(HttpClient::shutdownNow);
    }
}
