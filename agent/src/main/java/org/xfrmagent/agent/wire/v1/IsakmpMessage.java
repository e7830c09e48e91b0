package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.Bytes;

/** A message: its header, and payloads in the clear or what nobody can read yet. */
public record IsakmpMessage(IsakmpHeader header, Body body) {
    public sealed interface Body {}

    public record Clear(Chain chain) implements Body {}

    /** {@code octets}: payloads and padding, encrypted in CBC mode (RFC 2409, appendix B). */
    public record Encrypted(Bytes octets) implements Body {}

    /** {@code HDR, SA, VID} or {@code HDR*, ...} while it is encrypted. */
    public String summary() {
        return switch (body) {
            case Clear(Chain chain) -> chain.links().isEmpty() ? "HDR" : "HDR, " + chain.summary();
            case Encrypted _ -> "HDR*, ...";
        };
    }
}
