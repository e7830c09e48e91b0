package org.xfrmagent.agent.cli;

import java.io.Console;
import java.util.Optional;

/** Colours of a terminal, or none (ECMA-48, SGR). */
enum Paint {
    COLOURED,
    PLAIN;

    private static final String RESET = "\u001b[0m";

    /** What a text says at a glance. */
    enum Mood {
        GOOD("\u001b[32m"),
        WAITING("\u001b[33m"),
        BAD("\u001b[31m"),
        HEAD("\u001b[1m"),
        NEUTRAL("");

        private final String start;

        Mood(String start) {
            this.start = start;
        }
    }

    /** Colours only for somebody who looks at a terminal and has not said no by NO_COLOR (no-color.org). */
    static Paint ofThisTerminal() {
        boolean terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
        return of(terminal, System.getenv().getOrDefault("NO_COLOR", ""), System.getenv().getOrDefault("TERM", ""));
    }

    static Paint of(boolean terminal, String noColor, String term) {
        return terminal && noColor.isEmpty() && !term.equals("dumb") ? COLOURED : PLAIN;
    }

    String text(Mood mood, String text) {
        return this == PLAIN || mood == Mood.NEUTRAL || text.isEmpty() ? text : mood.start + text + RESET;
    }
}
