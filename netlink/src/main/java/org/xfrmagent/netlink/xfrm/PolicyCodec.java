package org.xfrmagent.netlink.xfrm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/** {@link XfrmPolicy} as NEWPOLICY and UPDPOLICY carry it, and its id as DELPOLICY and GETPOLICY do. */
final class PolicyCodec {
    static final int POLICY = 168;
    static final int POLICY_ID = 64;
    static final int TEMPLATE = 64;

    private PolicyCodec() {}

    static StructWriter encode(XfrmPolicy policy) {
        StructWriter out = new StructWriter(384);
        info(out, policy);
        type(out, policy.id().type());
        if (!policy.templates().isEmpty()) {
            AddressFamily family = policy.id().selector().family();
            out.attribute(XfrmNumbers.XFRMA_TMPL, inner -> policy.templates().forEach(template -> template(inner, template, family)));
        }
        XfrmCodec.mark(out, policy.id().mark());
        XfrmCodec.interfaceId(out, policy.id().interfaceId());
        policy.offload().ifPresent(device -> XfrmCodec.offload(out, device));
        return out;
    }

    /**
     * <pre>
     * struct xfrm_userpolicy_info {                          168 octets
     *     struct xfrm_selector sel;                            0
     *     struct xfrm_lifetime_cfg lft;                       56
     *     struct xfrm_lifetime_cur curlft;                   120
     *     u32 priority;  u32 index;                          152  156
     *     u8 dir;  u8 action;  u8 flags;  u8 share;          160  161  162  163   (4 octets of padding)
     * };
     * </pre>
     */
    private static void info(StructWriter out, XfrmPolicy policy) {
        XfrmCodec.selector(out, policy.id().selector());
        XfrmCodec.lifetime(out, policy.lifetime());
        out.zeros(XfrmCodec.COUNTERS).u32(policy.priority()).u32(policy.index());
        out.u8(policy.id().direction().number()).u8(policy.action().number()).u8(policy.flags()).u8(policy.share()).zeros(4);
    }

    static XfrmPolicy decode(StructReader payload) throws MalformedMessage {
        StructReader info = payload.part(POLICY);
        return decode(info, Attributes.read(payload));
    }

    static XfrmPolicy decode(StructReader from, Attributes attributes) throws MalformedMessage {
        XfrmSelector selector = XfrmCodec.selector(from);
        XfrmLifetime lifetime = XfrmCodec.lifetime(from);
        XfrmCounters counters = XfrmCodec.counters(from);
        int priority = from.u32();
        int index = from.u32();
        // The direction of a socket's own policy is 3 more: such policies are nobody's business here, but a dump must not fail on them.
        XfrmDirection direction = Numbered.of(XfrmDirection.values(), from.u8() & 3, "policy direction");
        XfrmPolicy.Action action = Numbered.of(XfrmPolicy.Action.values(), from.u8(), "policy action");
        int flags = from.u8();
        int share = from.u8();
        XfrmPolicy.Id id = id(selector, direction, attributes);
        return new XfrmPolicy(id, action, priority, index, flags, share, lifetime, counters, templates(attributes), XfrmCodec.offload(attributes));
    }

    /** struct xfrm_userpolicy_id { struct xfrm_selector sel; u32 index; u8 dir; }: 64 octets, the last 3 padding. */
    static StructWriter encodeId(XfrmPolicy.Id id) {
        StructWriter out = new StructWriter(128);
        idStruct(out, id);
        type(out, id.type());
        XfrmCodec.mark(out, id.mark());
        XfrmCodec.interfaceId(out, id.interfaceId());
        return out;
    }

    static void idStruct(StructWriter out, XfrmPolicy.Id id) {
        XfrmCodec.selector(out, id.selector());
        out.u32(0).u8(id.direction().number()).zeros(3);
    }

    static XfrmPolicy.Id decodeId(StructReader in, Attributes attributes) throws MalformedMessage {
        StructReader from = in.part(POLICY_ID);
        XfrmSelector selector = XfrmCodec.selector(from);
        from.skip(4);
        return id(selector, Numbered.of(XfrmDirection.values(), from.u8(), "policy direction"), attributes);
    }

    private static XfrmPolicy.Id id(XfrmSelector selector, XfrmDirection direction, Attributes attributes) throws MalformedMessage {
        Optional<Attribute> type = attributes.find(XfrmNumbers.XFRMA_POLICY_TYPE);
        XfrmPolicy.Type of = type.isPresent()
                ? Numbered.of(XfrmPolicy.Type.values(), type.get().content().u8(), "policy type")
                : XfrmPolicy.Type.MAIN;
        return new XfrmPolicy.Id(
                selector, direction, XfrmCodec.mark(attributes), attributes.u32(XfrmNumbers.XFRMA_IF_ID, 0), of);
    }

    /** struct xfrm_userpolicy_type { u8 type; u16 reserved1; u8 reserved2; }: 6 octets with its padding. */
    static void type(StructWriter out, XfrmPolicy.Type type) {
        if (type != XfrmPolicy.Type.MAIN) {
            out.attribute(XfrmNumbers.XFRMA_POLICY_TYPE, inner -> inner.u8(type.number()).zeros(5));
        }
    }

    /**
     * <pre>
     * struct xfrm_user_tmpl {                                  64 octets
     *     struct xfrm_id id;                                    0
     *     u16 family;                                          24   (2 octets of padding)
     *     xfrm_address_t saddr;                                28
     *     u32 reqid;                                           44
     *     u8 mode;  u8 share;  u8 optional;                    48  49  50   (1 octet of padding)
     *     u32 aalgos;  u32 ealgos;  u32 calgos;                52  56  60
     * };
     * </pre>
     *
     * A template without addresses is of the selector's family; a tunnel may be of the other one.
     */
    static void template(StructWriter out, XfrmTemplate template, AddressFamily selectorFamily) {
        XfrmCodec.id(out, new XfrmId(template.destination(), template.spi(), template.protocol()));
        AddressFamily family = template.mode() == XfrmMode.TRANSPORT ? selectorFamily : AddressFamily.of(template.destination());
        out.u16(family.number()).zeros(2);
        XfrmCodec.address(out, template.source());
        out.u32(template.requestId());
        out.u8(template.mode().number()).u8(template.share()).u8(template.optional() ? 1 : 0).zeros(1);
        out.u32(template.authentication()).u32(template.encryption()).u32(template.compression());
    }

    private static List<XfrmTemplate> templates(Attributes attributes) throws MalformedMessage {
        Optional<Attribute> found = attributes.find(XfrmNumbers.XFRMA_TMPL);
        List<XfrmTemplate> templates = new ArrayList<>();
        if (found.isPresent()) {
            StructReader from = found.get().content();
            while (from.remaining() > 0) {
                templates.add(template(from.part(TEMPLATE)));
            }
        }
        return templates;
    }

    private static XfrmTemplate template(StructReader from) throws MalformedMessage {
        StructReader id = from.part(XfrmCodec.ID);
        AddressFamily family = AddressFamily.of(from.u16());
        XfrmId named = XfrmCodec.id(id, family);
        return new XfrmTemplate(
                XfrmCodec.address(from.skip(2), family),
                named.destination(),
                named.spi(),
                named.protocol(),
                from.u32(),
                Numbered.of(XfrmMode.values(), from.u8(), "XFRM mode"),
                from.u8(),
                from.u8() != 0,
                from.skip(1).u32(),
                from.u32(),
                from.u32());
    }
}
