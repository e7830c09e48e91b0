package org.xfrmagent.policies.yaml;

import org.xfrmagent.policies.grammar.Grammar;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;

/** What the whole agent keeps to, from its keys. */
final class LimitsReader {
    private LimitsReader() {}

    static HalfOpenLimits read(Section section) {
        HalfOpenLimits standard = Defaults.HALF_OPEN;
        int total = section.get(Grammar.HALF_OPEN).orElse(standard.total());
        int perAddress = Math.min(total, section.get(Grammar.HALF_OPEN_PER_ADDRESS).orElse(standard.perAddress()));
        return new HalfOpenLimits(
                atMost(section, Grammar.COOKIES_FROM, standard.cookiesFrom(), Grammar.HALF_OPEN, total),
                atMost(section, Grammar.COOKIES_FROM_PER_ADDRESS, standard.cookiesFromPerAddress(), Grammar.HALF_OPEN_PER_ADDRESS, perAddress),
                perAddress,
                total);
    }

    /** Cookies that are asked for only when nobody is answered any more would keep nothing free. */
    private static int atMost(Section section, Key<Integer> key, int standard, Key<Integer> limit, int most) {
        int value = section.get(key).orElse(Math.min(standard, most));
        if (value > most) {
            section.where(key).problem(section.at(key), "is " + value + ", expected at most " + most + ", which is '" + limit.name() + "'");
        }
        return value;
    }
}
