package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/** One way out and one way in, joined without a wire: west sends, east receives. */
class JoinedEnds {
    static final InetAddress WEST = Ip.parse("192.0.2.1").orElseThrow();
    static final InetAddress EAST = Ip.parse("192.0.2.2").orElseThrow();
    static final int SPI = 0xc0000001;
    static final int REQID = 3;

    final List<DataPlaneEvent> events = new ArrayList<>();
    long now = 1_000_000_000L;

    /** One end: its databases and counters. */
    final class End {
        final Spd spd = new Spd();
        final Sad sad = new Sad();
        final PathMtu pathMtu = new PathMtu(() -> now);
        final DropCounters drops = new DropCounters();
        final Outbound outbound = new Outbound(spd, sad, new ReentrantLock(), pathMtu, drops, events::add, this::expire, () -> now);
        final Inbound inbound = new Inbound(spd, sad, drops, events::add, this::expire, () -> now);

        private void expire(Sa sa) {
            sa.kill();
            sad.remove(sa.id());
            events.add(new DataPlaneEvent.HardExpire(sa.id(), sa.spec().reqid()));
        }

        void add(SaSpec spec) {
            assertThat(sad.add(new Sa(spec, now))).isTrue();
        }

        void add(Direction direction, SelectorPair selectors, PolicySpec.Verdict verdict) {
            spd.change(new Spd.Change(
                    List.of(), List.of(new PolicySpec(direction, selectors, 100, verdict, OptionalInt.empty()))));
        }
    }

    final End west = new End();
    final End east = new End();

    static SaKeys keys(String words) {
        Algorithm[] rows = Arrays.stream(words.split("-")).map(word -> Algorithms.byKeyword(word).orElseThrow()).toArray(Algorithm[]::new);
        if (rows.length == 2) {
            return new SaKeys.CipherAndMac(rows[0], secret(rows[0]), rows[1], secret(rows[1]));
        }
        return rows[0].aead() ? new SaKeys.Aead(rows[0], secret(rows[0])) : new SaKeys.MacOnly(rows[0], secret(rows[0]));
    }

    static Secret secret(Algorithm row) {
        byte[] key = new byte[row.keyMaterialBytes()];
        new Random(row.keyword().hashCode()).nextBytes(key);
        return Secret.take(key);
    }

    static SaSpec sa(Direction direction, Protocol protocol, Mode mode, String keys, boolean esn, boolean udp, SaLimits limits) {
        return new SaSpec(
                new SaId(EAST, protocol, SPI), WEST, direction, mode, REQID, keys(keys),
                udp ? Optional.of(new UdpEncapsulation(4500, 4500)) : Optional.empty(), 64, esn, limits, Optional.empty(),
                OptionalInt.empty());
    }

    static SelectorPair nets(String from, String to) {
        return new SelectorPair(TrafficSelector.of(AddressRange.parse(from)), TrafficSelector.of(AddressRange.parse(to)));
    }

    static PolicySpec.Protect protect(Protocol protocol, Mode mode) {
        return new PolicySpec.Protect(
                mode == Mode.TUNNEL ? Optional.of(new PolicySpec.Endpoints(WEST, EAST)) : Optional.empty(), protocol, REQID,
                OptionalInt.empty());
    }

    void tunnel(Protocol protocol, String keys, boolean esn, SaLimits limits) {
        west.add(sa(Direction.OUT, protocol, Mode.TUNNEL, keys, esn, false, limits));
        east.add(sa(Direction.IN, protocol, Mode.TUNNEL, keys, esn, false, SaLimits.NONE));
        for (String four : List.of("10.1.0.0/16 10.2.0.0/16", "fd01::/16 fd02::/16")) {
            SelectorPair nets = nets(four.split(" ")[0], four.split(" ")[1]);
            west.add(Direction.OUT, nets, protect(protocol, Mode.TUNNEL));
            east.add(Direction.IN, nets, protect(protocol, Mode.TUNNEL));
        }
    }

    void tunnel() {
        tunnel(Protocol.ESP, "aes128gcm16", false, SaLimits.NONE);
    }

    Departures out(byte[] packet) {
        Departures departures = new Departures();
        west.outbound.process(packet, departures);
        return departures;
    }

    /** The one packet that leaves for the wire. */
    byte[] sealed(byte[] packet) {
        Departures departures = out(packet);
        assertThat(departures.ipv4).as("%s", west.drops.nonZero()).hasSize(1);
        return departures.ipv4.getFirst().data();
    }

    /** What the other end makes of it, as its raw socket delivers it. */
    List<byte[]> in(byte[] outer) {
        Departures departures = new Departures();
        if (Octets.u8(outer, 9) == AhCodec.PROTOCOL) {
            east.inbound.ah(outer, departures);
        } else {
            int header = (outer[0] & 0xf) * 4;
            Inbound.Arrival arrival = new Inbound.Arrival(
                    WEST, EAST, Optional.empty(), OptionalInt.of(Octets.u8(outer, 1)));
            east.inbound.esp(arrival, outer, header, outer.length - header, departures);
        }
        return departures.inner;
    }
}
