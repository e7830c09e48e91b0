package org.xfrmagent.agent.engine.v1;

import java.util.List;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.TransformPayload;

/** Lifetimes as pairs of attributes, a type and then a duration of that type (RFC 2407, section 4.5). */
final class Lifetime {
    /** A soft limit that follows from another's hard one comes at so many hundredths of it: the initiator's first, so that not both begin. */
    private static final int INITIATORS_PERCENT = 90;
    private static final int RESPONDERS_PERCENT = 95;

    /** Seconds or kilobytes that nothing reaches: more are as many. */
    private static final long LONGEST = 1L << 40;

    /** RFC 2407, section 4.5: "If unspecified, the default value shall be assumed to be 28800 seconds"; of an ISAKMP SA as well. */
    static final long DEFAULT_SECONDS = 28_800;

    private Lifetime() {}

    /** A type and the duration of that type. */
    static void write(ByteWriter out, int typeAttribute, int type, int durationAttribute, long duration) {
        DataAttribute.of(typeAttribute, type).write(out);
        DataAttribute.of(durationAttribute, duration).write(out);
    }

    static OptionalLong of(TransformPayload transform, int typeAttribute, int durationAttribute, int wanted) {
        return of(transform.attributes(), typeAttribute, durationAttribute, wanted);
    }

    /** The duration of the wanted type, if it is given and not zero. */
    static OptionalLong of(List<DataAttribute> attributes, int typeAttribute, int durationAttribute, int wanted) {
        long type = 0;
        for (DataAttribute attribute : attributes) {
            if (attribute.type() == typeAttribute) {
                type = attribute.number().orElse(0);
            } else if (attribute.type() == durationAttribute && type == wanted) {
                OptionalLong duration = attribute.number();
                return duration.isPresent() && duration.getAsLong() > 0
                        ? OptionalLong.of(Math.min(duration.getAsLong(), LONGEST))
                        : OptionalLong.empty();
            }
        }
        return OptionalLong.empty();
    }

    /** Our limits, made shorter where the peer ends the SA before: {@code seconds} and {@code kilobytes}, 0 if it says nothing of them. */
    static SaLimits within(boolean initiator, SaLimits ours, long seconds, long kilobytes) {
        return new SaLimits(
                soft(initiator, ours.softSeconds(), seconds), hard(ours.hardSeconds(), seconds),
                soft(initiator, ours.softBytes(), kilobytes * 1024), hard(ours.hardBytes(), kilobytes * 1024),
                ours.softPackets(), ours.hardPackets());
    }

    private static long soft(boolean initiator, long ours, long theirs) {
        if (theirs == 0) {
            return ours;
        }
        long early = Math.max(1, theirs * (initiator ? INITIATORS_PERCENT : RESPONDERS_PERCENT) / 100);
        return ours == 0 ? early : Math.min(ours, early);
    }

    private static long hard(long ours, long theirs) {
        return theirs == 0 ? ours : ours == 0 ? theirs : Math.min(ours, theirs);
    }
}
