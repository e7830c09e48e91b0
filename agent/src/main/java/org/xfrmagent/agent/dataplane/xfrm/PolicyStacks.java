package org.xfrmagent.agent.dataplane.xfrm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.PolicySpec;

/**
 * Policies that want the same place. The kernel holds one policy for each direction, selector and interface, but a trap and its
 * SA, or an SA and its successor, ask for the same one: so each place has a stack, and its head is what the kernel has. Every
 * change of a head is one UPDPOLICY, which the kernel does atomically: no packet meets a gap.
 *
 * <p>Not thread-safe: it belongs to the writer.
 */
final class PolicyStacks {
    /** A policy in a place. {@code age} tells policies of one priority apart: the newest wins. */
    record Layer(PolicySpec spec, long age) {
        private boolean before(Layer other) {
            int order = Integer.compareUnsigned(spec.priority(), other.spec.priority());
            return order != 0 ? order < 0 : age > other.age;
        }
    }

    /** What the kernel has to be told. */
    sealed interface Change {}

    /** @param first nothing of ours was there before */
    record Install(Place place, PolicySpec spec, boolean first) implements Change {}

    record Remove(Place place) implements Change {}

    private final Map<Place, List<Layer>> stacks = new HashMap<>();
    private long age;

    Layer layer(PolicySpec spec) {
        return new Layer(spec, ++age);
    }

    /** Puts a layer where it belongs; the change is empty when it stays covered or looks like what is there. */
    Optional<Change> put(Place place, Layer layer) {
        List<Layer> stack = stacks.computeIfAbsent(place, _ -> new ArrayList<>(2));
        Optional<Layer> before = head(place);
        int at = 0;
        while (at < stack.size() && stack.get(at).before(layer)) {
            at++;
        }
        stack.add(at, layer);
        return at == 0 ? difference(place, before) : Optional.empty();
    }

    /** Takes a layer away; what it covered comes into force again. Nothing happens if it is not there. */
    Optional<Change> take(Place place, Layer layer) {
        Optional<Layer> before = head(place);
        List<Layer> stack = stacks.get(place);
        if (stack == null || !stack.remove(layer)) {
            return Optional.empty();
        }
        if (stack.isEmpty()) {
            stacks.remove(place);
        }
        return difference(place, before);
    }

    private Optional<Change> difference(Place place, Optional<Layer> before) {
        Optional<Layer> after = head(place);
        if (after.isEmpty()) {
            return Optional.of(new Remove(place));
        }
        PolicySpec spec = after.get().spec();
        return before.isPresent() && before.get().spec().equals(spec)
                ? Optional.empty()
                : Optional.of(new Install(place, spec, before.isEmpty()));
    }

    /** The newest layer of that very policy. */
    Optional<Layer> find(Place place, PolicySpec spec) {
        return stacks.getOrDefault(place, List.of()).stream().filter(layer -> layer.spec().equals(spec)).findFirst();
    }

    Optional<Layer> head(Place place) {
        List<Layer> stack = stacks.get(place);
        return stack == null || stack.isEmpty() ? Optional.empty() : Optional.of(stack.getFirst());
    }

    /** What should be in the kernel now, by place. */
    Map<Place, PolicySpec> heads() {
        Map<Place, PolicySpec> heads = new HashMap<>();
        stacks.forEach((place, stack) -> heads.put(place, stack.getFirst().spec()));
        return heads;
    }
}
