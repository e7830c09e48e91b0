package org.xfrmagent.agent.control;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The body of a vici packet: named values, lists and sections in an order that matters. A name may come twice; the questions below
 * answer with its first.
 */
public record ViciMessage(List<Element> elements) {
    public static final ViciMessage EMPTY = new ViciMessage(List.of());

    public ViciMessage {
        elements = List.copyOf(elements);
    }

    /** One named thing. */
    public sealed interface Element {
        String name();
    }

    /** Text mostly; certificates and keys are octets. */
    public record Value(String name, Bytes octets) implements Element {
        public String text() {
            return textOf(octets);
        }
    }

    public record Items(String name, List<Bytes> octets) implements Element {
        public Items {
            octets = List.copyOf(octets);
        }

        public List<String> texts() {
            return octets.stream().map(ViciMessage::textOf).toList();
        }
    }

    public record Section(String name, ViciMessage content) implements Element {}

    static Bytes octetsOf(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String textOf(Bytes octets) {
        return new String(octets.toArray(), StandardCharsets.UTF_8);
    }

    public static ViciMessage of(Consumer<Builder> fill) {
        Elements message = new Elements(new ArrayList<>());
        fill.accept(message);
        return new ViciMessage(message.written);
    }

    public boolean isEmpty() {
        return elements.isEmpty();
    }

    public Optional<String> text(String name) {
        return all(Value.class).filter(value -> value.name().equals(name)).map(Value::text).findFirst();
    }

    /** A copy of the octets of a value. */
    public Optional<byte[]> octets(String name) {
        return all(Value.class).filter(value -> value.name().equals(name)).map(value -> value.octets().toArray()).findFirst();
    }

    /** vici's truth: "yes", and for the lenient clients "true", "enabled" and "1". */
    public boolean flag(String name) {
        return text(name).filter(word -> List.of("yes", "true", "enabled", "1").contains(word)).isPresent();
    }

    /** The list of that name; empty when there is none. */
    public List<String> texts(String name) {
        return all(Items.class).filter(items -> items.name().equals(name)).map(Items::texts).findFirst().orElse(List.of());
    }

    /** The section of that name; an empty message when there is none. */
    public ViciMessage section(String name) {
        return all(Section.class).filter(section -> section.name().equals(name)).map(Section::content).findFirst().orElse(EMPTY);
    }

    public List<Section> sections() {
        return all(Section.class).toList();
    }

    private <E extends Element> Stream<E> all(Class<E> kind) {
        return elements.stream().filter(kind::isInstance).map(kind::cast);
    }

    /** In one line, as {@code swanctl --raw} prints it. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        for (Element element : elements) {
            line.append(line.isEmpty() ? "" : " ").append(element.name());
            switch (element) {
                case Value value -> line.append('=').append(value.text());
                case Items items -> line.append("=[").append(String.join(" ", items.texts())).append(']');
                case Section section -> line.append(" {").append(section.content()).append('}');
            }
        }
        return line.toString();
    }

    /** Writes a message from top to bottom. */
    public interface Builder {
        Builder put(String name, Bytes octets);

        Builder list(String name, Collection<String> items);

        Builder section(String name, Consumer<Builder> fill);

        Builder add(Element element);

        /** A section of which most stays: who writes much may remember that. */
        default Builder framed(Framed section) {
            return section(section.name(), out -> {
                section.before(out);
                section.between(out);
                section.after(out);
            });
        }

        default Builder put(String name, String text) {
            return put(name, octetsOf(text));
        }

        default Builder put(String name, long number) {
            return put(name, Long.toString(number));
        }

        /** The same under a name that is written often. */
        default Builder put(Key key, long number) {
            return put(key.name, number);
        }

        default Builder put(String name, Optional<?> maybe) {
            maybe.ifPresent(value -> put(name, value.toString()));
            return this;
        }

        /** {@code name=yes}, or nothing at all. */
        default Builder flag(String name, boolean yes) {
            return yes ? put(name, "yes") : this;
        }

        default Builder section(String name, ViciMessage content) {
            return add(new Section(name, content));
        }

        default Builder addAll(ViciMessage other) {
            other.elements().forEach(this::add);
            return this;
        }
    }

    /** A section that changes between two parts that do not: its name and these parts say the same of the same object each time. */
    interface Framed {
        /** What it tells of. */
        Object of();

        String name();

        void before(Builder out);

        void between(Builder out);

        void after(Builder out);
    }

    /**
     * A name that is written often.
     *
     * @param start the octets in front of such an element's value
     */
    record Key(String name, Bytes start) {
        static Key of(String name) {
            return new Key(name, ViciCodec.start(name));
        }
    }

    private record Elements(List<Element> written) implements Builder {
        @Override
        public Builder put(String name, Bytes octets) {
            return add(new Value(name, octets));
        }

        @Override
        public Builder list(String name, Collection<String> items) {
            return add(new Items(name, items.stream().map(ViciMessage::octetsOf).toList()));
        }

        @Override
        public Builder section(String name, Consumer<Builder> fill) {
            return section(name, ViciMessage.of(fill));
        }

        @Override
        public Builder add(Element element) {
            written.add(element);
            return this;
        }
    }
}
