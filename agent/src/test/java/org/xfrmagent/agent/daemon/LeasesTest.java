package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;

/** Who gets which address. */
class LeasesTest {
    private final Pool pool = new Pool("staff", List.of(AddressRange.parse("10.3.0.0/30")), List.of());
    private final Leases leases = new Leases();

    private static Optional<InetAddress> address(String text) {
        return Ip.parse(text);
    }

    private Optional<InetAddress> lease(String owner) {
        return leases.lease(pool, new Lessee.User(owner), Optional.empty());
    }

    @Test
    void everybodyGetsAnotherAddressUntilNoneIsLeft() {
        assertThat(lease("carol")).isEqualTo(address("10.3.0.1"));
        assertThat(lease("dave")).isEqualTo(address("10.3.0.2"));
        assertThat(lease("eve")).as("10.3.0.0 and 10.3.0.3 are no hosts of that network").isEmpty();
        leases.release("staff", address("10.3.0.1").orElseThrow());
        assertThat(lease("eve")).isEqualTo(address("10.3.0.1"));
    }

    @Test
    void itIsKnownWhoHasWhatAndWhoHadIt() {
        lease("carol");
        lease("dave");
        leases.release("staff", address("10.3.0.1").orElseThrow());
        assertThat(leases.all()).containsExactly(
                new Lent("staff", address("10.3.0.1").orElseThrow(), "carol", false), new Lent("staff", address("10.3.0.2").orElseThrow(), "dave", true));
    }

    @Test
    void whoComesBackGetsWhatItHad() {
        lease("carol");
        lease("dave");
        leases.release("staff", address("10.3.0.1").orElseThrow());
        leases.release("staff", address("10.3.0.2").orElseThrow());
        assertThat(lease("dave")).isEqualTo(address("10.3.0.2"));
    }

    /** Two devices of one user are two; one that authenticates itself anew says which address it has. */
    @Test
    void aSecondSessionHasTheSameAddressOnlyIfItAsksForIt() {
        lease("carol");
        assertThat(leases.lease(pool, new Lessee.User("carol"), address("10.3.0.1"))).isEqualTo(address("10.3.0.1"));
        assertThat(lease("carol")).isEqualTo(address("10.3.0.2"));
        leases.release("staff", address("10.3.0.1").orElseThrow());
        assertThat(leases.lease(pool, new Lessee.User("eve"), address("10.3.0.1"))).as("carol's other session still has it").isEmpty();
        leases.release("staff", address("10.3.0.1").orElseThrow());
        assertThat(leases.lease(pool, new Lessee.User("eve"), address("10.3.0.1"))).isEqualTo(address("10.3.0.1"));
    }

    @Test
    void nobodyGetsWhatAnotherHasOrWhatIsInNoPool() {
        lease("carol");
        assertThat(leases.lease(pool, new Lessee.User("eve"), address("10.3.0.1"))).isEqualTo(address("10.3.0.2"));
        assertThat(leases.lease(pool, new Lessee.User("mallory"), address("192.0.2.1"))).isEmpty();
        assertThat(leases.lease(pool, new Lessee.User("mallory"), address("10.3.0.3"))).isEmpty();
    }
}
