package org.xfrmagent.agent.cli;

/** A command could not do what it was asked: the message is a sentence for the user, and the exit code is 1. */
final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailed(String sentence) {
        super(sentence, null, false, false);
    }

    String sentence() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
