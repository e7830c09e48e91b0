package org.xfrmagent.agent.dataplane.user;

/**
 * The anti-replay window of an inbound SA (RFC 4303, section 3.4.3 and appendix A2; RFC 4302 says the same for AH).
 *
 * <p>A packet is looked at twice: {@link #admits} before its ICV is verified, which changes nothing, and {@link #accept} after, so
 * that only authentic packets move the window. The bitmap is a ring of 64-bit words (RFC 6479): moving it forwards clears whole words
 * and shifts nothing.
 *
 * <pre>
 *   too old │ window: top-size+1 … top │ new
 *   ────────┼──────────────────────────┼──────→ sequence numbers
 * </pre>
 */
public final class ReplayWindow {
    /** The largest window; the kernel has the same limit. */
    public static final int LARGEST = 4096;

    private static final long LOW = 0xffff_ffffL;

    private final int size;
    private final boolean esn;
    /** One word more than the window needs, so that clearing the newest word never touches what the window still covers. */
    private final long[] ring;

    private long top;

    /**
     * @param size in packets; 0 switches the check off
     * @param esn 64-bit sequence numbers, whose high half is not on the wire; they need a window
     */
    public ReplayWindow(int size, boolean esn) {
        if (size < 0 || size > LARGEST) {
            throw new IllegalArgumentException("a replay window has 0 to " + LARGEST + " packets, not " + size);
        }
        if (esn && size == 0) {
            throw new IllegalArgumentException("extended sequence numbers need a replay window: it tells their high half");
        }
        this.size = size;
        this.esn = esn;
        this.ring = new long[(size + 63) / 64 + 1];
    }

    /**
     * The whole sequence number of a packet that carries the low 32 bits of it. With ESN the high half is the one that puts the
     * number nearest to the window (RFC 4303, A2.2); {@code -1} if that would lie before the first packet.
     */
    public synchronized long sequence(int onTheWire) {
        long low = onTheWire & LOW;
        if (!esn) {
            return low;
        }
        long topLow = top & LOW;
        long topHigh = top >>> 32;
        long bottomLow = topLow - size + 1;
        if (bottomLow >= 0) {
            // The window lies within one subspace: what is below it must be of the next.
            return (low >= bottomLow ? topHigh : topHigh + 1) << 32 | low;
        }
        // The window spans two subspaces: what is above its wrapped bottom is of the previous.
        if (low < (bottomLow & LOW)) {
            return topHigh << 32 | low;
        }
        return topHigh == 0 ? -1 : topHigh - 1 << 32 | low;
    }

    /** Whether a packet with this number may still be accepted: neither seen nor too old. Numbers begin at 1. */
    public synchronized boolean admits(long sequence) {
        if (size == 0) {
            return true;
        }
        if (sequence <= 0) {
            return false;
        }
        if (sequence > top) {
            return true;
        }
        return top - sequence < size && (ring[word(sequence)] & bit(sequence)) == 0;
    }

    /**
     * Remembers the number of an authentic packet and moves the window up to it.
     *
     * @return false if another packet with this number was accepted meanwhile, or if it has become too old: it is a replay
     */
    public synchronized boolean accept(long sequence) {
        if (!admits(sequence)) {
            return false;
        }
        if (size == 0) {
            top = Math.max(top, sequence);
            return true;
        }
        if (sequence > top) {
            long words = Math.min((sequence >>> 6) - (top >>> 6), ring.length);
            for (long i = 1; i <= words; i++) {
                ring[word(((sequence >>> 6) - words + i) << 6)] = 0;
            }
            top = sequence;
        }
        ring[word(sequence)] |= bit(sequence);
        return true;
    }

    /** The highest number accepted so far. */
    public synchronized long top() {
        return top;
    }

    private int word(long sequence) {
        return (int) ((sequence >>> 6) % ring.length);
    }

    private static long bit(long sequence) {
        return 1L << (sequence & 63);
    }
}
