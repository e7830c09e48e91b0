package org.xfrmagent.agent.dataplane;

import java.util.Set;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** What a plane can do, found by asking it. {@code algorithms} holds the ESP and AH rows it can use. */
public record Capabilities(Set<Protocol> protocols, Set<Mode> modes, boolean udpEncapsulation, boolean esn, Set<Algorithm> algorithms) {}
