package org.xfrmagent.agent.dataplane;

import org.xfrmagent.policies.model.TrafficSelector;

/** The packets from one traffic selector to another. */
public record SelectorPair(TrafficSelector source, TrafficSelector destination) {
    public SelectorPair reversed() {
        return new SelectorPair(destination, source);
    }

    @Override
    public String toString() {
        return source + " -> " + destination;
    }
}
