package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Redirect;
import org.xfrmagent.policies.model.Ip;

/** A gateway sends its clients to another one (RFC 5685). */
class RedirectionTest {
    private static final String OTHER = "192.0.2.3";

    private final World world = new World(Policies.moon(), Policies.sun());

    private static SimulatedHost other(World world) {
        return new SimulatedHost("sun2", address(OTHER), Policies.sun().everywhere().settings(), world.network, World.entropy(7), 0xc3000000);
    }

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    // ---- in an IKE SA that is up

    /* <-- HDR, SK{N(REDIRECT)}   HDR, SK{} -->   HDR, SA, KE, Ni, N(REDIRECT_SUPPORTED), N(REDIRECTED_FROM) --> to the other */
    @Test
    void aClientGoesToTheOtherGatewayWithItsChildren() {
        SimulatedHost other = other(world);
        world.established(1);
        world.sun.redirect(OTHER);
        world.network.run(5_000);
        assertThat(world.moon.established()).as(world::journal).singleElement()
                .satisfies(session -> assertThat(session.path().remote()).isEqualTo(other.address));
        assertThat(other.children()).hasSize(1);
        assertThat(world.moon.children()).hasSize(1);
        assertThat(world.sun.sessions()).isEmpty();
        assertThat(from(last(world, "moon", ExchangeType.IKE_SA_INIT))).isEqualTo("192.0.2.2");
    }

    @Test
    void aClientThatMayNotBeSentAwayIsNotAsked() {
        World staying = new World(Policies.moon().staying(), Policies.sun()).established(1);
        int said = staying.network.seen.size();
        staying.sun.redirect(OTHER);
        staying.network.run(5_000);
        assertThat(staying.network.seen).hasSize(said);
        assertThat(staying.moon.established()).singleElement().satisfies(session -> assertThat(session.path().remote()).isEqualTo(address("192.0.2.2")));
    }

    @Test
    void aGatewayCannotBeSentAwayByItsClient() {
        world.established(1);
        int said = world.network.seen.size();
        world.moon.redirect(OTHER);
        world.network.run(5_000);
        assertThat(world.network.seen).hasSize(said);
    }

    /** Nobody is there: the tunnel with the first stays, which lets a client that does not go be for half a minute. */
    @Test
    void whoIsSentToNobodyStaysAsLongAsItIsLetStay() {
        world.established(1);
        world.sun.redirect("192.0.2.77");
        world.network.run(20_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        assertThat(world.sun.children()).hasSize(1);
        world.network.run(20_000);
        assertThat(world.sun.sessions()).as(world::journal).isEmpty();
    }

    // ---- before anybody is authenticated

    private static Message last(World world, String from, ExchangeType exchange) {
        return world.network.seen.stream().filter(sighting -> sighting.from().equals(from))
                .map(sighting -> sighting.datagram())
                .filter(datagram -> Header.peek(datagram).exchange() == exchange.number())
                .reduce((_, later) -> later).map(MessageCodec::decode).orElseThrow();
    }

    private static String from(Message message) {
        return Payload.notification(message.payloads(), Notify.REDIRECTED_FROM).flatMap(Redirect::read).map(Redirect::gateway).orElse("nobody");
    }

    /** HDR(SPIi, 0), N(REDIRECT) to what moon has said last, as from {@code gateway}. */
    private void answer(String gateway, String elsewhere, boolean nonce) {
        Message request = last(world, "moon", ExchangeType.IKE_SA_INIT);
        Bytes ni = nonce ? Payload.first(request.payloads(), NoncePayload.class).orElseThrow().data() : Bytes.hex("00".repeat(32));
        world.moon.receive(new Path(world.moon.address, 500, address(gateway), 500), MessageCodec.encode(
                Header.of(request.header().initiatorSpi(), 0, ExchangeType.IKE_SA_INIT, false, true, 0),
                List.of(new Redirect(elsewhere, ni).as(Notify.REDIRECT))));
        world.network.run(20);
    }

    @Test
    void aFirstMessageGoesWhereItsAnswerSaysIfThatHasItsNonce() {
        SimulatedHost other = other(world);
        world.sun.dead = true;
        world.moon.up("sun", "net");
        world.network.run(20);
        answer("192.0.2.2", OTHER, false);
        assertThat(last(world, "moon", ExchangeType.IKE_SA_INIT)).satisfies(message -> assertThat(from(message)).isEqualTo("nobody"));
        answer("192.0.2.2", OTHER, true);
        assertThat(from(last(world, "moon", ExchangeType.IKE_SA_INIT))).isEqualTo("192.0.2.2");
        world.network.run(5_000);
        assertThat(other.children()).as(world::journal).hasSize(1);
        assertThat(world.moon.established()).singleElement().satisfies(session -> assertThat(session.path().remote()).isEqualTo(other.address));
    }

    @Test
    void gatewaysThatSendOneAnotherTheSameClientLoseIt() {
        world.sun.dead = true;
        world.moon.up("sun", "net");
        world.network.run(20);
        for (int i = 0; i < 6; i++) {
            assertThat(world.moon.events(Event.IkeFailed.class)).isEmpty();
            answer(i == 0 ? "192.0.2.2" : "192.0.2." + (100 + i), "192.0.2." + (101 + i), true);
        }
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(failed -> assertThat(failed.reason()).contains("after 5 gateways that have sent us on"));
    }
}
