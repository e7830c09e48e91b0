package org.xfrmagent.agent.sim;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings;

/**
 * What a session's being plain data is good for: any session can be copied with secrets of its own, searched for the secrets it
 * holds, and named by its content. It knows records, collections, optionals and secrets; anything else is a leaf. Whether a part is
 * shared or was copied is a question of identity, not of equality: a copied secret equals the one before.
 */
@SuppressWarnings("ReferenceEquality")
final class Records {
    private record Shape(List<RecordComponent> components, Constructor<?> constructor) {}

    private static final Map<Class<?>, Shape> SHAPES = new ConcurrentHashMap<>();

    /** Configuration: the same in every state, and no secret in it that is the session's to wipe. */
    private static boolean constant(Record record) {
        return record instanceof ChildProfile
                || record instanceof Credentials
                || record.getClass().getPackageName().startsWith("org.xfrmagent.policies");
    }

    /** When something happened or is due: two states that differ in nothing else have the same future. */
    private static final Set<String> TIMES = Set.of(
            "Session.lastHeard", "Session.lastSent", "ChildSa.since", "Outstanding.nextAt", "Established.since", "Retired.deadline",
            "Delayed.at");

    private Records() {}

    private static Shape shape(Class<?> type) {
        return SHAPES.computeIfAbsent(type, record -> {
            RecordComponent[] components = record.getRecordComponents();
            try {
                Constructor<?> constructor = record.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
                constructor.setAccessible(true);
                Arrays.stream(components).forEach(component -> component.getAccessor().setAccessible(true));
                return new Shape(List.of(components), constructor);
            } catch (NoSuchMethodException impossible) {
                throw new LinkageError("a record without its own accessors", impossible);
            }
        });
    }

    private static Object get(Object record, RecordComponent component) {
        try {
            return Objects.requireNonNull(component.getAccessor().invoke(record), component.getName());
        } catch (IllegalAccessException | InvocationTargetException impossible) {
            throw new LinkageError("a record without its own accessors", impossible);
        }
    }

    // ---- copies

    /** The same value with secrets of its own: a step may wipe the copy's. What holds no secret is shared. */
    static <T> T copy(T value) {
        @SuppressWarnings("unchecked") // copyOf gives the class that it was given
        T copied = (T) copyOf(value);
        return copied;
    }

    private static Object copyOf(Object value) {
        return switch (value) {
            case Secret secret -> secret.isWiped() ? secret : Secret.take(secret.copy());
            case Optional<?> optional -> optional.isPresent() ? changed(optional.get(), copyOf(optional.get()), optional) : optional;
            case List<?> list -> {
                List<Object> copies = new ArrayList<>();
                boolean same = true;
                for (Object element : list) {
                    Object copied = copyOf(element);
                    same &= copied == element;
                    copies.add(copied);
                }
                yield same ? list : List.copyOf(copies);
            }
            case Map<?, ?> map -> {
                Map<Object, Object> copies = new HashMap<>();
                map.forEach((key, element) -> copies.put(key, copyOf(element)));
                yield Map.copyOf(copies);
            }
            case Record record when !constant(record) -> copyOf(record);
            default -> value;
        };
    }

    private static Object changed(Object before, Object after, Object whole) {
        return before == after ? whole : Optional.of(after);
    }

    private static Object copyOf(Record record) {
        Shape shape = shape(record.getClass());
        Object[] copies = new Object[shape.components().size()];
        boolean same = true;
        for (int i = 0; i < copies.length; i++) {
            Object before = get(record, shape.components().get(i));
            copies[i] = copyOf(before);
            same &= copies[i] == before;
        }
        try {
            return same ? record : shape.constructor().newInstance(copies);
        } catch (InstantiationException | IllegalAccessException | InvocationTargetException impossible) {
            throw new LinkageError("a record without its own accessors", impossible);
        }
    }

    // ---- secrets

    /** The secrets that {@code value} holds, by identity. */
    static Set<Secret> secrets(Object value) {
        Set<Secret> found = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(value, found);
        return found;
    }

    private static void collect(Object value, Set<Secret> found) {
        switch (value) {
            case Secret secret -> found.add(secret);
            case Optional<?> optional -> optional.ifPresent(element -> collect(element, found));
            case Collection<?> all -> all.forEach(element -> collect(element, found));
            case Map<?, ?> map -> map.values().forEach(element -> collect(element, found));
            case Record record when !constant(record) ->
                shape(record.getClass()).components().forEach(component -> collect(get(record, component), found));
            default -> {}
        }
    }

    // ---- names

    /** Names a value by its content, times left out. */
    static String fingerprint(Object... values) {
        StringBuilder text = new StringBuilder(4096);
        for (Object value : values) {
            write(value, text);
            text.append('\n');
        }
        return HexFormat.of().formatHex(sha256(text.toString()), 0, 16);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new LinkageError("a record without its own accessors", impossible);
        }
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case Secret secret -> out.append(secret.isWiped() ? "wiped" : secret.with(octets -> HexFormat.of().formatHex(octets)));
            case Optional<?> optional -> optional.ifPresentOrElse(element -> write(element, out), () -> out.append('-'));
            case List<?> list -> {
                out.append('[');
                list.forEach(element -> {
                    write(element, out);
                    out.append(',');
                });
                out.append(']');
            }
            case Set<?> set -> {
                Set<String> sorted = new TreeSet<>();
                set.forEach(element -> sorted.add(text(element)));
                out.append(sorted);
            }
            case Map<?, ?> map -> {
                Map<String, String> sorted = new TreeMap<>();
                map.forEach((key, element) -> sorted.put(text(key), text(element)));
                out.append(sorted);
            }
            case Profile profile -> out.append(profile.name());
            case ChildProfile profile -> out.append(profile.name());
            case Settings _ -> {}
            case Record record when constant(record) -> out.append(record);
            case Record record -> {
                String name = record.getClass().getSimpleName();
                out.append(name).append('(');
                for (RecordComponent component : shape(record.getClass()).components()) {
                    if (!TIMES.contains(name + "." + component.getName())) {
                        write(get(record, component), out);
                        out.append(';');
                    }
                }
                out.append(')');
            }
            default -> out.append(value);
        }
    }

    private static String text(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }
}
