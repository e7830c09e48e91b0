package org.xfrmagent.agent.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.sim.Forger.Content;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.ConfigAttribute;
import org.xfrmagent.agent.wire.ConfigurationPayload;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.EapPayload;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;
import org.xfrmagent.agent.wire.UnknownPayload;

/** Makes nonsense of messages: of their octets, of their payloads, of what a payload says, of where they belong. */
final class Mutator {
    private static final int[] LIKED_BY_BUGS = {0, 1, 2, 4, 0x7f, 0x80, 0xff};

    private final Random chance;

    Mutator(long seed) {
        chance = new Random(seed);
    }

    // ---- under protection

    /** An authentic message that is not what the peer would say. */
    Content mutate(Content genuine) {
        return switch (chance.nextInt(8)) {
            case 0, 1 -> genuine.saying(genuine.firstInner(), octets(genuine.chain()));
            case 2, 3, 4 -> payloads(genuine);
            case 5 -> genuine.under(header(genuine.header()));
            case 6 -> genuine.asFragment(1 + chance.nextInt(3), 1 + chance.nextInt(129));
            default -> genuine.saying(chance.nextInt(256), genuine.chain());
        };
    }

    private Content payloads(Content genuine) {
        List<Payload> payloads;
        try {
            payloads = new ArrayList<>(MessageCodec.decodeChain(genuine.firstInner(), genuine.chain()));
        } catch (Malformed partOfAMessage) {
            return genuine.saying(genuine.firstInner(), octets(genuine.chain()));
        }
        for (int i = 1 + chance.nextInt(3); i > 0; i--) {
            change(payloads);
        }
        return genuine.saying(MessageCodec.firstType(payloads), MessageCodec.encodeChain(payloads));
    }

    private void change(List<Payload> payloads) {
        int at = payloads.isEmpty() ? 0 : chance.nextInt(payloads.size());
        switch (chance.nextInt(7)) {
            case 0 -> payloads.addAll(at, List.of(foreign()));
            case 1 -> payloads.add(foreign());
            case 2 -> Collections.shuffle(payloads, chance);
            default -> {
                if (payloads.isEmpty()) {
                    payloads.add(foreign());
                } else {
                    switch (chance.nextInt(3)) {
                        case 0 -> payloads.remove(at);
                        case 1 -> payloads.add(payloads.get(at));
                        default -> payloads.set(at, otherwise(payloads.get(at)));
                    }
                }
            }
        }
    }

    /** The same payload with other content that its grammar allows. */
    private Payload otherwise(Payload payload) {
        return switch (payload) {
            case SaPayload sa -> new SaPayload(sa.proposals().stream().map(this::otherwise).toList());
            case KePayload ke -> chance.nextBoolean()
                    ? new KePayload(List.of(0, 2, 14, 19, 31, 32, 35, 0xffff).get(chance.nextInt(8)), ke.data())
                    : new KePayload(ke.group(), chance.nextBoolean() ? octets(1 + chance.nextInt(300)) : zeros(ke.data().length()));
            case NoncePayload _ -> new NoncePayload(octets(16 + chance.nextInt(241)));
            case NotifyPayload notify -> chance.nextBoolean()
                    ? notification()
                    : new NotifyPayload(notify.protocolId(), notify.spi(), anyNotify().number(), notify.data());
            case DeletePayload delete -> new DeletePayload(delete.protocolId() == 3 ? 2 : 3, delete.spis());
            default -> foreign();
        };
    }

