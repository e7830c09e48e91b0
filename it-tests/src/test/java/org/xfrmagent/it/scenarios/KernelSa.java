package org.xfrmagent.it.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * An SA as {@code ip xfrm state} shows it, keys included: what was really negotiated, by the kernel's own account.
 *
 * @param source outer address
 * @param destination outer address
 */
record KernelSa(String source, String destination, int spi, boolean esn, SaKeys keys) {
    private static final Pattern SA = Pattern.compile("src (\\S+) dst (\\S+)\\s+proto esp spi 0x([0-9a-f]+) .*?(?=\\nsrc |\\z)", Pattern.DOTALL);
    private static final Pattern AEAD = Pattern.compile("aead (\\S+) 0x([0-9a-f]*) (\\d+)");
    private static final Pattern CIPHER = Pattern.compile("\\benc (\\S+)(?: 0x([0-9a-f]*))?");
    private static final Pattern MAC = Pattern.compile("auth-trunc (\\S+) 0x([0-9a-f]*) (\\d+)");

    /** The ESP SAs of a host; larval ones, which have no keys yet, are left out. */
    static List<KernelSa> on(Host host) {
        List<KernelSa> found = new ArrayList<>();
        Matcher sa = SA.matcher(host.shell("ip xfrm state list"));
        while (sa.find()) {
            String text = sa.group();
            int spi = Integer.parseUnsignedInt(sa.group(3), 16);
            boolean esn = Pattern.compile("flag .*\\besn\\b").matcher(text).find();
            keys(text).ifPresent(keys -> found.add(new KernelSa(sa.group(1), sa.group(2), spi, esn, keys)));
        }
        return found;
    }

    /** Whether the host has an SA with this MAC cut to so many bits, which no row of the table has to know. */
    static boolean isTruncated(Host host, String mac, int bits) {
        Matcher found = MAC.matcher(host.shell("ip xfrm state list"));
        return found.find() && found.group(1).equals(mac) && Integer.parseInt(found.group(3)) == bits;
    }

    private static Optional<SaKeys> keys(String text) {
        Matcher aead = AEAD.matcher(text);
        if (aead.find()) {
            Bytes key = Bytes.hex(aead.group(2));
            return Optional.of(new SaKeys.Aead(row(TransformType.ENCR, aead.group(1), key.length(), aead.group(3)), Secret.copyOf(key)));
        }
        Matcher cipher = CIPHER.matcher(text);
        Matcher mac = MAC.matcher(text);
        if (cipher.find() && mac.find()) {
            Bytes cipherKey = Bytes.hex(Optional.ofNullable(cipher.group(2)).orElse(""));
            Bytes macKey = Bytes.hex(mac.group(2));
            return Optional.of(new SaKeys.CipherAndMac(
                    row(TransformType.ENCR, cipher.group(1), cipherKey.length(), "0"), Secret.copyOf(cipherKey),
                    row(TransformType.INTEG, mac.group(1), macKey.length(), mac.group(3)), Secret.copyOf(macKey)));
        }
        return Optional.empty();
    }

    private static Algorithm row(TransformType type, String kernelName, int keyOctets, String icvBits) {
        return Algorithms.all().stream()
                .filter(row -> row.type() == type)
                .filter(row -> row.kernel().filter(kernel -> kernel.name().equals(kernelName)).isPresent())
                .filter(row -> row.keyMaterialBytes() == keyOctets && row.icvBytes() * 8 == Integer.parseInt(icvBits))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the kernel uses " + kernelName + " with " + keyOctets + " octets of key and " + icvBits
                        + " bits of ICV, and the table of algorithms has no such row"));
    }
}
