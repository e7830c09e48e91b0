package org.xfrmagent.agent.dataplane.user;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Mode;

/** Reads {@code kernel-packets/packets.txt}: what Linux sent, with the keys it was told. */
final class KernelPackets {
    /** One direction of one case; each packet begins with its IP header. */
    record Case(String name, Protocol protocol, Mode mode, OptionalInt sequenceHigh, int spi, SaKeys keys, List<Bytes> packets) {
        @Override
        public String toString() {
            return "%s 0x%x".formatted(name, spi);
        }
    }

    private KernelPackets() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        InputStream file = KernelPackets.class.getResourceAsStream("/kernel-packets/packets.txt");
        if (file == null) {
            throw new IllegalStateException("kernel-packets/packets.txt is not on the class path");
        }
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                if (line.startsWith("case ")) {
                    cases.add(header(line.split(" +")));
                } else {
                    cases.getLast().packets.add(Bytes.hex(line));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases;
    }

    /** {@code case NAME esp|ah tunnel|transport high=N|- spi=HEX} and the words of {@code ip xfrm state}. */
    private static Case header(String... words) {
        String high = words[4].substring("high=".length());
        return new Case(
                words[1],
                words[2].equals("esp") ? Protocol.ESP : Protocol.AH,
                words[3].equals("tunnel") ? Mode.TUNNEL : Mode.TRANSPORT,
                high.equals("-") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(high)),
                Integer.parseUnsignedInt(words[5].substring("spi=".length()), 16),
                keys(List.of(words).subList(6, words.length)),
                new ArrayList<>());
    }

    private static SaKeys keys(List<String> words) {
        return switch (words.getFirst()) {
            case "aead" -> {
                Bytes key = key(words.get(2));
                yield new SaKeys.Aead(row(words.get(1), key, Integer.parseInt(words.get(3))), Secret.copyOf(key));
            }
            case "auth-trunc" -> {
                Bytes key = key(words.get(2));
                yield new SaKeys.MacOnly(row(words.get(1), key, Integer.parseInt(words.get(3))), Secret.copyOf(key));
            }
            case "enc" -> {
                int mac = words.indexOf("auth-trunc");
                Bytes key = mac == 3 ? key(words.get(2)) : Bytes.empty();
                SaKeys.MacOnly rest = (SaKeys.MacOnly) keys(words.subList(mac, words.size()));
                yield new SaKeys.CipherAndMac(row(words.get(1), key, 0), Secret.copyOf(key), rest.mac(), rest.key());
            }
            default -> throw new IllegalStateException("no keys in " + words);
        };
    }

    private static Bytes key(String hex) {
        return Bytes.hex(hex.substring(2));
    }

    private static Algorithm row(String kernelName, Bytes key, int bits) {
        Predicate<Algorithm> fits = row -> row.type() != TransformType.PRF
                && row.kernel().filter(kernel -> kernel.name().equals(kernelName) && kernel.truncationBits() == bits).isPresent()
                && row.keyMaterialBytes() == key.length();
        return Algorithms.all().stream().filter(fits).findFirst().orElseThrow(() -> new IllegalStateException(
                "no row for " + kernelName + " with " + key.length() + " octets and " + bits + " bits"));
    }
}
