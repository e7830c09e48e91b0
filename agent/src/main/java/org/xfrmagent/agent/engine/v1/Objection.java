package org.xfrmagent.agent.engine.v1;

import org.xfrmagent.agent.wire.v1.NotifyType;

/** A message that we understand and do not accept. Whether the peer is told depends on whether it is authenticated. */
public final class Objection extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final NotifyType notify;

    Objection(NotifyType notify, String detail) {
        super(detail, null, false, false);
        this.notify = notify;
    }

    public NotifyType notifyType() {
        return notify;
    }

    /** Why, as a sentence about the peer without its subject. */
    public String detail() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
