package org.xfrmagent.policies.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.secrets.Resolution.Elsewhere;
import org.xfrmagent.policies.secrets.Resolution.Found;
import org.xfrmagent.policies.secrets.Resolution.Refused;

class SecretReaderTest {
    private static final String LONG = "thirty-two octets for this test.";

    @TempDir
    Path folder;

    private Resolution file(String content, int mode) throws IOException {
        Path path = folder.resolve("psk");
        Files.writeString(path, content);
        Files.setAttribute(path, "unix:mode", mode);
        return new SecretReader(Map.of()).resolve(new SecretRef.FromFile(path));
    }

    private static byte[] octets(Resolution resolution) {
        return resolution instanceof Found found ? found.octets() : fail(resolution);
    }

    private static byte[] fail(Resolution resolution) {
        throw new AssertionError(resolution.toString());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void one_newline_at_the_end_is_not_part_of_the_secret() throws IOException {
        assertThat(octets(file(LONG + "\n", 0600))).isEqualTo(ascii(LONG));
        assertThat(octets(file(LONG + "\r\n", 0400))).isEqualTo(ascii(LONG));
        assertThat(octets(file(LONG + "\n\n", 0600))).isEqualTo(ascii(LONG + "\n"));
        assertThat(octets(file(LONG + " ", 0600))).isEqualTo(ascii(LONG + " "));
    }

    @Test
    void hexadecimal_and_base64_are_decoded() throws IOException {
        assertThat(octets(file("0x00ff10\n", 0600))).containsExactly(0, 0xff, 0x10);
        assertThat(octets(file("0sAP8Q\n", 0600))).containsExactly(0, 0xff, 0x10);
        assertThat(octets(file("0", 0600))).isEqualTo(ascii("0"));
    }

    @Test
    void what_cannot_be_decoded_is_not_repeated() throws IOException {
        assertThat(file("0xsecret", 0600)).isEqualTo(
                new Refused("starts with 0x, and what follows is no row of pairs of hexadecimal digits"));
        assertThat(file("0s$ecret", 0600)).isEqualTo(new Refused("starts with 0s, and what follows is not Base64"));
        assertThat(file("0x", 0600)).isEqualTo(new Refused("has nothing after its prefix"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0644, 0640, 0604, 0660, 0601})
    void a_file_of_others_is_refused_with_its_mode(int mode) throws IOException {
        assertThat(file(LONG, mode)).isInstanceOfSatisfying(Refused.class, refused -> assertThat(refused.sentence())
                .startsWith("can be read or written by others: its mode is %04o, expected 0600 or 0400".formatted(mode)));
    }

    @Test
    void an_empty_a_missing_and_a_huge_file_and_a_folder_are_refused() throws IOException {
        SecretReader reader = new SecretReader(Map.of());
        assertThat(file("", 0600)).isEqualTo(new Refused("is empty"));
        assertThat(file("\n", 0600)).isEqualTo(new Refused("is empty"));
        assertThat(file("x".repeat(5000), 0600)).isEqualTo(new Refused("has more than 4096 octets, so it is no pre-shared key"));
        Path none = folder.resolve("none");
        assertThat(reader.resolve(new SecretRef.FromFile(none))).isEqualTo(new Refused("cannot be read: there is no file " + none));
        assertThat(reader.resolve(new SecretRef.FromFile(folder))).isEqualTo(new Refused("is no file"));
    }

    @Test
    void credentials_come_from_systemds_folder() throws IOException {
        Files.writeString(folder.resolve("db.psk"), LONG);
        SecretRef ref = new SecretRef.FromCredential("db.psk");
        assertThat(octets(new SecretReader(Map.of("CREDENTIALS_DIRECTORY", folder.toString())).resolve(ref))).isEqualTo(ascii(LONG));
        assertThat(new SecretReader(Map.of()).resolve(ref)).isInstanceOf(Elsewhere.class);
    }

    @Test
    void variables_come_from_the_environment() {
        SecretRef ref = new SecretRef.FromEnvironment("PSK");
        assertThat(octets(new SecretReader(Map.of("PSK", LONG)).resolve(ref))).isEqualTo(ascii(LONG));
        assertThat(new SecretReader(Map.of()).resolve(ref)).isEqualTo(new Elsewhere("cannot be read: $PSK is not set here"));
    }

    @Test
    void a_short_key_is_warned_about_and_never_printed() throws IOException {
        assertThat(file("nineteen octets now", 0600)).isInstanceOfSatisfying(Found.class, found -> {
            assertThat(found.warning()).hasValueSatisfying(sentence -> assertThat(sentence).startsWith("has 19 octets; "));
            assertThat(found.toString()).isEqualTo("Found");
        });
        assertThat(file("twenty octets, yes..", 0600)).isInstanceOfSatisfying(Found.class, found -> assertThat(found.warning()).isEmpty());
    }
}
