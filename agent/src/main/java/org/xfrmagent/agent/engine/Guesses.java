package org.xfrmagent.agent.engine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Neighbours.Barred;

/**
 * Wrong passwords by where they came from, whatever sessions they came in. A user is barred from an address, and from nowhere else; an
 * address, when it tries one user after the other. Each wrong one is forgotten after {@link #MEMORY_MILLIS}, and while somebody is barred
 * nothing is compared and nothing counted: so nobody is barred for ever, and nobody can bar another's address.
 */
final class Guesses {
    /** Wrong passwords of one user from one address. */
    static final int OF_USER = 6;

    /** Of all users from one address. */
    static final int OF_ADDRESS = 30;

    static final long MEMORY_MILLIS = 600_000;

    /** Those that guessed least lately are forgotten first. */
    private static final int ADDRESSES = 4_096;

    /** One who has a network to himself has all of its addresses. */
    private static final int NETWORK_OCTETS_V6 = 8;

    private record Wrong(String user, long at) {}

    private final Map<Bytes, Deque<Wrong>> byAddress = new LinkedHashMap<>();

    void wrong(InetAddress from, String user, long now) {
        Deque<Wrong> guesses = Optional.ofNullable(byAddress.remove(key(from))).orElseGet(ArrayDeque::new);
        forget(guesses, now);
        if (guesses.size() == OF_ADDRESS) {
            guesses.removeFirst();
        }
        guesses.add(new Wrong(user, now));
        byAddress.put(key(from), guesses);
        if (byAddress.size() > ADDRESSES) {
            byAddress.remove(byAddress.keySet().iterator().next());
        }
    }

    /** The user knows it: typing it wrong before was no guessing. */
    void right(InetAddress from, String user) {
        Optional.ofNullable(byAddress.get(key(from))).ifPresent(guesses -> guesses.removeIf(guess -> guess.user.equals(user)));
    }

    Barred barred(InetAddress from, long now) {
        Deque<Wrong> guesses = byAddress.get(key(from));
        if (guesses == null) {
            return Barred.NOBODY;
        }
        forget(guesses, now);
        if (guesses.isEmpty()) {
            byAddress.remove(key(from));
        }
        Map<String, Integer> counts = new HashMap<>();
        guesses.forEach(guess -> counts.merge(guess.user, 1, Integer::sum));
        Set<String> users = new HashSet<>();
        counts.forEach((user, count) -> {
            if (count >= OF_USER) {
                users.add(user);
            }
        });
        return new Barred(guesses.size() >= OF_ADDRESS, users);
    }

    private static void forget(Deque<Wrong> guesses, long now) {
        guesses.removeIf(guess -> guess.at + MEMORY_MILLIS <= now);
    }

    private static Bytes key(InetAddress from) {
        byte[] octets = from.getAddress();
        return from instanceof Inet4Address ? Bytes.of(octets) : Bytes.wrap(Arrays.copyOf(octets, NETWORK_OCTETS_V6));
    }
}
