package org.xfrmagent.policies.grammar;

/** Takes what is found while reading; nothing stops at the first problem. */
public interface Reporter {
    /** Something that makes the files unusable. */
    void problem(Position at, String message);

    /** Something that works and deserves a second look. */
    void warning(Position at, String message);
}
