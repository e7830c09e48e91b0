package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.wire.Header;

/**
 * Goes through every order in which things can happen between two established sides, breadth first: commands at any time, datagrams
 * delivered in any order, jobs done at any time, and some datagrams lost or delivered twice. Time passes only when nothing else can
 * happen; then the timers that are due first go off. States that were met before are not gone through again.
 *
 * <p>What one side does depends on nothing but its own state and the input, so that each such pair is computed once, however many
 * states of the whole it is part of.
 */
final class Explorer {
    /** Timers further away than this are of ordinary life: liveness, lifetimes. */
    static final long HORIZON = 200_000;

    /** Jitter and different clocks: timers this close to each other may go off in either order. */
    private static final long CLOSE = 6_000;

    private static final int MOST_STATES = 5_000_000;

    /** Something that a user or a lifetime wants of one side. */
    record Command(int side, String label, Function<Half, Input> input) {}

    /**
     * @param flights datagrams under way, as indexes, in order
     * @param commands a bit for each that is still to be given
     */
    private record State(int moon, int sun, List<Integer> flights, int commands, int faults) {
        int half(int side) {
            return side == 0 ? moon : sun;
        }
    }

    private record Flight(int to, Bytes datagram) {}

    private record Trail(@Nullable Trail before, State state, String what) {}

    private record Consequence(int half, List<Integer> flights, List<String> story) {}

    private record Cause(int half, String input) {}

    private final List<Command> commands;
    private final List<Half> halves = new ArrayList<>();
    private final Map<String, Integer> halfByName = new HashMap<>();
    private final List<Flight> flights = new ArrayList<>();
    private final Map<Flight, Integer> flightByContent = new HashMap<>();
    private final Map<Cause, Consequence> known = new HashMap<>();
    private final Set<State> met = new HashSet<>();
    private final Queue<Trail> open = new ArrayDeque<>();
    private final BiConsumer<Half, Half> always;
    private final BiConsumer<Half, Half> atTheEnd;
    private int ends;

    /**
     * @param always checked in every state
     * @param atTheEnd checked when nothing is left to happen
     */
    Explorer(List<Command> commands, BiConsumer<Half, Half> always, BiConsumer<Half, Half> atTheEnd) {
        this.commands = commands;
        this.always = always;
        this.atTheEnd = atTheEnd;
    }

    int states() {
        return met.size();
    }

    int steps() {
        return known.size();
    }

    int ends() {
        return ends;
    }

    void explore(Half moon, Half sun, int faults) {
        State start = new State(intern(moon), intern(sun), List.of(), (1 << commands.size()) - 1, faults);
        met.add(start);
        open.add(new Trail(null, start, "both are established"));
        while (!open.isEmpty()) {
            Trail trail = open.remove();
            try {
                expand(trail);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError(failure.getMessage() + "\n" + tell(trail), failure);
            }
            assertThat(met.size()).as("states").isLessThan(MOST_STATES);
        }
    }

    private void expand(Trail trail) {
        State state = trail.state();
        always.accept(halves.get(state.moon()), halves.get(state.sun()));
        for (int i = 0; i < commands.size(); i++) {
            if ((state.commands() & 1 << i) != 0) {
                Command command = commands.get(i);
                State issued = new State(state.moon(), state.sun(), state.flights(), state.commands() & ~(1 << i), state.faults());
                String label = "command " + command.label();
                go(trail, issued, command.side(), label, half -> half.take(command.input().apply(half), label));
            }
        }
        for (int flight : new HashSet<>(state.flights())) {
            deliver(trail, flight);
        }
        for (int side = 0; side < 2; side++) {
            if (!halves.get(state.half(side)).jobs().isEmpty()) {
                go(trail, state, side, "job", Half::complete);
            }
        }
        if (state.flights().isEmpty() && halves.get(state.moon()).jobs().isEmpty() && halves.get(state.sun()).jobs().isEmpty()) {
            wait(trail);
        }
    }

    private void deliver(Trail trail, int flight) {
        State state = trail.state();
        Flight what = flights.get(flight);
        List<Integer> others = new ArrayList<>(state.flights());
        others.remove(Integer.valueOf(flight));
        State without = new State(state.moon(), state.sun(), List.copyOf(others), state.commands(), state.faults());
        String label = "delivery " + flight + " " + describe(what.datagram());
        go(trail, without, what.to(), label, half ->
                half.take(new Input.Datagram(half.session().path(), what.datagram()), "datagram"));
        if (state.faults() > 0) {
            State lost = new State(state.moon(), state.sun(), without.flights(), state.commands(), state.faults() - 1);
            arrive(trail, lost, "loss of " + describe(what.datagram()));
            State again = new State(state.moon(), state.sun(), state.flights(), state.commands(), state.faults() - 1);
            go(trail, again, what.to(), label, half ->
                    half.take(new Input.Datagram(half.session().path(), what.datagram()), "datagram"));
        }
    }

