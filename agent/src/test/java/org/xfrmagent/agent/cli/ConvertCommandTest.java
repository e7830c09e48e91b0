package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
    @TempDir
    Path folder = Path.of("");

    private Path swanctl() throws IOException {
        Files.createDirectory(folder.resolve("conf.d"));
        Files.writeString(folder.resolve("conf.d/sun.conf"), """
                connections { sun { version = 2
                  remote_addrs = 192.0.2.2
                  local { auth = psk
                          id = moon }
                  remote { auth = psk }
                  children { net { local_ts = 10.1.0.0/16
                                   remote_ts = 10.2.0.0/16
                                   mark_in = %unique
                                   start_action = trap } } } }
                secrets { ike-sun { secret = "hush hush, twenty octets" } }
                """);
        return Files.writeString(folder.resolve("swanctl.conf"), "include conf.d/*.conf\n");
    }

    @Test
    void aConvertedFolderIsOneThatCheckIsContentWith() throws IOException {
        Path output = folder.resolve("xfrm-agent");
        Shell converted = Shell.run("convert", swanctl().toString(), "-o", output.toString());
        assertThat(converted.exit()).as(converted.toString()).isZero();
        assertThat(converted.err()).startsWith("note: connections.sun.children.net.mark_in: nobody knows a unique mark").hasLineCount(1);
        assertThat(Files.getPosixFilePermissions(output.resolve("ike-sun.psk"))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Shell.run("check", output.toString())).isEqualTo(new Shell(0, "1 peer and 1 policy: all is well\n", ""));
        assertThat(converted.out() + Files.readString(output.resolve("policies.yaml"))).doesNotContain("hush");
    }

    @Test
    void whatIsThereIsNotWrittenOver() throws IOException {
        Path mine = Files.writeString(folder.resolve("policies.yaml"), "mine");
        Shell converted = Shell.run("convert", swanctl().toString(), "-o", folder.toString());
        assertThat(converted.exit()).isEqualTo(1);
        assertThat(converted.err()).contains(mine + " is there already");
        assertThat(Files.readString(mine)).isEqualTo("mine");
        assertThat(folder.resolve("ike-sun.psk")).doesNotExist();
    }

    @Test
    void aFileThatIsNoneOfStrongSwansIsRefusedWithThePlace() throws IOException {
        Path file = Files.writeString(folder.resolve("swanctl.conf"), "connections {\n  sun\n}\n");
        assertThat(Shell.run("convert", file.toString())).isEqualTo(
                new Shell(1, "", file + ":2:3: after 'sun' either '= value' or '{' must follow\n"));
    }

    /** As glob(7): in folders as well, and not what is hidden. */
    @Test
    void includesReachAsFarAsCharons() throws IOException {
        for (String name : List.of("b/sun", "a/mars", "a/.venus")) {
            Path file = folder.resolve("sites/" + name + ".conf");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "connections { " + name.replaceAll("[^a-z]", "-") + " { version = 2\n remote_addrs = 192.0.2." + name.length()
                    + "\n local { auth = psk }\n remote { auth = psk }\n children { net { } } } }\n");
        }
        Path conf = Files.writeString(folder.resolve("swanctl.conf"), "include sites/*/*.conf\ninclude " + folder + "/nothing/here.conf\n");
        assertThat(Shell.run("convert", conf.toString(), "-o", folder.resolve("out").toString()).exit()).isZero();
        assertThat(Files.readString(folder.resolve("out/policies.yaml"))).containsSubsequence("  a-mars:", "  b-sun:").doesNotContain("venus");
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        assertThat(Shell.run("convert", folder + "/none.conf")).isEqualTo(new Shell(1, "", "cannot be read: there is no file " + folder + "/none.conf\n"));
        Path latin = Files.write(folder.resolve("latin.conf"), new byte[] {'#', (byte) 0xe4, '\n'});
        assertThat(Shell.run("convert", latin.toString())).isEqualTo(new Shell(1, "", latin + ":1:1: this file is not UTF-8\n"));
    }

    /** Half a conversion would be taken for a whole one, and be in the way of the next. */
    @Test
    void whatCannotBeWrittenToTheEndIsNotLeftBehind() throws IOException {
        Path output = Files.createDirectory(folder.resolve("out"));
        // Its name is there already, and leads nowhere that could be written.
        Files.createSymbolicLink(output.resolve("policies.yaml"), Path.of("/nonexistent/policies.yaml"));
        Shell converted = Shell.run("convert", swanctl().toString(), "-o", output.toString());
        assertThat(converted.exit()).isEqualTo(1);
        assertThat(output.resolve("ike-sun.psk")).doesNotExist();
    }
}
