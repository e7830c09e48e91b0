package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.wire.v1.FragmentPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.agent.wire.v1.PayloadType;

/** IKEv1's messages in pieces, as vendors have them. */
class FragmentsTest {
    private static final int PACKET = 200;
    /** Of the address of IPv4 and UDP, and of the non-ESP marker that may come. */
    private static final int OUTER = 32;

    private static boolean isPiece(Bytes datagram) {
        return IsakmpHeader.peek(datagram).nextPayload() == PayloadType.FRAGMENT.number();
    }

    private static List<Bytes> pieces(World world) {
        return world.network.seen.stream().map(SimulatedNetwork.Sighting::datagram).filter(FragmentsTest::isPiece).toList();
    }

    private static World small() {
        return new World(Policies.moon().v1().fragmentsOf(PACKET), Policies.sun().v1().fragmentsOf(PACKET));
    }

    /** The first two messages tell that both can; from then on nothing is longer than the path. */
    @Test
    void whatDoesNotFitTravelsInPieces() {
        World world = small().established(1);
        assertThat(world.network.seen.subList(0, 2)).noneMatch(sighting -> isPiece(sighting.datagram()));
        assertThat(world.network.seen.stream().skip(2)).allMatch(sighting -> sighting.datagram().length() <= PACKET - OUTER);
        assertThat(pieces(world)).hasSizeGreaterThan(4).allSatisfy(piece -> {
            IsakmpHeader header = IsakmpHeader.peek(piece);
            assertThat(header.exchangeType()).contains(IsakmpExchange.IDENTITY_PROTECTION);
            assertThat(header.encrypted()).isFalse();
            assertThat(header.messageId()).isZero();
        });
    }

    @Test
    void aggressiveModeHasPiecesFromItsSecondMessageOn() {
        World world = new World(Policies.moon().aggressive().fragmentsOf(PACKET), Policies.sun().aggressive().fragmentsOf(PACKET)).established(1);
        assertThat(isPiece(world.network.seen.getFirst().datagram())).isFalse();
        assertThat(isPiece(world.network.seen.get(1).datagram())).isTrue();
        assertThat(world.network.seen.stream().skip(1)).allMatch(sighting -> sighting.datagram().length() <= PACKET - OUTER);
    }

    @Test
    void whereEitherSideDoesNotWantItEverythingStaysWhole() {
        for (boolean moon : List.of(true, false)) {
            Policies wanting = (moon ? Policies.moon() : Policies.sun()).v1().fragmentsOf(PACKET);
            Policies other = (moon ? Policies.sun() : Policies.moon()).v1().unfragmented();
            World world = (moon ? new World(wanting, other) : new World(other, wanting)).established(1);
            assertThat(pieces(world)).isEmpty();
        }
    }

    @Test
    void aLossyDisorderlyPathIsOvercome() {
        World world = small();
        world.network.weather = new SimulatedNetwork.Weather(0.1, 0.1, 5, 60);
        world.established(1);
        assertThat(pieces(world)).isNotEmpty();
    }

    /** A stranger's piece of a message spoils it once; when the peer sends it again all is well. */
    @Test
    void aForgedPieceSpoilsNoMoreThanOneTry() {
        World world = small();
        List<Bytes> forged = new ArrayList<>();
        world.network.interceptor = (to, path, datagram) -> {
            if (forged.isEmpty() && isPiece(datagram)) {
                FragmentPayload piece = piece(datagram);
                Bytes noise = Bytes.hex("00".repeat(piece.data().length()));
                forged.add(again(datagram, new FragmentPayload(piece.id(), piece.number(), piece.last(), noise)));
                return List.of(forged.getFirst(), datagram);
            }
            return List.of(datagram);
        };
        world.established(1);
        assertThat(forged).hasSize(1);
    }

    /** No more is kept than a message may have, and nothing of what is not announced. */
    @Test
    void piecesWithoutEndAreDropped() {
        World world = small();
        List<Bytes> flood = new ArrayList<>();
        world.network.interceptor = (to, path, datagram) -> {
            if (flood.isEmpty() && isPiece(datagram)) {
                int id = piece(datagram).id() ^ 1;
                for (int number = 1; number <= 100; number++) {
                    flood.add(again(datagram, new FragmentPayload(id, number, false, Bytes.hex("ab".repeat(1000)))));
                }
                List<Bytes> all = new ArrayList<>(flood);
                Collections.addAll(all, datagram);
                return all;
            }
            return List.of(datagram);
        };
        world.established(1);
        assertThat(world.sun.events(Event.Dropped.class)).anySatisfy(drop -> assertThat(drop.detail()).contains("more than 16384 octets in all"));
        assertThat(world.sun.sessions()).allSatisfy(session ->
                assertThat(session.reassembly().orElseThrow().octets()).isLessThanOrEqualTo(16_384));
    }

    private static FragmentPayload piece(Bytes datagram) {
        return (FragmentPayload) ((IsakmpMessage.Clear) IsakmpCodec.decode(datagram).body())
                .chain().payloads().getFirst();
    }

    private static Bytes again(Bytes datagram, FragmentPayload piece) {
        return IsakmpCodec.encode(IsakmpHeader.peek(datagram), List.of(piece));
    }
}
