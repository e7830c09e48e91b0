package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/** Events as the kernel multicasts them, and MIGRATE, which is a request too. */
final class EventCodec {
    private static final int ACQUIRE = 280;
    private static final int EXPIRE = 232;
    private static final int POLICY_EXPIRE = 176;
    private static final int MAPPING = 64;
    private static final int MIGRATION = 76;

    private EventCodec() {}

    /** Empty for messages that tell nothing of use here. */
    static Optional<XfrmEvent> decode(NetlinkMessage message) throws MalformedMessage {
        return decode(message.type(), message.payload());
    }

    static Optional<XfrmEvent> decode(int type, StructReader payload) throws MalformedMessage {
        return switch (type) {
            case XfrmNumbers.ACQUIRE -> Optional.of(acquire(payload));
            case XfrmNumbers.EXPIRE -> {
                // struct xfrm_user_expire { struct xfrm_usersa_info state; u8 hard; }: 232 octets, the last 7 padding
                StructReader from = payload.part(EXPIRE);
                StructReader state = from.part(StateCodec.STATE);
                boolean hard = from.u8() != 0;
                yield Optional.of(new XfrmEvent.Expire(StateCodec.decode(state, Attributes.read(payload)), hard));
            }
            case XfrmNumbers.POLEXPIRE -> {
                // struct xfrm_user_polexpire { struct xfrm_userpolicy_info pol; u8 hard; }: 176 octets, the last 7 padding
                StructReader from = payload.part(POLICY_EXPIRE);
                StructReader policy = from.part(PolicyCodec.POLICY);
                boolean hard = from.u8() != 0;
                yield Optional.of(new XfrmEvent.PolicyExpire(PolicyCodec.decode(policy, Attributes.read(payload)), hard));
            }
            case XfrmNumbers.MAPPING -> Optional.of(mapping(payload.part(MAPPING)));
            case XfrmNumbers.MIGRATE -> Optional.of(migrate(payload));
            case XfrmNumbers.DELSA -> Optional.of(stateDeleted(payload));
            case XfrmNumbers.DELPOLICY -> Optional.of(new XfrmEvent.PolicyDeleted(deletedPolicy(payload)));
            case XfrmNumbers.NEWPOLICY, XfrmNumbers.UPDPOLICY -> Optional.of(new XfrmEvent.PolicyPut(PolicyCodec.decode(payload)));
            case XfrmNumbers.FLUSHSA -> Optional.of(new XfrmEvent.StatesFlushed(payload.u8()));
            case XfrmNumbers.FLUSHPOLICY -> Optional.of(new XfrmEvent.PoliciesFlushed());
            default -> Optional.empty();
        };
    }

    /**
     * Who deletes by index is told of without selector; the policy itself comes along as an attribute.
     *
     * <pre>
     * struct xfrm_userpolicy_id id;  XFRMA_POLICY: struct xfrm_userpolicy_info
     * </pre>
     */
    private static XfrmPolicy.Id deletedPolicy(StructReader payload) throws MalformedMessage {
        StructReader id = payload.part(PolicyCodec.POLICY_ID);
        Attributes attributes = Attributes.read(payload);
        Optional<Attribute> policy = attributes.find(XfrmNumbers.XFRMA_POLICY);
        return policy.isPresent()
                ? PolicyCodec.decode(policy.get().content().part(PolicyCodec.POLICY), attributes).id()
                : PolicyCodec.decodeId(id, attributes);
    }

    /**
     * <pre>
     * struct xfrm_user_acquire {                               280 octets, then TMPL, MARK, IF_ID …
     *     struct xfrm_id id;                                     0
     *     xfrm_address_t saddr;                                 24
     *     struct xfrm_selector sel;                             40
     *     struct xfrm_userpolicy_info policy;                   96
     *     u32 aalgos;  u32 ealgos;  u32 calgos;  u32 seq;      264  268  272  276
     * };
     * </pre>
     */
    private static XfrmEvent acquire(StructReader payload) throws MalformedMessage {
        StructReader from = payload.part(ACQUIRE);
        StructReader id = from.part(XfrmCodec.ID);
        StructReader source = from.part(XfrmCodec.ADDRESS);
        XfrmSelector packet = XfrmCodec.selector(from);
        XfrmPolicy policy = PolicyCodec.decode(from.part(PolicyCodec.POLICY), Attributes.read(payload));
        int sequence = from.skip(12).u32();
        // The struct has no family of its own: the addresses are the template's, and a tunnel may cross families.
        AddressFamily family = policy.templates().isEmpty()
                ? packet.family()
                : AddressFamily.of(policy.templates().getFirst().destination());
        return new XfrmEvent.Acquire(sequence, XfrmCodec.id(id, family), family.read(source), packet, policy);
    }

