package org.xfrmagent.agent.eap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What a peer says in EAP: packets, each behind its length in two octets, for a gateway and for a user who go on as far as they are let. The first is
 * read by itself too, and written again.
 */
public final class EapTarget {
    private static final EapUsers KNOWN = Conversation.users(Map.of("carol", "Ar3etTnp"));

    private EapTarget() {}

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        List<EapPacket> packets = packets(Bytes.of(data));
        for (EapPacket packet : packets) {
            if (!EapPacket.decode(packet.encode()).equals(packet)) {
                throw new IllegalStateException("written otherwise than read: " + packet);
            }
        }
        for (EapType type : List.of(EapType.MSCHAPV2, EapType.MD5, EapType.GTC)) {
            Dice dice = Conversation.dice(1);
            EapOutcome<EapServer> gateway = EapServer.begin(new EapServer.Setup(List.of(type), false, type.equals(EapType.GTC), "carol", "moon"), dice);
            EapOutcome<EapPeer> user = new EapOutcome.Reply<>(EapPeer.begin(new EapPeer.Setup("carol", List.of(type))), new EapPacket.Failure(0), Optional.empty());
            for (EapPacket packet : packets) {
                gateway = gateway instanceof EapOutcome.Reply<EapServer> asked ? asked.next().step(packet, KNOWN, dice) : gateway;
                user = user instanceof EapOutcome.Reply<EapPeer> answered ? answered.next().step(packet, KNOWN, dice) : user;
            }
            if (user instanceof EapOutcome.Success<EapPeer>(EapProof proof, _, _) && type.derivesKey()) {
                throw new IllegalStateException("a server that knows nothing is believed by " + proof.method());
            }
        }
    }

    private static List<EapPacket> packets(Bytes data) {
        List<EapPacket> packets = new ArrayList<>();
        ByteReader in = data.reader();
        while (in.remaining() >= 2) {
            Bytes octets = in.bytes(Math.min(in.u16(), in.remaining()));
            try {
                packets.add(EapPacket.decode(octets));
            } catch (MalformedEap expected) {
                // The only way out for what is no packet.
            }
        }
        return packets;
    }

    /** Conversations of each method, and a Nak, as both sides say them; a type 0 that is written as one of a vendor. */
    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (EapType type : List.of(EapType.MSCHAPV2, EapType.MD5, EapType.GTC)) {
            List<Bytes> said = new ArrayList<>();
            new Conversation(KNOWN, KNOWN)
                    .through(packet -> {
                        Bytes octets = packet.encode();
                        said.add(Bytes.of((byte) (octets.length() >>> 8), (byte) octets.length()));
                        said.add(octets);
                        return packet;
                    })
                    .run(new EapServer.Setup(List.of(type), false, true, "carol", "moon"),
                            new EapPeer.Setup("carol", List.of(type)));
            seeds.add(Bytes.concat(said.toArray(Bytes[]::new)).toArray());
        }
        seeds.add(Bytes.hex("0014 01020014 1a 01 02 000f 10 00112233").toArray());
        seeds.add(Bytes.hex("000d 0175000d fe 000000 00000000 fe").toArray());
        seeds.add("not EAP".getBytes(StandardCharsets.US_ASCII));
        return seeds;
    }
}
