package org.xfrmagent.agent.control;

import java.util.IdentityHashMap;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Octets of what a listing shows that stays as it is, for the next listing: of a child nearly all but its counters and times. Each
 * listing of everything leaves what it showed, and with it what it did not show is forgotten.
 */
final class ListingMemory {
    /** What was written in whose words, by the very objects that it tells of. */
    private record Page(Optional<Wording> wording, IdentityHashMap<Object, Frame> frames) {}

    /** What stands before and after that which changes. */
    record Frame(Bytes before, Bytes after) {}

    private volatile Page last = new Page(Optional.empty(), new IdentityHashMap<>());

    /** One listing's look; its thread's own. */
    final class Look {
        private final Wording wording;
        private final IdentityHashMap<Object, Frame> known;
        private final IdentityHashMap<Object, Frame> shown;

        private Look(Wording wording, IdentityHashMap<Object, Frame> known, int about) {
            this.wording = wording;
            this.known = known;
            this.shown = new IdentityHashMap<>(about);
        }

        Optional<Frame> find(Object of) {
            Frame frame = known.get(of);
            if (frame == null) {
                return Optional.empty();
            }
            shown.put(of, frame);
            return Optional.of(frame);
        }

        void learn(Object of, Frame frame) {
            shown.put(of, frame);
        }

        /** To be called when everything was listed. */
        void keep() {
            last = new Page(Optional.of(wording), shown);
        }
    }

    /** @param about how many things will be listed */
    @SuppressWarnings("ReferenceEquality") // other words are another object
    Look open(Wording wording, int about) {
        Page page = last;
        return new Look(wording, page.wording.filter(words -> words == wording).isPresent() ? page.frames : new IdentityHashMap<>(), about);
    }
}