    /** struct xfrm_usersa_id, then the struct of the state as an attribute, then the state's own attributes, keys and all. */
    private static XfrmEvent stateDeleted(StructReader payload) throws MalformedMessage {
        XfrmId id = XfrmCodec.stateId(payload);
        Attributes attributes = Attributes.read(payload);
        Optional<Attribute> info = attributes.find(XfrmNumbers.XFRMA_SA);
        if (info.isEmpty()) {
            return new XfrmEvent.StateDeleted(id, XfrmReplay.NONE, XfrmCounters.NONE);
        }
        XfrmState state = StateCodec.decode(info.get().content(), attributes);
        state.algorithms().forEach(algorithm -> algorithm.key().wipe());
        return new XfrmEvent.StateDeleted(id, state.replay(), state.counters());
    }

    /**
     * <pre>
     * struct xfrm_user_mapping {                                        64 octets
     *     struct xfrm_usersa_id id;                                      0
     *     u32 reqid;                                                    24
     *     xfrm_address_t old_saddr;  xfrm_address_t new_saddr;          28  44
     *     be16 old_sport;  be16 new_sport;                              60  62
     * };
     * </pre>
     */
    private static XfrmEvent mapping(StructReader from) throws MalformedMessage {
        XfrmId id = XfrmCodec.stateId(from);
        AddressFamily family = AddressFamily.of(id.destination());
        int requestId = from.u32();
        InetAddress oldSource = XfrmCodec.address(from, family);
        InetAddress newSource = XfrmCodec.address(from, family);
        return new XfrmEvent.Mapping(id, requestId, oldSource, from.be16(), newSource, from.be16());
    }

    private static XfrmEvent migrate(StructReader payload) throws MalformedMessage {
        StructReader id = payload.part(PolicyCodec.POLICY_ID);
        Attributes attributes = Attributes.read(payload);
        List<XfrmMigration> moved = new ArrayList<>();
        Optional<Attribute> found = attributes.find(XfrmNumbers.XFRMA_MIGRATE);
        if (found.isPresent()) {
            StructReader from = found.get().content();
            while (from.remaining() > 0) {
                moved.add(migration(from.part(MIGRATION)));
            }
        }
        return new XfrmEvent.Migrate(PolicyCodec.decodeId(id, attributes), moved);
    }

    /**
     * <pre>
     * struct xfrm_user_migrate {                                             76 octets
     *     xfrm_address_t old_daddr, old_saddr, new_daddr, new_saddr;          0  16  32  48
     *     u8 proto;  u8 mode;  u16 reserved;  u32 reqid;                     64  65  66  68
     *     u16 old_family;  u16 new_family;                                   72  74
     * };
     * </pre>
     */
    static void migration(StructWriter out, XfrmMigration migration) {
        XfrmCodec.address(out, migration.oldDestination());
        XfrmCodec.address(out, migration.oldSource());
        XfrmCodec.address(out, migration.newDestination());
        XfrmCodec.address(out, migration.newSource());
        out.u8(migration.protocol()).u8(migration.mode().number()).zeros(2).u32(migration.requestId());
        out.u16(AddressFamily.of(migration.oldDestination()).number());
        out.u16(AddressFamily.of(migration.newDestination()).number());
    }

    private static XfrmMigration migration(StructReader from) throws MalformedMessage {
        StructReader oldDestination = from.part(XfrmCodec.ADDRESS);
        StructReader oldSource = from.part(XfrmCodec.ADDRESS);
        StructReader newDestination = from.part(XfrmCodec.ADDRESS);
        StructReader newSource = from.part(XfrmCodec.ADDRESS);
        int protocol = from.u8();
        XfrmMode mode = Numbered.of(XfrmMode.values(), from.u8(), "XFRM mode");
        int requestId = from.skip(2).u32();
        AddressFamily before = AddressFamily.of(from.u16());
        AddressFamily after = AddressFamily.of(from.u16());
        return new XfrmMigration(
                before.read(oldSource), before.read(oldDestination), after.read(newSource), after.read(newDestination), protocol, mode,
                requestId);
    }
}
