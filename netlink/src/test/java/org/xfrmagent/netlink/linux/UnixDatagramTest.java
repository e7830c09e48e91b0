package org.xfrmagent.netlink.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixDatagramTest {
    @Test
    void nobodyListeningIsAnErrorThatNamesTheSocket(@TempDir Path folder) {
        String path = folder.resolve("notify").toString();
        assertThatThrownBy(() -> UnixDatagram.send(path, "READY=1".getBytes(UTF_8)))
                .isInstanceOf(LinuxException.class)
                .hasMessage("sendto " + path + ": No such file or directory (ENOENT)");
        assertThatThrownBy(() -> UnixDatagram.send("@xfrm-agent-nobody", "READY=1".getBytes(UTF_8)))
                .hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void anAddressTooLongForSockaddrUnIsRefused() {
        assertThatThrownBy(() -> UnixDatagram.send("/" + "x".repeat(107), new byte[1])).hasMessageContaining("108 octets, not 1 to 107");
    }

    @Test
    void errnoHasTheNamesOfTheHeader() throws IOException {
        assertThat(Errno.of(2)).isEqualTo(Errno.ENOENT).hasToString("No such file or directory (ENOENT)");
        assertThat(Errno.of(105)).isEqualTo(Errno.ENOBUFS);
        assertThat(Errno.of(4711).name()).isEqualTo("E4711");
    }
}
