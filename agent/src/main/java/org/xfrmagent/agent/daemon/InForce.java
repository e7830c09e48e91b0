package org.xfrmagent.agent.daemon;

import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.PolicySet;

/** The configuration that the agent lives by, replaced as a whole: whoever asks sees one or the other, never half of each. */
final class InForce implements AutoCloseable {
    /** A configuration, the settings that sessions get of it, and where its policies stand. */
    record Configured(Configuration configuration, Settings settings, Places places) {}

    private final SettingsBuilder builder;
    private volatile Configured now;

    InForce(Configuration first, SettingsBuilder builder) {
        this.builder = builder;
        this.now = configured(first, Places.NONE);
    }

    /** The settings that go with {@code configuration}; policies that are known already keep their reqids, and, if they can, their places. */
    Configured configured(Configuration configuration) {
        return configured(configuration, now.places);
    }

    private Configured configured(Configuration configuration, Places before) {
        Places places = new Places(configuration.policies().policies(), before);
        return new Configured(configuration, builder.build(configuration.policies(), places, configuration.keys(), configuration.loaded()), places);
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
