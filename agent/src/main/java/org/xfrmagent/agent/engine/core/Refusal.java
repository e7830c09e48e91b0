package org.xfrmagent.agent.engine.core;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Notify;

/**
 * A request that we understand and answer with an error notify. Thrown by a handler, caught by the dispatcher, which sends it in the
 * protection the request had.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Notify notify;
    private final transient Bytes data;

    public Refusal(Notify notify, String detail) {
        this(notify, Bytes.empty(), detail);
    }

    public Refusal(Notify notify, Bytes data, String detail) {
        super(detail, null, false, false);
        this.notify = notify;
        this.data = data;
    }

    public Notify notifyType() {
        return notify;
    }

    public Bytes data() {
        return data;
    }

    /** Why, as a sentence. */
    public String detail() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
