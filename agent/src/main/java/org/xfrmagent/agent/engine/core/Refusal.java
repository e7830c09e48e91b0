package org.xfrmagent.agent.engine.core;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.ProtocolId;

/**
 * A request that we understand and answer with an error notify. Thrown by a handler, caught by the dispatcher, which sends it in the
 * protection the request had.
 */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Notify notify;
    private final transient NotifyPayload payload;

    public Refusal(Notify notify, String detail) {
        this(notify, Bytes.empty(), detail);
    }

    public Refusal(Notify notify, Bytes data, String detail) {
        this(notify, NotifyPayload.of(notify, data), detail);
    }

    private Refusal(Notify notify, NotifyPayload payload, String detail) {
        super(detail, null, false, false);
        this.notify = notify;
        this.payload = payload;
    }

    /** A refusal that names the SA it is about. */
    public static Refusal about(ProtocolId protocol, Bytes spi, Notify notify, String detail) {
        return new Refusal(notify, NotifyPayload.about(protocol, spi, notify), detail);
    }

    public Notify notifyType() {
        return notify;
    }

    /** What goes on the wire. */
    public NotifyPayload payload() {
        return payload;
    }

    /** Why, as a sentence. */
    public String detail() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
