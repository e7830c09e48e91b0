package org.xfrmagent.agent.dataplane;

/** The plane cannot do what was asked; the message is a sentence for the user. */
public final class DataPlaneException extends Exception {
    private static final long serialVersionUID = 1L;

    public DataPlaneException(String message) {
        super(message);
    }

    public DataPlaneException(String message, Throwable cause) {
        super(message, cause);
    }
}
