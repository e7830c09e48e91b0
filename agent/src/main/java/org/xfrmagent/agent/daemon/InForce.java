package org.xfrmagent.agent.daemon;

import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.PolicySet;

/** The configuration that the agent lives by, replaced as a whole: whoever asks sees one or the other, never half of each. */
final class InForce implements AutoCloseable {
    /** A configuration, and the settings that sessions get of it. */
    record Configured(Configuration configuration, Settings settings) {}

    private final SettingsBuilder builder;
    private volatile Configured now;

    InForce(Configuration first, SettingsBuilder builder) {
        this.builder = builder;
        this.now = configured(first);
    }

    /** The settings that go with {@code configuration}; policies that are known already keep their reqids. */
    Configured configured(Configuration configuration) {
        return new Configured(configuration, builder.build(configuration.policies(), configuration.keys(), configuration.loaded()));
    }

    void replace(Configured next) {
        now = next;
    }

    Configured now() {
        return now;
    }

    PolicySet policies() {
        return now.configuration.policies();
    }

    Settings settings() {
        return now.settings;
    }

    /** Wipes the keys. */
    @Override
    public void close() {
        now.configuration.close();
    }
}
