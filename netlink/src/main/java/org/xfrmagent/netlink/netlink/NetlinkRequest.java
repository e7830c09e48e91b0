package org.xfrmagent.netlink.netlink;

/**
 * A message to the kernel, still without sequence number.
 *
 * @param type the family's message type
 * @param flags {@link #CREATE}, {@link #REPLACE}, {@link #EXCLUSIVE}, {@link #DUMP}, {@link #APPEND}; the socket adds REQUEST and ACK
 * @param body the struct and the attributes; wiped once sent, so a request is good for one use (a dump may be asked again)
 * @param subject what it is about, in words: its toString begins the sentence of an error, and is called only then
 */
public record NetlinkRequest(int type, int flags, StructWriter body, Object subject) {
    public static final int REPLACE = 0x100;
    public static final int EXCLUSIVE = 0x200;
    public static final int CREATE = 0x400;
    public static final int APPEND = 0x800;
    /** NLM_F_ROOT and NLM_F_MATCH. */
    public static final int DUMP = 0x300;

    static final int NLM_F_REQUEST = 0x1;
    static final int NLM_F_ACK = 0x4;
}