    /** Nothing is under way: the next timer, or of two that are close either; or the end. */
    private void wait(Trail trail) {
        State state = trail.state();
        List<OptionalLong> patience = List.of(halves.get(state.moon()).patience(), halves.get(state.sun()).patience());
        long first = patience.stream().filter(OptionalLong::isPresent).mapToLong(OptionalLong::getAsLong).min().orElse(Long.MAX_VALUE);
        if (first > HORIZON) {
            if (state.commands() == 0) {
                ends++;
                atTheEnd.accept(halves.get(state.moon()), halves.get(state.sun()));
            }
            return;
        }
        for (int side = 0; side < 2; side++) {
            OptionalLong until = patience.get(side);
            if (until.isPresent() && until.getAsLong() <= first + CLOSE) {
                int other = intern(halves.get(state.half(1 - side)).later(until.getAsLong()));
                State later = new State(
                        side == 0 ? state.moon() : other, side == 0 ? other : state.sun(), state.flights(), state.commands(), state.faults());
                go(trail, later, side, "tick", Half::tick);
            }
        }
    }

    /** Something happens to one side. */
    private void go(Trail trail, State rest, int side, String label, Function<Half, Half.Outcomes> what) {
        int half = rest.half(side);
        Consequence consequence = consequence(new Cause(half, label), side, what);
        List<Integer> inTheAir = new ArrayList<>(rest.flights());
        inTheAir.addAll(consequence.flights());
        Collections.sort(inTheAir);
        State next = new State(
                side == 0 ? consequence.half() : rest.moon(), side == 1 ? consequence.half() : rest.sun(), List.copyOf(inTheAir),
                rest.commands(), rest.faults());
        arrive(trail, next, halves.get(half).name() + ": " + label);
    }

    private void arrive(Trail trail, State next, String what) {
        if (met.add(next)) {
            open.add(new Trail(trail, next, what));
        }
    }

    private Consequence consequence(Cause cause, int side, Function<Half, Half.Outcomes> what) {
        Consequence before = known.get(cause);
        if (before != null) {
            return before;
        }
        try {
            Consequence fresh = consequence(side, what.apply(halves.get(cause.half())));
            known.put(cause, fresh);
            return fresh;
        } catch (AssertionError failure) {
            throw new AssertionError(cause.input() + ": " + failure.getMessage(), failure);
        }
    }

    private Consequence consequence(int side, Half.Outcomes outcomes) {
        List<Integer> sent = new ArrayList<>();
        for (Bytes datagram : outcomes.sent()) {
            Flight flight = new Flight(1 - side, datagram);
            sent.add(flightByContent.computeIfAbsent(flight, fresh -> {
                flights.add(fresh);
                return flights.size() - 1;
            }));
        }
        return new Consequence(intern(outcomes.next()), List.copyOf(sent), outcomes.story());
    }

    private int intern(Half half) {
        return halfByName.computeIfAbsent(half.name() + half.fingerprint(), fresh -> {
            halves.add(half);
            return halves.size() - 1;
        });
    }

    // ---- for people

    private static String describe(Bytes datagram) {
        Header header = Header.peek(datagram);
        return (header.response() ? "response " : "request ") + header.messageId() + " of exchange " + header.exchange() + " under "
                + "%016x".formatted(header.initiatorSpi());
    }

    private String tell(Trail last) {
        List<String> lines = new ArrayList<>();
        for (@Nullable Trail trail = last; trail != null; trail = trail.before()) {
            List<String> story = new ArrayList<>();
            Trail before = trail.before();
            if (before != null) {
                String label = trail.what().substring(trail.what().indexOf(": ") + 2);
                for (int half : List.of(before.state().moon(), before.state().sun())) {
                    Consequence known = this.known.get(new Cause(half, label));
                    if (known != null && (known.half() == trail.state().moon() || known.half() == trail.state().sun())) {
                        known.story().forEach(line -> story.add("\n      " + line));
                    }
                }
            }
            lines.add(trail.what() + String.join("", story));
        }
        Collections.reverse(lines);
        return String.join("\n  ", lines) + "\nmoon: " + children(last.state().moon()) + "\nsun: " + children(last.state().sun());
    }

    private String children(int half) {
        Half value = halves.get(half);
        return value.session().phase().label() + " " + value.session().children().stream()
                .map(child -> child.name() + " " + child.inbound() + " " + child.outbound() + " " + child.state()).toList()
                + " tasks " + value.session().tasks() + " " + value.session().delayed();
    }
}
