package org.xfrmagent.policies.convert;

import java.util.List;
import java.util.Map;

/**
 * A set-up in our own words.
 *
 * @param yaml a policy file, with a comment wherever something has no equal
 * @param secrets what the files that it refers to must hold, by their names, relative to the policy file. Nobody prints this.
 * @param remarks what has no equal, or only nearly one, a sentence each
 * @param losses those of the remarks that tell of something that would not be done
 */
public record Converted(String yaml, Map<String, String> secrets, List<String> remarks, List<String> losses) {
    @Override
    public String toString() {
        return yaml;
    }
}
