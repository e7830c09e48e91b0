package org.xfrmagent.it.peers;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.it.netns.Host;

/** ike-scan: a stranger who asks with IKEv1 what a gateway has. */
public final class IkeScan {
    private final Host host;

    public IkeScan(Host host) {
        this.host = host;
        host.lay(Unpacked.of("ike-scan"));
    }

    /** What it prints about {@code gateway}, asked with its own options. */
    public String ask(String gateway, String... options) {
        List<String> line = new ArrayList<>(List.of("ike-scan", "--retry=2", "--timeout=1000", "--multiline"));
        line.addAll(List.of(options));
        line.add(gateway);
        return host.run(line.toArray(String[]::new)).orFail().out();
    }
}
