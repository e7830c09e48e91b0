package org.xfrmagent.agent.dataplane;

import java.util.List;

/** What a plane holds: the SAs (without keys) and the policies in force. */
public record Snapshot(List<InstalledSa> sas, List<PolicySpec> policies) {
    public record InstalledSa(SaId id, int reqid, Usage usage) {}
}
