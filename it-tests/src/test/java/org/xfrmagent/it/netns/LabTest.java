package org.xfrmagent.it.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("netns")
@Tag("lab")
class LabTest {
    private static final int SIGKILL = 128 + 9;
    private static final int SIGTERM = 128 + 15;

    @Test
    void aLinkCarriesBothFamiliesUntilItIsDisturbed() {
        withTwoHosts((a, b) -> {
            assertThat(ping(a, "192.0.2.2").ok()).isTrue();
            assertThat(ping(b, "2001:db8::1").ok()).isTrue();
            Link link = new Link(a, b);
            assumeTrue(a.run("tc", "qdisc", "add", "dev", "b", "root", "netem", "delay", "1ms").ok(), "this kernel has no netem");
            link.disturb(Duration.ofMillis(1), 100);
            assertThat(ping(a, "192.0.2.2").ok()).isFalse();
            link.calm();
            assertThat(ping(a, "192.0.2.2").ok()).isTrue();
        });
    }

    @Test
    void aLinkThatIsDownCarriesNothing() {
        withTwoHosts((a, b) -> {
            Link link = new Link(a, b).down();
            assertThat(ping(a, "192.0.2.2").ok()).isFalse();
            link.up();
            Await.until("the link carries again", Await.SOON, () -> ping(a, "192.0.2.2").ok(), () -> a.shell("ip addr"));
        });
    }

    @Test
    void whatAHostWritesUnderEtcVarAndRunIsItsOwn() {
        withTwoHosts((a, b) -> {
            a.shell("echo mine | tee /etc/xit-test /var/xit-test >/run/xit-test");
            for (String file : List.of("/etc/xit-test", "/var/xit-test", "/run/xit-test")) {
                assertThat(a.read(file)).isEqualTo("mine\n");
                assertThat(b.read(file)).isEmpty();
                assertThat(Path.of(file)).doesNotExist();
            }
            b.write("/run/secret", "for root only");
            assertThat(b.shell("stat -c %a /run/secret")).isEqualTo("600\n");
        });
    }

    @Test
    void programsEndAsTheyAreEnded() {
        withTwoHosts((a, b) -> {
            Running program = a.start("sleep", "600");
            Running another = a.start("sleep", "600");
            assertThat(program.isAlive()).isTrue();
            program.terminate();
            another.kill();
            assertThat(program.awaitExit(Await.SOON)).isEqualTo(SIGTERM);
            assertThat(another.awaitExit(Await.SOON)).isEqualTo(SIGKILL);
            assertThat(a.run("bash", "-c", "echo out; echo err >&2; exit 7")).satisfies(result -> {
                assertThat(result.status()).isEqualTo(7);
                assertThat(result.out()).isEqualTo("out\n");
                assertThat(result.err()).isEqualTo("err\n");
            });
            assertThatThrownBy(() -> a.run(Duration.ofMillis(300), "sleep", "600")).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("did not end");
        });
    }

    @Test
    void nothingOutlivesTheLab() {
        Lab lab = Lab.open();
        Host host = lab.host("a");
        Running program = host.start("bash", "-c", "echo up; exec sleep 600").awaitOutput("up", Await.SOON);
        Path namespace = Path.of("/proc/" + host.pid());
        assertThat(namespace).exists();
        lab.close();
        assertThat(program.awaitExit(Await.SOON)).isEqualTo(SIGKILL);
        Await.until("process 1 of the host is gone", Await.SOON, () -> Files.notExists(namespace), namespace::toString);
    }

    private static void withTwoHosts(BiConsumer<Host, Host> test) {
        try (Lab lab = Lab.open()) {
            Host a = lab.host("a");
            Host b = lab.host("b");
            lab.link(a, List.of("192.0.2.1/24", "2001:db8::1/64"), b, List.of("192.0.2.2/24", "2001:db8::2/64"));
            lab.up();
            test.accept(a, b);
        }
    }

    private static Result ping(Host from, String to) {
        return from.run("ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", to);
    }
}
