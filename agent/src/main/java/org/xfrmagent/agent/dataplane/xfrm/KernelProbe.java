package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmAlgorithm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmEncap;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmKey;
import org.xfrmagent.netlink.xfrm.XfrmMode;
import org.xfrmagent.netlink.xfrm.XfrmReplay;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;

/**
 * Asks the kernel what it can do, by doing it: every question is an SA from loopback to loopback under an SPI of its own, with a
 * random key, added and deleted at once. Versions and configurations tell less: a module may be missing or forbidden.
 */
final class KernelProbe {
    private static final InetAddress HERE = Ip.of((byte) 127, (byte) 0, (byte) 0, (byte) 1);

    /** Below what anybody allocates for SAs in use, above what RFC 4303 reserves. */
    private static final int LOWEST_SPI = 0x0100_0000;

    private static final int SPI_RANGE = 0x2000_0000;

    private final Xfrm xfrm;
    private final SecureRandom random = new SecureRandom();
    private final List<XfrmState> questions = new ArrayList<>();
    private final int firstSpi = LOWEST_SPI + random.nextInt(SPI_RANGE);

    private KernelProbe(Xfrm xfrm) {
        this.xfrm = xfrm;
    }

    static Capabilities ask(Xfrm xfrm) throws IOException {
        return new KernelProbe(xfrm).ask();
    }

    private Capabilities ask() throws IOException {
        List<Algorithm> rows = new ArrayList<>();
        for (Algorithm row : Algorithms.all()) {
            if (row.kernel().isPresent() && (row.type() == TransformType.ENCR || row.type() == TransformType.INTEG)) {
                rows.add(row);
            }
        }
        for (Algorithm row : rows) {
            question(XfrmId.ESP, XfrmMode.TRANSPORT, row);
        }
        // Each of these with every algorithm that could carry it: a kernel in FIPS mode, say, has few.
        Set<Integer> ah = new HashSet<>();
        for (Algorithm row : rows) {
            if (row.type() == TransformType.INTEG) {
                ah.add(question(XfrmId.AH, XfrmMode.TRANSPORT, row));
            }
        }
        Set<Integer> tunnel = new HashSet<>();
        Set<Integer> udp = new HashSet<>();
        Set<Integer> extended = new HashSet<>();
        for (Algorithm row : rows) {
            if (row.aead() || row.type() == TransformType.INTEG) {
                tunnel.add(question(XfrmId.ESP, XfrmMode.TUNNEL, row));
                udp.add(questions.size());
                questions.add(state(XfrmId.ESP, XfrmMode.TRANSPORT, row)
                        .encap(new XfrmEncap(XfrmEncap.ESP_IN_UDP, 4500, 4500, Ip.of(new byte[4])))
                        .build());
                extended.add(questions.size());
                questions.add(state(XfrmId.ESP, XfrmMode.TRANSPORT, row).replay(XfrmReplay.extended(32)).build());
            }
        }
        Set<Integer> yes = answers();
        Set<Algorithm> algorithms = new LinkedHashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            if (yes.contains(i)) {
                algorithms.add(rows.get(i));
            }
        }
        Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
        Set<Mode> modes = EnumSet.noneOf(Mode.class);
        if (!algorithms.isEmpty()) {
            protocols.add(Protocol.ESP);
            modes.add(Mode.TRANSPORT);
        }
        if (ah.stream().anyMatch(yes::contains)) {
            protocols.add(Protocol.AH);
            modes.add(Mode.TRANSPORT);
        }
        if (tunnel.stream().anyMatch(yes::contains)) {
            modes.add(Mode.TUNNEL);
        }
        return new Capabilities(
                Set.copyOf(protocols),
                Set.copyOf(modes),
                udp.stream().anyMatch(yes::contains),
                extended.stream().anyMatch(yes::contains),
                Set.copyOf(algorithms));
    }

    /** Asks all and returns the places of those that the kernel agreed to. */
    private Set<Integer> answers() throws IOException {
        List<XfrmChange> additions = new ArrayList<>();
        List<XfrmChange> deletions = new ArrayList<>();
        Set<Integer> agreed = new HashSet<>();
        for (int i = 0; i < questions.size(); i++) {
            additions.add(new XfrmChange.AddState(questions.get(i)));
            agreed.add(i);
        }
        for (NetlinkSocket.Failure failure : xfrm.batch(additions)) {
            agreed.remove(failure.index());
        }
        for (int i : agreed) {
            deletions.add(new XfrmChange.DeleteState(questions.get(i).id(), Optional.empty()));
        }
        xfrm.batch(deletions);
        questions.forEach(Transaction::wipe);
        return agreed;
    }

    private int question(int protocol, XfrmMode mode, Algorithm row) {
        questions.add(state(protocol, mode, row).build());
        return questions.size() - 1;
    }

    private XfrmState.Builder state(int protocol, XfrmMode mode, Algorithm row) {
        XfrmId id = new XfrmId(HERE, firstSpi + questions.size(), protocol);
        return XfrmState.builder(id, HERE, mode).algorithms(algorithms(protocol, row));
    }

    private List<XfrmAlgorithm> algorithms(int protocol, Algorithm row) {
        Algorithm.Kernel kernel = row.kernel().orElseThrow();
        if (row.aead()) {
            return List.of(new XfrmAlgorithm.Aead(kernel.name(), key(row), kernel.truncationBits()));
        }
        if (row.type() == TransformType.ENCR) {
            return List.of(new XfrmAlgorithm.Crypt(kernel.name(), key(row)));
        }
        XfrmAlgorithm integrity = new XfrmAlgorithm.AuthTrunc(kernel.name(), key(row), kernel.truncationBits());
        if (protocol == XfrmId.AH) {
            return List.of(integrity);
        }
        Algorithm nothing = Algorithms.byKeyword("null").orElseThrow();
        return List.of(new XfrmAlgorithm.Crypt(nothing.kernel().orElseThrow().name(), key(nothing)), integrity);
    }

    private XfrmKey key(Algorithm row) {
        byte[] octets = new byte[row.keyMaterialBytes()];
        random.nextBytes(octets);
        return XfrmKey.take(octets);
    }
}
