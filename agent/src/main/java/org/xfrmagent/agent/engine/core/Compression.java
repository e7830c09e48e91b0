package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.TrafficSelector;

/** Whether a child's packets may be compressed (RFC 3173), as far as that is up to us, however it is agreed on with the peer. */
public final class Compression {
    /** RFC 3173, section 3.3: those below need no agreement, or are reserved. */
    private static final int LOWEST_CPI = 0x100;

    private static final int HIGHEST_CPI = 0xffff;

    private Compression() {}

    /**
     * Whether a child of {@code profile} may be compressed. Not through a NAT: the tunnel's header is inside then, with addresses that mean
     * nothing on the other side.
     */
    public static boolean isWanted(Turn turn, ChildProfile profile) {
        boolean wanted = profile.protect().sadEntry().compress();
        if (wanted && turn.session().nat().any()) {
            turn.emit(new Event.Remark(profile.name() + " goes uncompressed: there is a NAT between the peer and us"));
            return false;
        }
        return wanted;
    }

    /** The kernel compresses only into a tunnel of the packets' own family. */
    public static boolean suits(Turn turn, List<TrafficSelector> local, List<TrafficSelector> remote) {
        AddressFamily outer = AddressFamily.of(turn.session().path().local());
        return Stream.of(local, remote).flatMap(List::stream).allMatch(selector -> selector.range().family() == outer);
    }

    /** Our CPI for a child with these selectors, if it is to have one. */
    public static OptionalInt ours(Turn turn, ChildProfile profile, OptionalInt cpi, List<TrafficSelector> local, List<TrafficSelector> remote) {
        if (cpi.isEmpty() && isWanted(turn, profile)) {
            turn.emit(new Event.Remark(profile.name() + " goes uncompressed: the data plane has no IPComp with DEFLATE"));
        }
        return suits(turn, local, remote) ? cpi : OptionalInt.empty();
    }

    /** Whether a peer may name its IPComp SA so. */
    public static boolean isCpi(long number) {
        return number >= LOWEST_CPI && number <= HIGHEST_CPI;
    }

    /** What is agreed: the peer and our policy want it, and the data plane had a CPI for it. */
    public static Optional<Cpis> agreed(OptionalInt ours, OptionalInt theirs) {
        return ours.isPresent() && theirs.isPresent() ? Optional.of(new Cpis(ours.getAsInt(), theirs.getAsInt())) : Optional.empty();
    }
}
