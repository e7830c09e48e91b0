package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;

/** R14: whoever is asked about a certificate may be hostile, and costs us a bounded time and space. */
@Timeout(30)
class HttpFetchingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST = 1000;

    private final HttpFetching fetching = new HttpFetching();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        fetching.close();
        server.stop(0);
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private void serve(String path, Answer answer) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            try (exchange) {
                answer.to(exchange);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void serve(String path, int status, byte[] body) {
        serve(path, exchange -> {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        });
    }

    private void redirect(String path, String elsewhere) {
        serve(path, exchange -> {
            exchange.getResponseHeaders().set("Location", elsewhere);
            exchange.sendResponseHeaders(302, -1);
        });
    }

    private Bytes fetch(String path) throws IOException {
        return fetching.fetch(at(path), Optional.empty(), MOST, PATIENCE);
    }

    @Test
    void whatIsThereIsFetched() throws IOException {
        serve("/list", 200, new byte[MOST]);
        assertThat(fetch("/list")).isEqualTo(Bytes.wrap(new byte[MOST]));
        assertThat(asked).containsExactly("GET /list");
    }

    @Test
    void aQuestionIsPosted() throws IOException {
        serve("/ocsp", exchange -> {
            byte[] question = exchange.getRequestBody().readAllBytes();
            assertThat(exchange.getRequestHeaders().getFirst("Content-Type")).isEqualTo("application/ocsp-request");
            exchange.sendResponseHeaders(200, question.length);
            exchange.getResponseBody().write(question);
        });
        assertThat(fetching.fetch(at("/ocsp"), Optional.of(Bytes.hex("0102")), MOST, PATIENCE)).isEqualTo(Bytes.hex("0102"));
        assertThat(asked).containsExactly("POST /ocsp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/hostname", "ldap://127.0.0.1/cn=x", "https://127.0.0.1/", "ftp://127.0.0.1/x", "http:x", "http:///x", "jar:file:/x!/y",
        "http://user@127.0.0.1/", "list", ""})
    void onlyHttpIsAsked(String place) {
        assertThatThrownBy(() -> fetching.fetch(URI.create(place), Optional.empty(), MOST, PATIENCE)).isInstanceOf(IOException.class)
                .hasMessageContaining("a place that is not asked");
    }

    @Test
    void redirectionsAreFollowedAFewTimes() throws IOException {
        serve("/list", 200, new byte[] {1});
        redirect("/1", "/list");
        redirect("/2", at("/1").toString());
        redirect("/3", "2");
        redirect("/4", "/3");
        redirect("/loop", "/loop");
        assertThat(fetch("/3")).isEqualTo(Bytes.hex("01"));
        assertThatThrownBy(() -> fetch("/4")).hasMessage("redirects more than 3 times");
        asked.clear();
        assertThatThrownBy(() -> fetch("/loop")).hasMessage("redirects more than 3 times");
        assertThat(asked).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/hostname", "https://127.0.0.1/", "ldap://127.0.0.1/"})
    void aRedirectionLeadsToHttpOnly(String elsewhere) {
        redirect("/away", elsewhere);
        assertThatThrownBy(() -> fetch("/away")).hasMessageContaining("a place that is not asked");
    }

    @Test
    void aRedirectionToNowhereIsNone() {
        redirect("/bad", "http://[");
        assertThatThrownBy(() -> fetch("/bad")).hasMessage("redirects to what is no URI");
        serve("/bare", 302, new byte[0]);
        assertThatThrownBy(() -> fetch("/bare")).hasMessage("answers with status 302, expected 200");
    }

    @Test
    void otherAnswersAreNone() {
        serve("/gone", 404, "no".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> fetch("/gone")).hasMessage("answers with status 404, expected 200");
    }

    @Test
    void whatIsTooLongIsNotRead() {
        serve("/long", 200, new byte[MOST + 1]);
        assertThatThrownBy(() -> fetch("/long")).isInstanceOf(IOException.class).hasMessageContaining("cannot be asked");
    }

    @Test
    void anEndlessBodyEnds() {
        serve("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[8192];
            while (end.getCount() > 0) {
                exchange.getResponseBody().write(piece);
            }
        });
        assertThatThrownBy(() -> fetch("/endless")).isInstanceOf(IOException.class).hasMessageContaining("cannot be asked");
    }

    @Test
    void aSlowBodyIsNotWaitedFor() {
        serve("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            end.await();
        });
        assertThatThrownBy(() -> fetching.fetch(at("/slow"), Optional.empty(), MOST, Duration.ofMillis(300))).isInstanceOf(IOException.class);
    }

    @Test
    void aSilentOneIsNotWaitedFor() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI place = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            assertThatThrownBy(() -> fetching.fetch(place, Optional.empty(), MOST, Duration.ofMillis(300))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatIsNoHttpIsNone() throws Exception {
        try (ServerSocket odd = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try (Socket socket = odd.accept()) {
                    socket.getOutputStream().write("SSH-2.0-x\r\n".repeat(100).getBytes(StandardCharsets.US_ASCII));
                } catch (IOException gone) {
                    return;
                }
            });
            URI place = URI.create("http://127.0.0.1:" + odd.getLocalPort() + "/");
            assertThatThrownBy(() -> fetching.fetch(place, Optional.empty(), MOST, PATIENCE)).isInstanceOf(IOException.class).hasMessageContaining("cannot be asked");
            thread.join();
        }
    }

    @Test
    @DisplayName("nobody is asked when there is no time left, or when the agent ends")
    void nobodyIsAskedTooLate() {
        serve("/list", 200, new byte[1]);
        assertThatThrownBy(() -> fetching.fetch(at("/list"), Optional.empty(), MOST, Duration.ZERO)).hasMessageContaining("too late");
        fetching.close();
        assertThatThrownBy(() -> fetch("/list")).hasMessage("is not asked any more");
        assertThat(asked).isEmpty();
    }
}
