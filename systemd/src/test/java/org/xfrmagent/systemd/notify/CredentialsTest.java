package org.xfrmagent.systemd.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialsTest {
    @Test
    void aCredentialIsReadAsItIs(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("moon-sun.psk"), new byte[] {0, 1, 'x', '\n'});

        assertThat(in(folder).read("moon-sun.psk")).containsExactly(0, 1, 'x', '\n');
    }

    @Test
    void aMissingCredentialSaysWhatTheUnitLacks(@TempDir Path folder) {
        assertThatThrownBy(() -> in(folder).read("moon-sun.psk"))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no credential 'moon-sun.psk' in " + folder + "; LoadCredential=moon-sun.psk:FILE in the agent's unit gives it one");
    }

    @Test
    void outsideAServiceThereAreNone() {
        assertThatThrownBy(() -> Credentials.of(Map.of()).read("psk"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the agent was not started with any");
    }

    @Test
    void aNameCannotLeaveTheFolder(@TempDir Path folder) throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.writeString(folder.resolve("psk"), "not a credential");

        for (String name : new String[] {"../psk", "..", ".", "", "/etc/passwd", "a\0b"}) {
            assertThatThrownBy(() -> in(inner).read(name)).isInstanceOf(IOException.class).hasMessageContaining("is no name of a credential");
        }
    }

    private static Credentials in(Path folder) {
        return Credentials.of(Map.of("CREDENTIALS_DIRECTORY", folder.toString()));
    }
}
