package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

/** The triple that names an SA on the wire (RFC 4301, section 4.1). {@code spi} is the 32 bits of the packet's field; of IPComp the CPI (RFC 3173). */
public record SaId(InetAddress destination, Protocol protocol, int spi) {
    /** SPIs are spread well enough, and tables of tens of thousands ask for this all the time. */
    @Override
    public int hashCode() {
        return spi;
    }

    @Override
    public String toString() {
        return "%s %s 0x%08x".formatted(protocol, Ip.text(destination), spi);
    }
}
