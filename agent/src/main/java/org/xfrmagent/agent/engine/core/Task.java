package org.xfrmagent.agent.engine.core;

/** A request of ours that waits for its turn: only one may be outstanding. */
public sealed interface Task {
    record CreateChild(Input.Wish wish) implements Task {}

    record DeleteChild(int serial, String reason) implements Task {}

    record DeleteIke(String reason) implements Task {}

    record Liveness() implements Task {}
}
