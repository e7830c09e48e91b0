package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.SpiRequest;
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
    private int spi = LOWEST_SPI + random.nextInt(SPI_RANGE);

    private KernelProbe(Xfrm xfrm) {
        this.xfrm = xfrm;
    }

    static Capabilities ask(Xfrm xfrm) throws IOException {
        return new KernelProbe(xfrm).ask();
    }

    private Capabilities ask() throws IOException {
        Map<Algorithm, XfrmState> esp = new LinkedHashMap<>();
        Map<Algorithm, XfrmState> ah = new LinkedHashMap<>();
        for (Algorithm row : Algorithms.all()) {
            if (row.kernel().isPresent() && (row.type() == TransformType.ENCR || row.type() == TransformType.INTEG)) {
                esp.put(row, state(XfrmId.ESP, XfrmMode.TRANSPORT, row).build());
                if (row.type() == TransformType.INTEG) {
                    ah.put(row, state(XfrmId.AH, XfrmMode.TRANSPORT, row).build());
                }
            }
        }
        Set<Algorithm> inEsp = agreed(esp);
        Set<Algorithm> inAh = agreed(ah);
        Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
        Set<Mode> modes = EnumSet.noneOf(Mode.class);
        if (!inEsp.isEmpty()) {
            protocols.add(Protocol.ESP);
            modes.add(Mode.TRANSPORT);
        }
        if (!inAh.isEmpty()) {
            protocols.add(Protocol.AH);
            modes.add(Mode.TRANSPORT);
        }
        Optional<Algorithm> works =
                inEsp.stream().filter(row -> row.aead() || row.type() == TransformType.INTEG).findFirst();
        if (!agreed(Map.of(Protocol.IPCOMP, compression())).isEmpty()) {
            protocols.add(Protocol.IPCOMP);
        }
        Set<Feature> features = works.isPresent() ? agreed(questions(works.get())) : Set.of();
        if (features.contains(Feature.TUNNEL)) {
            modes.add(Mode.TUNNEL);
        }
        Set<Algorithm> algorithms = new LinkedHashSet<>(inEsp);
        algorithms.addAll(inAh);
        return new Capabilities(
                Set.copyOf(protocols), Set.copyOf(modes), features.contains(Feature.UDP), features.contains(Feature.ESN), algorithms);
    }

    /** What is asked with one algorithm that works. */
    private enum Feature {
        TUNNEL,
        UDP,
        ESN
    }

    private Map<Feature, XfrmState> questions(Algorithm row) {
        Map<Feature, XfrmState> questions = new EnumMap<>(Feature.class);
        questions.put(Feature.TUNNEL, state(XfrmId.ESP, XfrmMode.TUNNEL, row).build());
        questions.put(Feature.UDP, state(XfrmId.ESP, XfrmMode.TRANSPORT, row)
                .encap(new XfrmEncap(XfrmEncap.ESP_IN_UDP, 4500, 4500, Ip.of(new byte[4])))
                .build());
        questions.put(Feature.ESN, state(XfrmId.ESP, XfrmMode.TRANSPORT, row).replay(XfrmReplay.extended(32)).build());
        return questions;
    }

    /** Adds all states in one batch, deletes those that the kernel took, and returns their keys. */
    private <K> Set<K> agreed(Map<K, XfrmState> questions) throws IOException {
        List<K> keys = List.copyOf(questions.keySet());
        List<XfrmChange> additions = new ArrayList<>();
        questions.values().forEach(state -> additions.add(new XfrmChange.AddState(state)));
        Set<Integer> refused = new HashSet<>();
        for (NetlinkSocket.Failure failure : xfrm.batch(additions)) {
            refused.add(failure.index());
        }
        Set<K> agreed = new LinkedHashSet<>();
        List<XfrmChange> deletions = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            XfrmState state = questions.get(keys.get(i));
            if (state != null && !refused.contains(i)) {
                agreed.add(keys.get(i));
                deletions.add(new XfrmChange.DeleteState(state.id(), Optional.empty()));
            }
        }
        xfrm.batch(deletions);
        questions.values().forEach(Transaction::wipe);
        return agreed;
    }

    private XfrmState compression() {
        int cpi = SpiRequest.LOWEST_CPI + random.nextInt(SpiRequest.HIGHEST_CPI - SpiRequest.LOWEST_CPI);
        return XfrmState.builder(new XfrmId(HERE, cpi, XfrmId.COMP), HERE, XfrmMode.TRANSPORT)
                .algorithms(new XfrmAlgorithm.Compression(KernelStates.DEFLATE))
                .build();
    }

    private XfrmState.Builder state(int protocol, XfrmMode mode, Algorithm row) {
        XfrmId id = new XfrmId(HERE, spi++, protocol);
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
