package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.model.Ip;

/** Somebody on a host who changes a policy of no importance more often than a listener that is held up can be told. */
final class Crowding {
    /** Each takes 768 octets of a socket's buffer; the agent's largest is twice 8 MiB. */
    private static final int CHANGES = 30_000;
    private static final int AT_ONCE = 1_000;

    private Crowding() {}

    static void ofPolicies(Host host) {
        XfrmSelector selector = XfrmSelector.of(Ip.parse("10.77.0.1").orElseThrow(), 32, AddressFamily.INET.any(), 0);
        XfrmPolicy policy = XfrmPolicy.bypass(selector, XfrmDirection.OUT, 400_000);
        List<XfrmChange> changes = Collections.nCopies(AT_ONCE, new XfrmChange.UpdatePolicy(policy));
        try (Netns inside = Netns.open(Path.of("/proc", Long.toString(host.pid()), "ns", "net"));
                Xfrm others = inside.call(() -> {
                    assertThat(Netns.identity()).as("the host's own network namespace").isNotEqualTo(Netns.identityOfProcess());
                    return Xfrm.open();
                })) {
            for (int done = 0; done < CHANGES; done += AT_ONCE) {
                assertThat(others.batch(changes)).isEmpty();
            }
            others.delete(policy.id());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
