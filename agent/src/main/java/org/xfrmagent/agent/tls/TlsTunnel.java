package org.xfrmagent.agent.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.TrustManager;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * TLS between two ends that hand each other whole flights: what came in gives what goes out. No session is resumed, since each has a context of
 * its own. An engine is used by one thread at a time.
 */
final class TlsTunnel {
    static final String TLS_1_3 = "TLSv1.3";

    static final List<String> VERSIONS = List.of(TLS_1_3, "TLSv1.2");

    private static final int LONGER_THAN_TICKETS = 7 * 86_400 + 1;

    private final SSLEngine engine;
    private Optional<String> broken = Optional.empty();

    private TlsTunnel(SSLEngine engine) {
        this.engine = engine;
    }

    static TlsTunnel open(boolean client, List<String> versions, KeyManager own, TrustManager believed) {
        try {
            SSLContext context = SSLContext.getInstance("TLS", "SunJSSE");
            context.init(new KeyManager[] {own}, new TrustManager[] {believed}, null);
            // Longer than a ticket may live (RFC 8446, section 4.6.1), so that none is sent: nobody could show it again.
            context.getServerSessionContext().setSessionTimeout(LONGER_THAN_TICKETS);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(client);
            engine.setEnabledProtocols(versions.toArray(String[]::new));
            if (!client) {
                engine.setNeedClientAuth(true);
            }
            engine.beginHandshake();
            return new TlsTunnel(engine);
        } catch (GeneralSecurityException | SSLException absent) {
            throw new IllegalStateException("this Java has no TLS: " + absent.getMessage(), absent);
        }
    }

    /** What came of a flight: {@code out} for the other end, {@code text} from it. */
    record Flight(Bytes out, Bytes text) {}

    /** Takes a whole flight of the other end, empty at the start. */
    Flight take(Bytes flight) {
        ByteBuffer in = ByteBuffer.wrap(flight.toArray());
        ByteWriter out = new ByteWriter();
        ByteWriter text = new ByteWriter();
        try {
            run(in, out, text);
        } catch (SSLException refused) {
            broken = Optional.of(sentence(refused));
            alert(out);
        }
        return new Flight(out.toBytes(), text.toBytes());
    }

    private void run(ByteBuffer in, ByteWriter out, ByteWriter text) throws SSLException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            switch (status) {
                case NEED_TASK -> {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                }
                case NEED_WRAP -> wrap(ByteBuffer.allocate(0), out);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING, FINISHED -> {
                    if (!in.hasRemaining()) {
                        return;
                    }
                    ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
                    SSLEngineResult result = engine.unwrap(in, plain);
                    if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                        throw new SSLException("a record of TLS ends in its middle");
                    }
                    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                        throw new SSLException("the other end closes");
                    }
                    text.bytes(Arrays.copyOf(plain.array(), plain.position()));
                }
            }
        }
    }

    private void wrap(ByteBuffer plain, ByteWriter out) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(plain, record);
        out.bytes(Arrays.copyOf(record.array(), record.position()));
    }

    /** Encrypts {@code text} behind the handshake. */
    Bytes seal(Bytes text) {
        ByteWriter out = new ByteWriter();
        try {
            wrap(ByteBuffer.wrap(text.toArray()), out);
            return out.toBytes();
        } catch (SSLException refused) {
            throw new IllegalStateException("an open tunnel of TLS seals nothing: " + refused.getMessage(), refused);
        }
    }

    /** Tells the other end why. */
    private void alert(ByteWriter out) {
        try {
            for (int i = 0; i < 4 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone(); i++) {
                wrap(ByteBuffer.allocate(0), out);
            }
        } catch (SSLException nothingToSay) {
            broken = broken.or(() -> Optional.of(sentence(nothingToSay)));
        }
    }

    private static String sentence(SSLException refused) {
        Throwable cause = refused;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        return String.valueOf(cause.getMessage());
    }

    Optional<String> broken() {
        return broken;
    }

    boolean isOpen() {
        return broken.isEmpty() && switch (engine.getHandshakeStatus()) {
            case NOT_HANDSHAKING, FINISHED -> !"NONE".equals(engine.getSession().getProtocol());
            case NEED_TASK, NEED_UNWRAP, NEED_UNWRAP_AGAIN, NEED_WRAP -> false;
        };
    }

    /** {@link #TLS_1_3}, or what came before. */
    String version() {
        return engine.getSession().getProtocol();
    }

    /**
     * Keys for the outside (RFC 5705, RFC 8446, section 7.5).
     *
     * @param context empty for none, which is not the same as an empty one before TLS 1.3
     * @return empty if the other end's TLS 1.2 has no extended master secret, without which nothing may be exported (RFC 7627, section 5.4)
     */
    Optional<Secret> export(String label, Bytes context, int octets) {
        try {
            ExtendedSSLSession session = (ExtendedSSLSession) engine.getSession();
            return Optional.of(Secret.take(session.exportKeyingMaterialData(label, context.isEmpty() ? null : context.toArray(), octets)));
        } catch (SSLKeyException withheld) {
            return Optional.empty();
        }
    }
}
