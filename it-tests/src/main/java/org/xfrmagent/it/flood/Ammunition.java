package org.xfrmagent.it.flood;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;

/** The messages of a flood: each is another, as those of many hosts would be. */
final class Ammunition {
    private static final int X25519 = 31;
    private static final int NONCE_OCTETS = 32;

    /** aes256gcm16-prfsha384-x25519, which the tunnels of these tests use. */
    private static final SaPayload SA = new SaPayload(List.of(new ProposalSubstructure(1, 1, Bytes.empty(), List.of(
            new TransformSubstructure(1, 20, 256), new TransformSubstructure(2, 6), new TransformSubstructure(4, X25519)))));

    private final Random random;

    Ammunition(long seed) {
        random = new Random(seed);
    }

    /** A first message that deserves an answer. */
    byte[] initiation() {
        return initiation(spi(), octets(NONCE_OCTETS), List.of());
    }

    /** The same message with the responder's cookie. */
    byte[] initiation(long spi, Bytes nonce, List<Bytes> cookie) {
        List<Payload> payloads = new ArrayList<>();
        cookie.forEach(octets -> payloads.add(NotifyPayload.of(Notify.COOKIE, octets)));
        payloads.addAll(List.of(SA, new KePayload(X25519, octets(32)), new NoncePayload(nonce)));
        return MessageCodec.encode(Header.of(spi, 0, ExchangeType.IKE_SA_INIT, true, false, 0), payloads).toArray();
    }

    /** A protected message of an IKE SA that nobody has. */
    byte[] authentication() {
        byte[] message = MessageCodec.encode(Header.of(spi(), spi(), ExchangeType.IKE_AUTH, true, false, 1), List.of()).toArray();
        byte[] whole = Arrays.copyOf(message, 300);
        whole[16] = 46;
        whole[26] = 1;
        whole[27] = 44;
        octets(whole.length - Header.LENGTH).copyTo(whole, Header.LENGTH);
        return whole;
    }

    byte[] garbage() {
        return octets(1 + random.nextInt(400)).toArray();
    }

    long spi() {
        return random.nextLong() | 1;
    }

    Bytes nonce() {
        return octets(NONCE_OCTETS);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    private Bytes octets(int count) {
        byte[] drawn = new byte[count];
        random.nextBytes(drawn);
        return Bytes.wrap(drawn);
    }
}
