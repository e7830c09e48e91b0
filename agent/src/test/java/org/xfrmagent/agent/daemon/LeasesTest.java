package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/** Who gets which address. */
class LeasesTest {
    private static final Pool STAFF = pool("staff", "10.3.0.0/30");
    private static final Pool MORE = pool("more", "10.4.0.0/24");
    private static final Pool SIX = pool("six", "fd00:3::/64");

    private final Leases leases = new Leases();

    private static Pool pool(String name, String addresses) {
        return new Pool(name, List.of(AddressRange.parse(addresses)), List.of());
    }

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static Lease staff(String address) {
        return new Lease("staff", address(address));
    }

    private List<Lease> lease(String owner) {
        return leases.lease(List.of(STAFF), new Lessee.User(owner), List.of(VirtualAddress.ANY_IPV4));
    }

    private List<Lease> lease(String owner, String wanted) {
        return leases.lease(List.of(STAFF), new Lessee.User(owner), List.of(VirtualAddress.of(address(wanted))));
    }

    @Test
    void everybodyGetsAnotherAddressUntilNoneIsLeft() {
        assertThat(lease("carol")).containsExactly(staff("10.3.0.1"));
        assertThat(lease("dave")).containsExactly(staff("10.3.0.2"));
        assertThat(lease("eve")).as("10.3.0.0 and 10.3.0.3 are no hosts of that network").isEmpty();
        leases.release(List.of(staff("10.3.0.1")));
        assertThat(lease("eve")).containsExactly(staff("10.3.0.1"));
        assertThat(leases.all()).extracting(Lent::owner).as("carol would not get it again").containsExactly("eve", "dave");
    }

    @Test
    void ofEachFamilyTheFirstPoolThatHasSomeGivesOne() {
        List<VirtualAddress> both = List.of(VirtualAddress.ANY_IPV4, VirtualAddress.ANY_IPV6);
        List<Pool> pools = List.of(STAFF, MORE, SIX);
        assertThat(leases.lease(pools, new Lessee.User("carol"), both)).containsExactly(staff("10.3.0.1"), new Lease("six", address("fd00:3::1")));
        lease("dave");
        assertThat(leases.lease(pools, new Lessee.User("eve"), both))
                .containsExactly(new Lease("more", address("10.4.0.1")), new Lease("six", address("fd00:3::2")));
        assertThat(leases.lease(List.of(STAFF, SIX), new Lessee.User("frank"), both)).as("what there is").containsExactly(new Lease("six", address("fd00:3::3")));
    }

    @Test
    void whoAsksForSeveralOfOneFamilyGetsThemAndGetsThemAgain() {
        List<VirtualAddress> two = List.of(VirtualAddress.ANY_IPV4, VirtualAddress.of(address("10.4.0.1")), VirtualAddress.ANY_IPV4);
        List<Pool> pools = List.of(MORE, STAFF);
        List<Lease> carols = leases.lease(pools, new Lessee.User("carol"), two);
        assertThat(carols).as("nobody who takes whichever gets the one that is named").startsWith(carols.getFirst(), new Lease("more", address("10.4.0.1")))
                .doesNotHaveDuplicates().hasSize(3);
        leases.release(carols);
        leases.lease(pools, new Lessee.User("dave"), List.of(VirtualAddress.ANY_IPV4));
        assertThat(leases.lease(pools, new Lessee.User("carol"), two)).as("of carol's own").containsExactlyInAnyOrderElementsOf(carols);
        assertThat(leases.all().stream().filter(lent -> lent.owner().equals("carol"))).hasSize(3);
    }

    @Test
    void oneAddressIsNotLentByTwoPools() {
        Pool same = pool("same", "10.3.0.0/30");
        lease("carol");
        assertThat(leases.lease(List.of(same), new Lessee.User("dave"), List.of(VirtualAddress.ANY_IPV4))).containsExactly(new Lease("same", address("10.3.0.2")));
        assertThat(leases.lease(List.of(same), new Lessee.User("eve"), List.of(VirtualAddress.ANY_IPV4))).isEmpty();
    }

    @Test
    void itIsKnownWhoHasWhatAndWhoHadIt() {
        lease("carol");
        lease("dave");
        leases.release(List.of(staff("10.3.0.1")));
        assertThat(leases.all()).containsExactly(
                new Lent("staff", address("10.3.0.1"), "carol", false), new Lent("staff", address("10.3.0.2"), "dave", true));
    }

    @Test
    void whoComesBackGetsWhatItHad() {
        lease("carol");
        lease("dave");
        leases.release(List.of(staff("10.3.0.1"), staff("10.3.0.2")));
        assertThat(lease("dave")).containsExactly(staff("10.3.0.2"));
    }

    /** As long as there is another one, nobody gets what somebody who is away would miss. */
    @Test
    void anAddressIsKeptForWhoHadIt() {
        leases.lease(List.of(MORE), new Lessee.User("carol"), List.of(VirtualAddress.ANY_IPV4));
        leases.release(List.of(new Lease("more", address("10.4.0.1"))));
        assertThat(leases.lease(List.of(MORE), new Lessee.User("dave"), List.of(VirtualAddress.ANY_IPV4))).containsExactly(new Lease("more", address("10.4.0.2")));
    }

    /** Two devices of one user are two; one that authenticates itself anew says which address it has. */
    @Test
    void aSecondSessionHasTheSameAddressOnlyIfItAsksForIt() {
        lease("carol");
        assertThat(lease("carol", "10.3.0.1")).containsExactly(staff("10.3.0.1"));
        assertThat(lease("carol")).containsExactly(staff("10.3.0.2"));
        leases.release(List.of(staff("10.3.0.1")));
        assertThat(lease("eve", "10.3.0.1")).as("carol's other session still has it").isEmpty();
        leases.release(List.of(staff("10.3.0.1")));
        assertThat(lease("eve", "10.3.0.1")).containsExactly(staff("10.3.0.1"));
    }

    @Test
    void nobodyGetsWhatAnotherHasOrWhatIsInNoPool() {
        lease("carol");
        assertThat(lease("eve", "10.3.0.1")).containsExactly(staff("10.3.0.2"));
        assertThat(lease("mallory", "192.0.2.1")).isEmpty();
        assertThat(lease("mallory", "10.3.0.3")).isEmpty();
    }
}
