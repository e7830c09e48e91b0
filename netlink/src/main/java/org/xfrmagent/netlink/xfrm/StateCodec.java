package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/** {@link XfrmState} as NEWSA and UPDSA carry it: struct xfrm_usersa_info, then attributes. */
final class StateCodec {
    static final int STATE = 224;
    private static final int NAME = 64;

    private StateCodec() {}

    static StructWriter encode(XfrmState state) {
        StructWriter out = new StructWriter(768);
        info(out, state);
        for (XfrmAlgorithm algorithm : state.algorithms()) {
            algorithm(out, algorithm);
        }
        state.encap().ifPresent(encap -> encap(out, encap));
        ReplayCodec.write(out, state.replay());
        if (!state.counters().equals(XfrmCounters.NONE)) {
            out.attribute(XfrmNumbers.XFRMA_LTIME_VAL, inner -> XfrmCodec.counters(inner, state.counters()));
        }
        if (state.extraFlags() != 0) {
            out.attribute(XfrmNumbers.XFRMA_SA_EXTRA_FLAGS, state.extraFlags());
        }
        if (state.tfcPadding() != 0) {
            out.attribute(XfrmNumbers.XFRMA_TFCPAD, state.tfcPadding());
        }
        XfrmCodec.mark(out, state.mark());
        XfrmCodec.interfaceId(out, state.interfaceId());
        state.outputMark().ifPresent(mark -> {
            out.attribute(XfrmNumbers.XFRMA_SET_MARK, mark.value());
            out.attribute(XfrmNumbers.XFRMA_SET_MARK_MASK, mark.mask());
        });
        state.offload().ifPresent(device -> XfrmCodec.offload(out, device));
        flow(out, state.flow());
        if (state.natKeepalive() != 0) {
            out.attribute(XfrmNumbers.XFRMA_NAT_KEEPALIVE_INTERVAL, state.natKeepalive());
        }
        return out;
    }

    static void flow(StructWriter out, Optional<XfrmState.Flow> flow) {
        flow.ifPresent(way -> out.attribute(XfrmNumbers.XFRMA_SA_DIR, inner -> inner.u8(way.number())));
    }

    /**
     * <pre>
     * struct xfrm_usersa_info {                       224 octets
     *     struct xfrm_selector sel;                     0
     *     struct xfrm_id id;                           56
     *     xfrm_address_t saddr;                        80
     *     struct xfrm_lifetime_cfg lft;                96
     *     struct xfrm_lifetime_cur curlft;            160
     *     struct xfrm_stats stats;                    192   u32 replay_window, replay, integrity_failed
     *     u32 seq;  u32 reqid;                        204  208
     *     u16 family;                                 212
     *     u8 mode;  u8 replay_window;  u8 flags;      214  215  216   (7 octets of padding)
     * };
     * </pre>
     */
    static void info(StructWriter out, XfrmState state) {
        XfrmCodec.selector(out, state.selector());
        XfrmCodec.id(out, state.id());
        XfrmCodec.address(out, state.source());
        XfrmCodec.lifetime(out, state.lifetime());
        out.zeros(XfrmCodec.COUNTERS + 12);
        out.u32(state.sequence()).u32(state.requestId());
        out.u16(AddressFamily.of(state.id().destination()).number()).u8(state.mode().number());
        out.u8(state.replay().needsEsnAttribute() ? 0 : state.replay().window());
        out.u8(state.flags() | (state.replay().extended() ? XfrmState.ESN : 0)).zeros(7);
    }

    /** Reads the struct and the attributes behind it. */
    static XfrmState decode(StructReader payload) throws MalformedMessage {
        StructReader info = payload.part(STATE);
        return decode(info, Attributes.read(payload));
    }

