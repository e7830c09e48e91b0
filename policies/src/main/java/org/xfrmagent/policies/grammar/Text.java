package org.xfrmagent.policies.grammar;

import java.util.List;

/** Text for sentences. */
public final class Text {
    private static final int LONGEST = 80;

    private Text() {}

    /** {@code text} cut to a length that fits a sentence, with control characters replaced. */
    public static String shortened(String text) {
        return shortened(text, LONGEST);
    }

    /** As {@link #shortened(String)}, to at most {@code limit} characters. */
    public static String shortened(String text, int limit) {
        String plain = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]", "?");
        return plain.length() <= limit ? plain : plain.substring(0, limit) + "…";
    }

    /** {@code a, b or c} */
    public static String or(List<String> words) {
        return words.size() < 2
                ? String.join("", words)
                : String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
    }
}
