package org.xfrmagent.policies.yaml;

import java.util.Optional;

import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.LifetimeGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Jitter;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Limit;

/** Lifetimes from their keys. */
final class LifetimeReader {
    private LifetimeReader() {}

    /** @param standard what holds for keys that are not there */
    static Lifetimes read(Section section, Lifetimes standard) {
        return new Lifetimes(
                limit(section, LifetimeGrammar.SOFT, LifetimeGrammar.HARD, LifetimeGrammar.JITTER_TIME, standard.seconds()),
                limit(section, LifetimeGrammar.SOFT_BYTES, LifetimeGrammar.HARD_BYTES, LifetimeGrammar.JITTER_BYTES, standard.bytes()),
                limit(section, LifetimeGrammar.SOFT_PACKETS, LifetimeGrammar.HARD_PACKETS, LifetimeGrammar.JITTER_PACKETS, standard.packets()),
                section.get(LifetimeGrammar.IDLE).orElse(standard.idleSeconds()));
    }

    private static Limit limit(Section section, Key<Long> softKey, Key<Long> hardKey, Key<Long> jitterKey, Limit standard) {
        Jitter jitter = section.get(jitterKey).<Jitter>map(Jitter.Amount::new)
                .or(() -> section.get(LifetimeGrammar.JITTER).map(Jitter.Percent::new))
                .orElse(standard.jitter());
        Optional<Long> givenSoft = section.get(softKey);
        Optional<Long> givenHard = section.get(hardKey);
        if (givenSoft.isEmpty() && givenHard.isEmpty()) {
            return new Limit(standard.soft(), standard.hard(), jitter);
        }
        long soft = givenSoft.orElse(standard.soft());
        long hard = givenHard.orElseGet(() -> Defaults.hardLimit(soft));
        if (hard > 0 && soft >= hard) {
            section.where(hardKey).problem(section.at(hardKey), "is " + hard + ", expected more than " + softKey.name() + ", which is "
                    + soft + (givenSoft.isPresent() ? "" : " by default"));
            return standard;
        }
        return new Limit(soft, hard, jitter);
    }
}
