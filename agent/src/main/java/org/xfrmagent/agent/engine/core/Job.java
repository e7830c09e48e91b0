package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SpiRequest;

/** Work that waits on something outside the engine. Each ends in exactly one {@link Input.Completed}. */
public sealed interface Job {
    record AllocateSpi(SpiRequest request) implements Job {}

    record Apply(List<Operation> operations) implements Job {
        public Apply {
            operations = List.copyOf(operations);
        }
    }

    record ReadUsage(Set<SaId> sas) implements Job {}
}
