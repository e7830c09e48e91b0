package org.xfrmagent.it.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.it.netns.Host;

/**
 * What has gone through an SA by the kernel's own count: for daemons that do not say it, or round it.
 *
 * @param encap whether ESP goes in UDP
 */
record KernelCounters(boolean encap, long bytes, long packets) {
    static final KernelCounters NONE = new KernelCounters(false, 0, 0);

    private static final Pattern SA = Pattern.compile("proto (?:esp|ah) spi 0x([0-9a-f]{8}).*?(?=\\nsrc |\\z)", Pattern.DOTALL);
    private static final Pattern CURRENT = Pattern.compile("lifetime current:\\s+(\\d+)\\(bytes\\), (\\d+)\\(packets\\)");

    /** The SAs of a host by their SPI, eight hexadecimal digits. */
    static Map<String, KernelCounters> on(Host host) {
        Map<String, KernelCounters> counters = new HashMap<>();
        Matcher sa = SA.matcher(host.shell("ip -s xfrm state list nokeys"));
        while (sa.find()) {
            Matcher current = CURRENT.matcher(sa.group());
            if (current.find()) {
                counters.put(sa.group(1), new KernelCounters(sa.group().contains("encap type"), Long.parseLong(current.group(1)),
                        Long.parseLong(current.group(2))));
            }
        }
        return counters;
    }
}
