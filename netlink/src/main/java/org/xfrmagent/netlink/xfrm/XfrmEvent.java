package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.util.List;

/** Something the kernel tells whoever listens. */
public sealed interface XfrmEvent {
    /**
     * A packet matched a policy, and no association is there.
     *
     * @param sequence goes into the state that answers ({@link XfrmState#sequence})
     * @param id the template's destination and protocol; the SPI is 0
     * @param source the template's source
     * @param packet the packet, as a selector of its addresses, protocol and ports
     * @param policy the policy it matched, with its templates
     */
    record Acquire(int sequence, XfrmId id, InetAddress source, XfrmSelector packet, XfrmPolicy policy) implements XfrmEvent {}

    /** A limit was reached: hard, and the state is gone; or soft, and it is time to rekey. */
    record Expire(XfrmState state, boolean hard) implements XfrmEvent {}

    /**
     * ESP in UDP arrived from a new address or port: the peer's NAT changed its mind.
     *
     * @param id the inbound state
     * @param requestId its request id
     */
    record Mapping(
            XfrmId id, int requestId, InetAddress oldSource, int oldSourcePort, InetAddress newSource, int newSourcePort)
            implements XfrmEvent {}

    /**
     * Somebody moved associations.
     *
     * @param policy whose they are
     * @param moved what moved
     */
    record Migrate(XfrmPolicy.Id policy, List<XfrmMigration> moved) implements XfrmEvent {
        public Migrate {
            moved = List.copyOf(moved);
        }
    }

    /** A policy's limit was reached. */
    record PolicyExpire(XfrmPolicy policy, boolean hard) implements XfrmEvent {}

    /**
     * Somebody deleted a state (group SA).
     *
     * @param replay how far it had come when it ended: no packet has used it since
     * @param counters likewise
     */
    record StateDeleted(XfrmId id, XfrmReplay replay, XfrmCounters counters) implements XfrmEvent {}

    /** Somebody added a policy or replaced one (group POLICY). */
    record PolicyPut(XfrmPolicy policy) implements XfrmEvent {}

    /** Somebody deleted a policy (group POLICY). */
    record PolicyDeleted(XfrmPolicy.Id id) implements XfrmEvent {}

    /** Somebody flushed all states of a protocol (group SA); 0 or 255 is all. */
    record StatesFlushed(int protocol) implements XfrmEvent {}

    /** Somebody flushed the policies (group POLICY). */
    record PoliciesFlushed() implements XfrmEvent {}

    /** Events were lost: dump states and policies, and compare. */
    record EventsLost() implements XfrmEvent {}

    /** The multicast groups (XFRMNLGRP_*). */
    enum Group {
        ACQUIRE(1),
        EXPIRE(2),
        SA(3),
        POLICY(4),
        MIGRATE(7),
        MAPPING(8);

        private final int number;

        Group(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }
}
