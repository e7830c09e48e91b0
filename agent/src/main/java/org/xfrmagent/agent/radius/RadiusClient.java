package org.xfrmagent.agent.radius;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.policies.model.Ip;

/**
 * Asks servers until one answers: each question from a socket of its own, so that no two questions share an identifier, and sent again while nobody answers.
 * A server that was silent is asked after the others for a while.
 */
public final class RadiusClient {
    /** How long the first question waits for an answer; each next one 1.4 times as long, as charon has it. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    static final double MORE_PATIENCE = 1.4;
    static final int TRIES = 4;

    private static final long SILENCE_MILLIS = 60_000;

    private final SecureRandom entropy = new SecureRandom();
    private final Map<InetSocketAddress, Long> silent = new ConcurrentHashMap<>();
    private final Duration patience;
    private final int tries;

    public RadiusClient() {
        this(PATIENCE, TRIES);
    }

    RadiusClient(Duration patience, int tries) {
        this.patience = patience;
        this.tries = tries;
    }

    /** An answer, and what is needed to read the keys in it. */
    record Answered(RadiusServer server, RadiusPacket packet, Bytes requestAuthenticator) {}

    /** In which order they are asked: the silent ones last. */
    List<RadiusServer> order(List<RadiusServer> servers) {
        long now = System.nanoTime() / 1_000_000;
        return servers.stream()
                .sorted(Comparator.comparing(server -> now - silent.getOrDefault(server.authentication(), now - SILENCE_MILLIS) < SILENCE_MILLIS))
                .toList();
    }

    /** @throws IOException with a sentence if no server answers */
    Answered ask(List<RadiusServer> servers, List<RadiusAttribute> attributes) throws IOException {
        return ask(servers, (_, _) -> attributes);
    }

    /**
     * The same where a secret is among the attributes: what it looks like, the server and the question's authenticator say.
     *
     * @throws IOException with a sentence if no server answers
     */
    Answered ask(List<RadiusServer> servers, BiFunction<RadiusServer, Bytes, List<RadiusAttribute>> attributes) throws IOException {
        IOException last = new IOException("the policies name no RADIUS server");
        for (RadiusServer server : order(servers)) {
            Bytes authenticator = random(RadiusPacket.AUTHENTICATOR_OCTETS);
            Bytes question = RadiusPacket.question(random(1).u8(0), authenticator, attributes.apply(server, authenticator), server.secret());
            try {
                RadiusPacket answer = exchange(server.authentication(), question, server.secret());
                silent.remove(server.authentication());
                return new Answered(server, answer, authenticator);
            } catch (IOException nobody) {
                silent.put(server.authentication(), System.nanoTime() / 1_000_000);
                last = nobody;
            }
        }
        throw last;
    }

    /** @throws IOException with a sentence if no server takes it */
    void account(List<RadiusServer> servers, List<RadiusAttribute> attributes) throws IOException {
        IOException last = new IOException("the policies name no RADIUS server");
        for (RadiusServer server : servers) {
            try {
                var _ = exchange(server.accounting(), RadiusPacket.accounting(random(1).u8(0), attributes, server.secret()), server.secret());
                return;
            } catch (IOException nobody) {
                last = nobody;
            }
        }
        throw last;
    }

    private RadiusPacket exchange(InetSocketAddress server, Bytes question, Secret secret) throws IOException {
        byte[] sent = question.toArray();
        String wrong = "";
        try (DatagramSocket socket = new DatagramSocket()) {
            // Connected: the kernel drops what comes from elsewhere, and says when nobody listens there.
            socket.connect(server);
            double wait = patience.toNanos();
            for (int attempt = 0; attempt < tries; attempt++) {
                socket.send(new DatagramPacket(sent, sent.length));
                long end = System.nanoTime() + (long) wait;
                for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                    socket.setSoTimeout((int) Math.max(1, left / 1_000_000));
                    DatagramPacket received = new DatagramPacket(new byte[RadiusPacket.LONGEST], RadiusPacket.LONGEST);
                    try {
                        socket.receive(received);
                        return RadiusPacket.answer(Bytes.of(received.getData(), 0, received.getLength()), question, secret);
                    } catch (SocketTimeoutException nothing) {
                        break;
                    } catch (MalformedRadius forged) {
                        wrong = ": " + forged.getMessage();
                    }
                }
                wait *= MORE_PATIENCE;
            }
        } catch (IOException unreachable) {
            throw new IOException("RADIUS server " + text(server) + " cannot be asked: " + unreachable.getMessage(), unreachable);
        }
        throw new IOException("RADIUS server " + text(server) + " has not answered " + tries + " times" + wrong);
    }

    private static String text(InetSocketAddress server) {
        String host = server.getAddress() == null ? server.getHostString() : Ip.text(server.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + server.getPort();
    }

    Bytes random(int octets) {
        byte[] drawn = new byte[octets];
        entropy.nextBytes(drawn);
        return Bytes.wrap(drawn);
    }
}
