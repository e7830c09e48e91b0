package org.xfrmagent.netlink.netlink;

/** One attribute: its type without flags, and its content without padding. */
public final class Attribute {
    private final int type;
    private final byte[] data;

    Attribute(int type, byte[] data) {
        this.type = type;
        this.data = data;
    }

    public int type() {
        return type;
    }

    public int length() {
        return data.length;
    }

    /** A new reader of the content. */
    public StructReader content() {
        return new StructReader(data);
    }

    public byte[] bytes() {
        return data.clone();
    }

    public String text() throws MalformedMessage {
        return content().text(data.length);
    }

    @Override
    public String toString() {
        return "attribute " + type + " of " + data.length + " octets";
    }
}
