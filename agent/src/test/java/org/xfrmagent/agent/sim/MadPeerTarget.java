package org.xfrmagent.agent.sim;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;

/**
 * For long fuzzing runs: an authenticated peer says anything at all in its next request. The input's first octet chooses the exchange, its
 * second the first payload; the rest are the decrypted payloads. No invariant breaks, and nothing is a bug.
 */
public final class MadPeerTarget {
    private static final ExchangeType[] EXCHANGES = {ExchangeType.CREATE_CHILD_SA, ExchangeType.INFORMATIONAL, ExchangeType.IKE_AUTH};
    private static final int MOST_OCTETS = 8_192;

    private MadPeerTarget() {}

    /** The input that says what {@code chain} says. */
    static byte[] input(ExchangeType exchange, int firstInner, Bytes chain) {
        byte[] octets = new byte[2 + chain.length()];
        octets[0] = (byte) Arrays.asList(EXCHANGES).indexOf(exchange);
        octets[1] = (byte) firstInner;
        System.arraycopy(chain.toArray(), 0, octets, 2, chain.length());
        return octets;
    }

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 2 || data.length > MOST_OCTETS) {
            return;
        }
        World world = new World(Policies.moon(), Policies.sun(), 1).established(1);
        IkeSa sa = world.session(world.sun).phase().ikeSa().orElseThrow();
        ExchangeType exchange = EXCHANGES[(data[0] & 0xff) % EXCHANGES.length];
        Header header = Header.of(sa.initiatorSpi(), sa.responderSpi(), exchange, true, false, sa.window().expected());
        Bytes chain = Bytes.wrap(Arrays.copyOfRange(data, 2, data.length));
        Forger forger = new Forger(world.sun);
        Path path = world.session(world.sun).path();
        world.sun.receive(path, forger.seal(sa, new Forger.Content(header, data[1] & 0xff, chain, 0, 0)));
        world.network.run(60_000);
        for (SimulatedHost host : new SimulatedHost[] {world.moon, world.sun}) {
            host.events(Event.Dropped.class).stream().filter(dropped -> dropped.rule() == Event.Rule.BUG).findAny().ifPresent(bug -> {
                throw new IllegalStateException(host.name + ": " + bug + "\n" + world.journal());
            });
        }
    }
}
