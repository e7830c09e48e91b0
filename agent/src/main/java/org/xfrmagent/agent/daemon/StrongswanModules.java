package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.xfrmagent.policies.convert.IncludedFiles;
import org.xfrmagent.policies.convert.SettingsParser;
import org.xfrmagent.policies.convert.StrongswanConf;
import org.xfrmagent.policies.convert.UnreadableSettings;

/**
 * The libraries of tokens by the names that swanctl.conf has for them. They stand where charon reads them: in {@code $STRONGSWAN_CONF}, or in
 * /etc/strongswan.conf.
 */
record StrongswanModules(Map<String, String> environment) {
    /** @throws IOException with a sentence if the file is there and cannot be read; none if it is not there */
    Map<String, Path> read() throws IOException {
        Path file = Path.of(environment.getOrDefault("STRONGSWAN_CONF", "/etc/strongswan.conf"));
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            return StrongswanConf.modules(SettingsParser.parse(IncludedFiles.read(file), new IncludedFiles()));
        } catch (UnreadableSettings wrong) {
            throw new IOException(wrong.at() + ": " + wrong.getMessage(), wrong);
        } catch (UncheckedIOException unreadable) {
            throw new IOException(file + " cannot be read", unreadable);
        }
    }
}
