package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.TsPayload;
import org.xfrmagent.agent.wire.TsSubstructure;
import org.xfrmagent.agent.wire.TsType;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.TrafficSelector;

/** Traffic selectors on the wire, and what is left of an offer (RFC 7296, section 2.9). */
public final class Narrowing {
    private Narrowing() {}

    /** @param label of the SA, if it has one */
    public static TsPayload payload(Role role, List<TrafficSelector> selectors, Optional<SecurityLabel> label) {
        return new TsPayload(
                role, selectors.stream().map(Narrowing::substructure).toList(), label.map(SecurityLabel::octets).map(Bytes::of).stream().toList(),
                List.of());
    }

    /**
     * Whether an SA with that label, or with none, is among those offered: RFC 9478, section 2.2, has it "used as an exact match value",
     * and one of several may be chosen.
     */
    public static boolean offers(TsPayload offer, Optional<SecurityLabel> label) {
        return label.map(SecurityLabel::octets).map(Bytes::of).map(offer.labels()::contains).orElseGet(offer.labels()::isEmpty);
    }

    /** The labels of a payload, as people read them. */
    public static List<String> labels(TsPayload payload) {
        return payload.labels().stream().map(Narrowing::readable).toList();
    }

    private static String readable(Bytes label) {
        String text = new String(label.toArray(), StandardCharsets.ISO_8859_1).replaceFirst("\0$", "");
        return text.matches("[ -~]+") ? text : "0x" + label.toHex();
    }

    private static TsSubstructure substructure(TrafficSelector selector) {
        TsType type = selector.family() == AddressFamily.IPV4 ? TsType.TS_IPV4_ADDR_RANGE : TsType.TS_IPV6_ADDR_RANGE;
        return new TsSubstructure(
                type.number(),
                selector.protocol(),
                selector.startPort(),
                selector.endPort(),
                octets(selector.range().from()),
                octets(selector.range().to()));
    }

    private static Bytes octets(InetAddress address) {
        return Bytes.of(address.getAddress());
    }

    /** The selectors of a payload; those of unknown types are left out, as nobody can choose them. */
    public static List<TrafficSelector> selectors(TsPayload payload) {
        return payload.selectors().stream().map(Narrowing::selector).toList();
    }

    private static TrafficSelector selector(TsSubstructure wire) {
        AddressRange range = new AddressRange(Ip.of(wire.from().toArray()), Ip.of(wire.to().toArray()));
        return new TrafficSelector(wire.protocol(), wire.startPort(), wire.endPort(), range);
    }

    /** What both lists select, in the order of {@code offered}, nothing twice and nothing inside another. Empty: nothing. */
    public static List<TrafficSelector> narrow(List<TrafficSelector> offered, List<TrafficSelector> allowed) {
        List<TrafficSelector> common = new ArrayList<>();
        for (TrafficSelector theirs : offered) {
            for (TrafficSelector ours : allowed) {
                Optional<TrafficSelector> both = theirs.intersect(ours);
                both.ifPresent(selector -> addUnlessCovered(common, selector));
            }
        }
        return List.copyOf(common);
    }

    private static void addUnlessCovered(List<TrafficSelector> all, TrafficSelector selector) {
        if (all.stream().noneMatch(other -> other.contains(selector))) {
            all.removeIf(selector::contains);
            all.add(selector);
        }
    }

    /** Whether everything in {@code inner} lies in {@code outer}: an answer may only narrow. */
    public static boolean within(List<TrafficSelector> inner, List<TrafficSelector> outer) {
        return !inner.isEmpty() && inner.stream().allMatch(selector -> outer.stream().anyMatch(other -> other.contains(selector)));
    }
}