    private ProposalSubstructure otherwise(ProposalSubstructure proposal) {
        List<TransformSubstructure> transforms = new ArrayList<>(proposal.transforms());
        int at = transforms.isEmpty() ? 0 : chance.nextInt(transforms.size());
        Bytes spi = proposal.spi();
        int protocol = proposal.protocolId();
        switch (chance.nextInt(6)) {
            case 0 -> spi = zeros(spi.length());
            case 1 -> transforms.add(new TransformSubstructure(chance.nextInt(14), chance.nextInt(40), 64 * chance.nextInt(5)));
            case 2 -> Collections.shuffle(transforms, chance);
            case 3 -> {
                if (transforms.size() > 1) {
                    transforms.remove(at);
                }
            }
            case 4 -> spi = octets(spi.length());
            default -> {
                TransformSubstructure old = transforms.get(at);
                transforms.set(at, new TransformSubstructure(old.type(), chance.nextInt(40), 64 * chance.nextInt(5)));
            }
        }
        return new ProposalSubstructure(proposal.number(), protocol, spi, transforms);
    }

    private Payload foreign() {
        return switch (chance.nextInt(9)) {
            case 0, 1, 2 -> notification();
            case 3 -> new DeletePayload(List.of(1, 2, 3).get(chance.nextInt(3)), List.of());
            case 4 -> new DeletePayload(3, Collections.nCopies(1 + chance.nextInt(50), octets(4)));
            case 5 -> new UnknownPayload(54 + chance.nextInt(100), chance.nextBoolean(), octets(chance.nextInt(40)));
            case 6 -> new AuthPayload(chance.nextInt(20), octets(1 + chance.nextInt(80)));
            case 7 -> new EapPayload(Bytes.concat(Bytes.hex("01aa0008"), octets(4)));
            default -> new ConfigurationPayload(1 + chance.nextInt(4), List.of(new ConfigAttribute(1 + chance.nextInt(25), Bytes.empty())));
        };
    }

    private Notify anyNotify() {
        return List.of(Notify.values()).get(chance.nextInt(Notify.values().length));
    }

    private NotifyPayload notification() {
        Notify type = anyNotify();
        int length = type.minLength() + chance.nextInt(Math.min(type.maxLength() - type.minLength(), 64) + 1);
        return switch (chance.nextInt(3)) {
            case 0 -> new NotifyPayload(3, octets(4), type.number(), octets(length));
            case 1 -> new NotifyPayload(1, octets(8), type.number(), octets(length));
            default -> new NotifyPayload(0, Bytes.empty(), type.number(), octets(length));
        };
    }

    /** The message in another exchange, with another id, or the other way round. */
    private Header header(Header header) {
        int exchange = chance.nextBoolean() ? header.exchange() : List.of(34, 35, 36, 37, 43, 0, 255).get(chance.nextInt(7));
        int id = chance.nextInt(3) == 0 ? header.messageId() + chance.nextInt(5) - 2 : header.messageId();
        boolean response = chance.nextInt(4) == 0 != header.response();
        return new Header(
                header.initiatorSpi(), header.responderSpi(), 0, header.version(), exchange, header.initiator(), response, chance.nextBoolean(), id,
                Header.LENGTH);
    }

    // ---- plain octets

    /** The same octets with some of them changed, inserted or left out. */
    Bytes octets(Bytes genuine) {
        byte[] octets = genuine.toArray();
        if (octets.length == 0) {
            return octets(chance.nextInt(20));
        }
        for (int i = 1 + chance.nextInt(8); i > 0; i--) {
            int at = chance.nextInt(octets.length);
            octets[at] = (byte) (chance.nextBoolean() ? chance.nextInt() : LIKED_BY_BUGS[chance.nextInt(LIKED_BY_BUGS.length)]);
        }
        Bytes changed = Bytes.of(octets);
        return switch (chance.nextInt(4)) {
            case 0 -> changed.slice(0, chance.nextInt(octets.length));
            case 1 -> Bytes.concat(changed, octets(chance.nextInt(40)));
            default -> changed;
        };
    }

    Bytes octets(int count) {
        byte[] octets = new byte[count];
        chance.nextBytes(octets);
        return Bytes.wrap(octets);
    }

    private static Bytes zeros(int count) {
        return Bytes.wrap(new byte[count]);
    }
}
