package org.xfrmagent.agent.engine.core;

/**
 * Who has an address of a pool. A user is the same wherever it calls from; a peer without one is the identity that it has shown. A user
 * and an identity of the same name are two.
 */
public sealed interface Lessee {
    /** What others know it by. */
    String name();

    /** For the log. */
    default String text() {
        return switch (this) {
            case User(String user) -> "user " + user;
            case Identity(String identity) -> "peer " + identity;
        };
    }

    record User(String name) implements Lessee {}

    record Identity(String name) implements Lessee {}
}
