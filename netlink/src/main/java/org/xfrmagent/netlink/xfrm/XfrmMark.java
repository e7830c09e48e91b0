package org.xfrmagent.netlink.xfrm;

/** A packet mark: matches (or sets) the bits of {@code mask} to those of {@code value}. */
public record XfrmMark(int value, int mask) {
    @Override
    public String toString() {
        return String.format("0x%x/0x%x", value, mask);
    }
}