    static XfrmState decode(StructReader from, Attributes attributes) throws MalformedMessage {
        XfrmSelector selector = XfrmCodec.selector(from);
        StructReader id = from.part(XfrmCodec.ID);
        StructReader source = from.part(XfrmCodec.ADDRESS);
        XfrmLifetime lifetime = XfrmCodec.lifetime(from);
        XfrmCounters counters = XfrmCodec.counters(from);
        XfrmState.Stats stats = new XfrmState.Stats(from.u32(), from.u32(), from.u32());
        int sequence = from.u32();
        int requestId = from.u32();
        AddressFamily family = AddressFamily.of(from.u16());
        XfrmMode mode = Numbered.of(XfrmMode.values(), from.u8(), "XFRM mode");
        int window = from.u8();
        int flags = from.u8();
        boolean extended = (flags & XfrmState.ESN) != 0;
        XfrmState.Builder state = XfrmState.builder(XfrmCodec.id(id, family), family.read(source), mode)
                .requestId(requestId)
                .selector(selector)
                .algorithms(algorithms(attributes))
                .replay(ReplayCodec.read(attributes, extended, window))
                .lifetime(lifetime)
                .counters(counters)
                .stats(stats)
                .sequence(sequence)
                .flags(flags & ~XfrmState.ESN)
                .extraFlags(attributes.u32(XfrmNumbers.XFRMA_SA_EXTRA_FLAGS, 0))
                .interfaceId(attributes.u32(XfrmNumbers.XFRMA_IF_ID, 0))
                .tfcPadding(attributes.u32(XfrmNumbers.XFRMA_TFCPAD, 0))
                .natKeepalive(attributes.u32(XfrmNumbers.XFRMA_NAT_KEEPALIVE_INTERVAL, 0));
        optional(state, attributes, family);
        return state.build();
    }

    private static void optional(XfrmState.Builder state, Attributes attributes, AddressFamily family) throws MalformedMessage {
        XfrmCodec.mark(attributes).ifPresent(state::mark);
        Optional<Attribute> encap = attributes.find(XfrmNumbers.XFRMA_ENCAP);
        if (encap.isPresent()) {
            state.encap(encap(encap.get().content(), family));
        }
        Optional<Attribute> setMark = attributes.find(XfrmNumbers.XFRMA_SET_MARK);
        if (setMark.isPresent()) {
            state.outputMark(new XfrmMark(setMark.get().content().u32(), attributes.u32(XfrmNumbers.XFRMA_SET_MARK_MASK, -1)));
        }
        XfrmCodec.offload(attributes).ifPresent(state::offload);
        Optional<Attribute> flow = attributes.find(XfrmNumbers.XFRMA_SA_DIR);
        if (flow.isPresent()) {
            state.flow(Numbered.of(XfrmState.Flow.values(), flow.get().content().u8(), "SA direction"));
        }
        Optional<Attribute> lastUsed = attributes.find(XfrmNumbers.XFRMA_LASTUSED);
        if (lastUsed.isPresent()) {
            state.lastUsed(lastUsed.get().content().u64());
        }
    }

    /**
     * <pre>
     * struct xfrm_encap_tmpl { u16 encap_type; be16 encap_sport; be16 encap_dport; xfrm_address_t encap_oa; }   24 octets,
     *                          0               2                 4                 8
     * </pre>
     */
    static void encap(StructWriter out, XfrmEncap encap) {
        out.attribute(XfrmNumbers.XFRMA_ENCAP, inner -> {
            inner.u16(encap.type()).be16(encap.sourcePort()).be16(encap.destinationPort()).zeros(2);
            XfrmCodec.address(inner, encap.originalAddress());
        });
    }

    private static XfrmEncap encap(StructReader from, AddressFamily family) throws MalformedMessage {
        int type = from.u16();
        int sourcePort = from.be16();
        int destinationPort = from.be16();
        InetAddress original = XfrmCodec.address(from.skip(2), family);
        return new XfrmEncap(type, sourcePort, destinationPort, original);
    }

