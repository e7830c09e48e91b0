package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.netlink.netlink.NetlinkFamily;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.xfrm.Xfrm;

/** The real surroundings: routing rules lead outbound packets in, the kernel's SPD keeps inbound clear text out. */
final class KernelSurroundings implements Surroundings {
    private final Fence fence;
    private final Steering steering;
    private final Optional<IngressMark> marking;
    private final TunInterface tun;
    private final Disturbances disturbances;

    private KernelSurroundings(
            TunInterface tun, Fence fence, Steering steering, Optional<IngressMark> marking, Disturbances disturbances) {
        this.tun = tun;
        this.disturbances = disturbances;
        this.fence = fence;
        this.steering = steering;
        this.marking = marking;
    }

    /** In the calling thread's network namespace; what a predecessor blocked stays blocked for now. */
    static KernelSurroundings open(String tunName, UserPlaneOptions options) throws IOException {
        Rtnetlink rtnetlink = Rtnetlink.open();
        NetlinkSocket rules = NetlinkSocket.open(NetlinkFamily.ROUTE);
        try {
            TunInterface tun = new TunInterface(rtnetlink.links(), tunName, options.mtu());
            int link = tun.configure();
            Steering steering = new Steering(rtnetlink, rules, link, options);
            Optional<IngressMark> marking = marking(tunName, options.mark() + 1);
            Xfrm xfrm = xfrm();
            Fence fence = new Fence(xfrm, marking.isPresent() ? OptionalInt.of(options.mark() + 1) : OptionalInt.empty());
            steering.quarantinePredecessor();
            fence.adoptPredecessor();
            Disturbances disturbances = Disturbances.open(
                    new Disturbances.Ours(tunName, steering::owns, steering::isOurs, fence::holds, steering::addressesChanged),
                    Set.of(rtnetlink.number(), rules.number()), xfrm);
            return new KernelSurroundings(tun, fence, steering, marking, disturbances);
        } catch (IOException | RuntimeException failed) {
            rules.close();
            rtnetlink.close();
            throw failed;
        }
    }

    /** Empty where nftables cannot do it: then clear IPv6 to this host's own protected addresses is not refused. */
    private static Optional<IngressMark> marking(String tunName, int mark) {
        try {
            return Optional.of(IngressMark.open(tunName, mark));
        } catch (IOException cannot) {
            return Optional.empty();
        }
    }

    private static Xfrm xfrm() throws IOException {
        try {
            return Xfrm.open();
        } catch (IOException none) {
            throw new IOException("this kernel has no XFRM policies (CONFIG_XFRM_USER), without which clear text of protected hosts "
                    + "could not be kept out: " + none.getMessage(), none);
        }
    }

    @Override
    public void update(List<PolicySpec> policies) throws IOException {
        // First nothing unprotected may come in, then what is to be protected goes the right way, and then it may go.
        fence.tighten(policies);
        steering.update(policies);
        fence.relax();
    }

    @Override
    public void update(Spd.Change change, Supplier<List<PolicySpec>> all) throws IOException {
        fence.tighten(change, all);
        steering.update(change, all);
        fence.relax();
    }

    @Override
    public boolean interfaceIsGone() throws IOException {
        return tun.isGone();
    }

    /** In the order of {@link #update}; the interface first, since routes lead into nothing else. */
    @Override
    public List<String> repair() throws IOException {
        List<String> sentences = new ArrayList<>(fence.repair());
        if (!tun.isAsConfigured()) {
            steering.leadInto(tun.configure());
            sentences.add("somebody changed the interface " + tun.name() + ", or took it down: it is as it should be again");
        }
        sentences.addAll(steering.repair());
        return sentences;
    }

    @Override
    public void watch(Consumer<DataPlaneEvent> sink) {
        disturbances.start(sink);
    }

    @Override
    public void forgetPredecessor() throws IOException {
        steering.forgetPredecessor();
        fence.forgetPredecessor();
    }

    @Override
    public OptionalInt linkMtu(InetAddress source, InetAddress destination) {
        return steering.linkMtu(source, destination);
    }

    @Override
    public void close() {
        disturbances.close();
        steering.close();
        fence.close();
        marking.ifPresent(IngressMark::close);
    }
}
