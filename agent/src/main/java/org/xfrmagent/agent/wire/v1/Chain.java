package org.xfrmagent.agent.wire.v1;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.xfrmagent.agent.bytes.Bytes;

/** Payloads as they stood in a message, with the octets that hashes cover. Padding behind the last one is not among them. */
public record Chain(List<Link> links) {
    /** {@code octets}: the payload with its generic header, as received. */
    public record Link(Payload payload, Bytes octets) {
        /** What follows the generic header, as received: reserved fields may be other than we would write them. */
        public Bytes body() {
            return octets.from(Payload.GENERIC_HEADER_LENGTH);
        }
    }

    public Chain {
        links = List.copyOf(links);
    }

    public List<Payload> payloads() {
        return links.stream().map(Link::payload).toList();
    }

    /** The first payload of a kind, if there is one. */
    public <T extends Payload> Optional<T> first(Class<T> kind) {
        return links.stream().map(Link::payload).filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /** All payloads of a kind, in order. */
    public <T extends Payload> List<T> all(Class<T> kind) {
        return links.stream().map(Link::payload).filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The body of the first payload of a kind, as received. */
    public Optional<Bytes> bodyOf(Class<? extends Payload> kind) {
        return links.stream().filter(link -> kind.isInstance(link.payload())).map(Link::body).findFirst();
    }

    /** The first notification of a type, if there is one. */
    public Optional<NotificationPayload> notification(NotifyType type) {
        return all(NotificationPayload.class).stream().filter(notification -> notification.is(type)).findFirst();
    }

    /** Everything after the first payload: what HASH(1) and HASH(2) cover when that is their HASH (RFC 2409, section 5.5). */
    public Bytes afterFirst() {
        return Bytes.concat(links.stream().skip(1).map(Link::octets).toArray(Bytes[]::new));
    }

    /** As the RFC's diagrams write it, such as {@code SA, VID, VID}. */
    public String summary() {
        return links.stream().map(link -> PayloadType.notationOf(link.payload().typeNumber())).collect(Collectors.joining(", "));
    }
}
