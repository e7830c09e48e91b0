package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.PskStore;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.plan.Change;
import org.xfrmagent.policies.plan.Plan;
import org.xfrmagent.policies.secrets.Resolution;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;
import org.xfrmagent.policies.yaml.Problem;
import org.xfrmagent.policies.yaml.Source;

/** The policy files as read, and what clients have loaded, with the secrets they refer to. */
record Configuration(PolicySet policies, PskStore keys) implements AutoCloseable {
    /**
     * The policies of the files come first, then those of what is loaded.
     *
     * @throws StartupFailure with every problem of every file, as {@code file:line:column: message}
     */
    static Configuration load(List<Path> files, Loaded loaded, Map<String, String> environment, EventLog log) throws StartupFailure {
        SecretReader secrets = new SecretReader(environment, loaded::key);
        PolicyReader.Result result = new PolicyReader(secrets).read(files, sources(loaded, log));
        result.warnings().forEach(warning -> log.warning("policies", warning.toString()));
        return switch (result) {
            case PolicyReader.Refused refused ->
                throw new StartupFailure(refused.problems().stream().map(Problem::toString).toList());
            case PolicyReader.Accepted accepted -> {
                if (accepted.policies().policies().size() > Priorities.MOST_POLICIES) {
                    throw new StartupFailure("there are " + accepted.policies().policies().size() + " policies, the most is "
                            + Priorities.MOST_POLICIES);
                }
                yield new Configuration(accepted.policies(), keys(accepted.policies(), secrets));
            }
        };
    }

    private static List<Source> sources(Loaded loaded, EventLog log) throws StartupFailure {
        if (loaded.isEmpty()) {
            return List.of();
        }
        LoadedConversion.Outcome outcome = loaded.convert();
        if (!outcome.refusals().isEmpty()) {
            throw new StartupFailure(outcome.refusals());
        }
        outcome.notes().forEach(note -> log.notice("loaded", note));
        return List.of(Source.loaded(outcome.yaml()));
    }

    private static PskStore keys(PolicySet policies, SecretReader secrets) throws StartupFailure {
        try {
            return PskStore.load(policies, ref -> read(ref, secrets));
        } catch (PskStore.Unreadable unreadable) {
            throw new StartupFailure(new ArrayList<>(unreadable.problems()));
        }
    }

    private static Secret read(SecretRef ref, SecretReader secrets) throws IOException {
        return switch (secrets.resolve(ref)) {
            case Resolution.Found found -> Secret.take(found.octets());
            case Resolution.Refused(String sentence) -> throw new IOException("the secret " + ref + " " + sentence);
            case Resolution.Elsewhere(String sentence) -> throw new IOException("the secret " + ref + " " + sentence);
        };
    }

    /** What differs in {@code next}, a line each; nothing where the two say the same, keys included. */
    List<String> changesTo(Configuration next) {
        List<String> changes = new ArrayList<>(Plan.between(policies, next.policies).stream().map(Change::summary).toList());
        if (!next.keys.holdsTheKeysOf(keys) && policies.secrets().equals(next.policies.secrets())) {
            changes.add("~ keys");
        }
        return List.copyOf(changes);
    }

    @Override
    public void close() {
        keys.close();
    }
}
