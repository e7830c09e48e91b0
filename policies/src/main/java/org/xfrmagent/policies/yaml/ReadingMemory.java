package org.xfrmagent.policies.yaml;

import java.util.Map;
import java.util.Optional;

/** What texts came to that were read and accepted, so that of many that are read again only those are read in which something has changed. */
public final class ReadingMemory {
    public static final ReadingMemory NOTHING = new ReadingMemory(Map.of(), SpdMemory.NOTHING);

    private final Map<Source, Draft> pieces;
    private final SpdMemory spd;

    /** @param pieces which nobody changes any more */
    ReadingMemory(Map<Source, Draft> pieces, SpdMemory spd) {
        this.pieces = pieces;
        this.spd = spd;
    }

    Optional<Draft> piece(Source source) {
        return Optional.ofNullable(pieces.get(source));
    }

    SpdMemory spd() {
        return spd;
    }
}
