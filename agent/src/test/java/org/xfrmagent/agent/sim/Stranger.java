package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;

/** Whoever sends an IKE_SA_INIT to sun, from any address: sun knows nothing about it yet. */
final class Stranger {
    // Transform types (RFC 7296, section 3.3.2), and one group.
    static final int ENCR = 1;
    static final int PRF = 2;
    static final int INTEG = 3;
    static final int KE = 4;
    static final int X25519 = 31;
    static final List<TransformSubstructure> SUITE = List.of(
            new TransformSubstructure(ENCR, 20, 256), new TransformSubstructure(PRF, 5), new TransformSubstructure(KE, X25519));
    static final Path FROM_MOON = new Path(Policies.address("sun"), 500, Policies.address("moon"), 500);

    private final World world;

    Stranger(World world) {
        this.world = world;
    }

    static Bytes request(long spi, Payload... payloads) {
        return MessageCodec.encode(Header.of(spi, 0, ExchangeType.IKE_SA_INIT, true, false, 0), List.of(payloads));
    }

    static Bytes request(long spi, int nonce, Payload... first) {
        List<Payload> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(sa(SUITE), ke(), nonce(nonce)));
        return request(spi, all.toArray(Payload[]::new));
    }

    static SaPayload sa(List<TransformSubstructure> transforms) {
        return new SaPayload(List.of(new ProposalSubstructure(1, 1, Bytes.empty(), transforms)));
    }

    static KePayload ke() {
        return new KePayload(X25519, Bytes.hex("09" + "00".repeat(31)));
    }

    static NoncePayload nonce(int seed) {
        return new NoncePayload(Bytes.hex("%08x".formatted(seed).repeat(8)));
    }

    static Notify notification(List<Message> answers) {
        assertThat(answers).hasSize(1);
        NotifyPayload notify = Payload.first(answers.getFirst().payloads(), NotifyPayload.class).orElseThrow();
        return Notify.byNumber(notify.type()).orElseThrow();
    }

    /** What sun answers at once to a datagram from there. */
    List<Message> answers(Path from, Bytes datagram) {
        int before = world.network.seen.size();
        world.sun.receive(from, datagram);
        return world.network.seen.subList(before, world.network.seen.size()).stream()
                .map(sighting -> MessageCodec.decode(sighting.datagram()))
                .toList();
    }
}