    /**
     * Lengths are in bits.
     *
     * <pre>
     * struct xfrm_algo      { char alg_name[64]; u32 alg_key_len; char alg_key[]; }                       68 octets and the key
     * struct xfrm_algo_auth { char alg_name[64]; u32 alg_key_len; u32 alg_trunc_len; char alg_key[]; }    72
     * struct xfrm_algo_aead { char alg_name[64]; u32 alg_key_len; u32 alg_icv_len;   char alg_key[]; }    72
     * </pre>
     */
    private static void algorithm(StructWriter out, XfrmAlgorithm algorithm) {
        switch (algorithm) {
            case XfrmAlgorithm.Aead aead -> algorithm(out, XfrmNumbers.XFRMA_ALG_AEAD, aead, Optional.of(aead.icvBits()));
            case XfrmAlgorithm.Crypt crypt -> algorithm(out, XfrmNumbers.XFRMA_ALG_CRYPT, crypt, Optional.empty());
            case XfrmAlgorithm.Auth auth -> algorithm(out, XfrmNumbers.XFRMA_ALG_AUTH, auth, Optional.empty());
            case XfrmAlgorithm.AuthTrunc auth ->
                algorithm(out, XfrmNumbers.XFRMA_ALG_AUTH_TRUNC, auth, Optional.of(auth.truncationBits()));
            case XfrmAlgorithm.Compression compression -> algorithm(out, XfrmNumbers.XFRMA_ALG_COMP, compression, Optional.empty());
        }
    }

    private static void algorithm(StructWriter out, int type, XfrmAlgorithm algorithm, Optional<Integer> bits) {
        out.attribute(type, inner -> {
            byte[] name = algorithm.name().getBytes(StandardCharsets.US_ASCII);
            if (name.length >= NAME) {
                throw new IllegalArgumentException("algorithm name of " + name.length + " octets: " + algorithm.name());
            }
            inner.padded(name, NAME).u32(algorithm.key().length() * 8);
            bits.ifPresent(inner::u32);
            inner.bytes(algorithm.key().octets());
        });
    }

    private static List<XfrmAlgorithm> algorithms(Attributes attributes) throws MalformedMessage {
        // The kernel repeats a truncated algorithm in the old form, for readers that know only that.
        boolean truncated = attributes.find(XfrmNumbers.XFRMA_ALG_AUTH_TRUNC).isPresent();
        List<XfrmAlgorithm> found = new ArrayList<>();
        for (Attribute attribute : attributes.all()) {
            int type = attribute.type();
            if (type == XfrmNumbers.XFRMA_ALG_AEAD
                    || type == XfrmNumbers.XFRMA_ALG_CRYPT
                    || type == XfrmNumbers.XFRMA_ALG_AUTH_TRUNC
                    || type == XfrmNumbers.XFRMA_ALG_COMP
                    || type == XfrmNumbers.XFRMA_ALG_AUTH && !truncated) {
                found.add(algorithm(type, attribute.content()));
            }
        }
        return found;
    }

    private static XfrmAlgorithm algorithm(int type, StructReader from) throws MalformedMessage {
        String name = from.text(NAME);
        int keyBits = from.u32();
        if (keyBits < 0 || keyBits > 8 * 0xffff) {
            throw new MalformedMessage("a key of " + keyBits + " bits for " + name);
        }
        boolean sized = type == XfrmNumbers.XFRMA_ALG_AEAD || type == XfrmNumbers.XFRMA_ALG_AUTH_TRUNC;
        int bits = sized ? from.u32() : 0;
        XfrmKey key = XfrmKey.take(from.bytes((keyBits + 7) / 8));
        return switch (type) {
            case XfrmNumbers.XFRMA_ALG_AEAD -> new XfrmAlgorithm.Aead(name, key, bits);
            case XfrmNumbers.XFRMA_ALG_CRYPT -> new XfrmAlgorithm.Crypt(name, key);
            case XfrmNumbers.XFRMA_ALG_AUTH_TRUNC -> new XfrmAlgorithm.AuthTrunc(name, key, bits);
            case XfrmNumbers.XFRMA_ALG_COMP -> new XfrmAlgorithm.Compression(name);
            default -> new XfrmAlgorithm.Auth(name, key);
        };
    }
}
