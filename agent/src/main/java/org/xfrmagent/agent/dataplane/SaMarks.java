package org.xfrmagent.agent.dataplane;

import java.util.Optional;
import org.xfrmagent.policies.model.Mark;

/**
 * What an SA has to do with packet marks. An SA from the peer matches none: destination, protocol and SPI say all, and the packet has
 * no mark yet.
 *
 * @param match the marked packets that an SA to the peer is for
 * @param set what the SA's packets get: those from the peer when they are decrypted, those to the peer when they are encrypted
 */
public record SaMarks(Optional<Mark> match, Optional<Mark> set) {
    public static final SaMarks NONE = new SaMarks(Optional.empty(), Optional.empty());
}
