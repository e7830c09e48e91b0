package org.xfrmagent.it.peers;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An IKE SA as vici's list-sas tells it.
 *
 * @param name of the peer's entry in the configuration
 * @param state ESTABLISHED, CONNECTING …
 * @param values all its plain values, by vici's names
 */
public record IkeSa(String name, String state, Map<String, String> values, List<Child> children) {
    /**
     * A child SA. Octets and packets count what went through, without the tunnel's own headers.
     *
     * @param name the policy's
     * @param state INSTALLED, REKEYING …
     * @param encap whether ESP goes in UDP
     * @param spiIn eight hexadecimal digits
     * @param spiOut eight hexadecimal digits
     */
    public record Child(String name, String state, boolean encap, String spiIn, String spiOut, long bytesIn, long packetsIn,
            long bytesOut, long packetsOut) {
        public boolean isInstalled() {
            return state.equals("INSTALLED");
        }

        private static Child of(Vici.Section child) {
            return new Child(child.get("name"), child.get("state"), child.get("encap").equals("yes"), child.get("spi-in"),
                    child.get("spi-out"), child.count("bytes-in"), child.count("packets-in"), child.count("bytes-out"),
                    child.count("packets-out"));
        }
    }

    /** With one child more. */
    IkeSa withChild(Child child) {
        return new IkeSa(name, state, values, Stream.concat(children.stream(), Stream.of(child)).toList());
    }

    public boolean isEstablished() {
        return state.equals("ESTABLISHED");
    }

    /** The SAs of one list-sa event. */
    static List<IkeSa> of(Vici.Section event) {
        return event.sections().entrySet().stream()
                .map(entry -> new IkeSa(entry.getKey(), entry.getValue().get("state"), Map.copyOf(entry.getValue().values()),
                        entry.getValue().section("child-sas").sections().values().stream().map(Child::of).toList()))
                .toList();
    }
}
