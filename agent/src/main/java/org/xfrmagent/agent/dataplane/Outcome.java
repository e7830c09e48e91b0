package org.xfrmagent.agent.dataplane;

/** What became of a list of operations. */
public sealed interface Outcome {
    record Applied() implements Outcome {}

    /** Nothing of the list is in force. {@code reason} is a sentence. */
    record Refused(Operation operation, String reason) implements Outcome {}
}
