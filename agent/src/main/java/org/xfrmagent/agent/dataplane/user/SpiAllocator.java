package org.xfrmagent.agent.dataplane.user;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;

/** Hands out random SPIs and CPIs for inbound SAs and remembers them until they are used or have lapsed. */
final class SpiAllocator {
    /** As long as the kernel keeps a larval SA that IKE asked for (net.core.xfrm_acq_expires plus IKE's longest negotiation). */
    static final long LAPSES_NANOS = 165_000_000_000L;
    /** As strongSwan and the kernel's users have it: 0xc0000000 to 0xcfffffff. */
    private static final int FIRST = 0xc000_0000;

    private static final int COUNT = 0x1000_0000;
    /** CPIs that two sides may agree on and that are nobody's own (RFC 3173, section 3.3): 0x100 to 0xefff. */
    private static final int FIRST_CPI = 0x100;

    private static final int CPIS = 0xf000 - FIRST_CPI;
    private static final int ATTEMPTS = 64;
    private static final int MOST = 1 << 20;

    private final SecureRandom random = new SecureRandom();
    private final Map<SaId, Long> reserved = new HashMap<>();
    private final LongSupplier nanos;

    SpiAllocator(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** @param taken whether an SA has this id */
    synchronized int allocate(SpiRequest request, Predicate<SaId> taken) throws DataPlaneException {
        long now = nanos.getAsLong();
        reserved.values().removeIf(since -> now - since > LAPSES_NANOS);
        if (reserved.size() >= MOST) {
            throw new DataPlaneException(MOST + " SPIs are reserved and none of them is used");
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int spi = request.protocol() == Protocol.IPCOMP ? FIRST_CPI + random.nextInt(CPIS) : FIRST + random.nextInt(COUNT);
            SaId id = new SaId(request.destination(), request.protocol(), spi);
            if (!taken.test(id) && reserved.putIfAbsent(id, now) == null) {
                return spi;
            }
        }
        throw new DataPlaneException("no SPI is free for " + request.protocol() + " to " + Ip.text(request.destination()));
    }

    synchronized void used(SaId id) {
        reserved.remove(id);
    }
}
