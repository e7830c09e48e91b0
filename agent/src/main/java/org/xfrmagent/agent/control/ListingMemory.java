package org.xfrmagent.agent.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Octets of what a listing shows that stays as it is, for the next listing: of a child nearly all but its counters and times. Each
 * listing of everything leaves what it showed, and with it what it did not show is forgotten.
 *
 * <p>Listings show nearly the same in the same order, so each is read along with the one before it, as two columns of memory. What has
 * come is found nowhere near, and what has gone is passed over.
 */
final class ListingMemory {
    /** So many of the listing before may have gone where another follows; after more of them all the rest is made anew. */
    static final int NEAR = 64;

    /** What was written in whose words, by the very objects that it tells of. */
    private record Page(Optional<Wording> wording, List<Object> things, List<Frame> frames) {
        private static final Page NONE = new Page(Optional.empty(), List.of(), List.of());
    }

    /** What stands before that which changes, until {@code split}, and what stands after it. */
    record Frame(Bytes octets, int split) {
        Bytes before() {
            return octets.slice(0, split);
        }

        Bytes after() {
            return octets.from(split);
        }
    }

    private volatile Page last = Page.NONE;

    /** One listing's look; its thread's own. */
    final class Look {
        private final Wording wording;
        private final Page known;
        private int at;
        private final List<Object> things;
        private final List<Frame> frames;

        private Look(Wording wording, Page known, int about) {
            this.wording = wording;
            this.known = known;
            this.things = new ArrayList<>(about);
            this.frames = new ArrayList<>(about);
        }

        @SuppressWarnings("ReferenceEquality") // an equal one may be called otherwise
        Optional<Frame> find(Object of) {
            int end = Math.min(at + NEAR, known.things.size());
            for (int near = at; near < end; near++) {
                if (known.things.get(near) == of) {
                    Frame frame = known.frames.get(near);
                    at = near + 1;
                    learn(of, frame);
                    return Optional.of(frame);
                }
            }
            return Optional.empty();
        }

        void learn(Object of, Frame frame) {
            things.add(of);
            frames.add(frame);
        }

        /** To be called when everything was listed. */
        void keep() {
            last = new Page(Optional.of(wording), things, frames);
        }
    }

    /** @param about how many things will be listed */
    @SuppressWarnings("ReferenceEquality") // other words are another object
    Look open(Wording wording, int about) {
        Page page = last;
        return new Look(wording, page.wording.filter(words -> words == wording).isPresent() ? page : Page.NONE, about);
    }
}
