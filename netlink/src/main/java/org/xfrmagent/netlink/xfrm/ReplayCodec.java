package org.xfrmagent.netlink.xfrm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/**
 * The two attributes of sequence numbers.
 *
 * <pre>
 * struct xfrm_replay_state     { u32 oseq; u32 seq; u32 bitmap; }                                             12 octets
 * struct xfrm_replay_state_esn { u32 bmp_len; u32 oseq; u32 seq; u32 oseq_hi; u32 seq_hi; u32 replay_window;  24 octets
 *                                u32 bmp[bmp_len]; }
 * </pre>
 *
 * The bitmap may be left out (bmp_len still tells its size): the window is empty then.
 */
final class ReplayCodec {
    private static final int MOST_WORDS = 4096 / 4;

    private ReplayCodec() {}

    /** Writes what a fresh state needs: nothing for the old struct with all numbers zero. */
    static void write(StructWriter out, XfrmReplay replay) {
        if (replay.needsEsnAttribute()) {
            int words = (replay.window() + 31) / 32;
            out.attribute(XfrmNumbers.XFRMA_REPLAY_ESN_VAL, inner -> {
                inner.u32(words).u32((int) replay.outbound()).u32((int) replay.inbound());
                inner.u32((int) (replay.outbound() >>> 32)).u32((int) (replay.inbound() >>> 32)).u32(replay.window());
                for (int i = 0; i < words && !replay.bitmap().isEmpty(); i++) {
                    inner.u32(i < replay.bitmap().size() ? replay.bitmap().get(i) : 0);
                }
            });
        } else if (replay.outbound() != 0 || replay.inbound() != 0) {
            int word = replay.bitmap().isEmpty() ? 0 : replay.bitmap().getFirst();
            out.attribute(
                    XfrmNumbers.XFRMA_REPLAY_VAL, inner -> inner.u32((int) replay.outbound()).u32((int) replay.inbound()).u32(word));
        }
    }

    /**
     * @param extended whether the state says that its numbers have 64 bits
     * @param window of the state, if the attribute does not tell
     */
    static XfrmReplay read(Attributes attributes, boolean extended, int window) throws MalformedMessage {
        Optional<Attribute> esn = attributes.find(XfrmNumbers.XFRMA_REPLAY_ESN_VAL);
        if (esn.isPresent()) {
            return extended(esn.get().content(), extended);
        }
        Optional<Attribute> old = attributes.find(XfrmNumbers.XFRMA_REPLAY_VAL);
        if (old.isEmpty()) {
            return new XfrmReplay(extended, window, 0, 0, List.of());
        }
        StructReader from = old.get().content();
        long outbound = from.u32() & 0xffffffffL;
        long inbound = from.u32() & 0xffffffffL;
        int word = from.u32();
        return new XfrmReplay(extended, window, outbound, inbound, word == 0 ? List.of() : List.of(word));
    }

    private static XfrmReplay extended(StructReader from, boolean extended) throws MalformedMessage {
        int words = from.u32();
        long outbound = from.u32() & 0xffffffffL;
        long inbound = from.u32() & 0xffffffffL;
        outbound |= (long) from.u32() << 32;
        inbound |= (long) from.u32() << 32;
        int window = from.u32();
        if (words < 0 || words > MOST_WORDS || window < 0 || window > XfrmReplay.LARGEST_WINDOW) {
            throw new MalformedMessage("a replay window of " + window + " packets in " + words + " words");
        }
        List<Integer> bitmap = new ArrayList<>(words);
        boolean empty = true;
        for (int i = 0; i < words && from.remaining() > 0; i++) {
            int word = from.u32();
            empty &= word == 0;
            bitmap.add(word);
        }
        return new XfrmReplay(extended, window, outbound, inbound, empty ? List.of() : bitmap);
    }
}
