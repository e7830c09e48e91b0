package org.xfrmagent.agent.eap;

import org.xfrmagent.agent.bytes.Bytes;

/** Where challenges come from. */
@FunctionalInterface
public interface Dice {
    Bytes random(int octets);
}
