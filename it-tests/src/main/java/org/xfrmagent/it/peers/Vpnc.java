package org.xfrmagent.it.peers;

import java.util.Map;
import java.util.stream.Collectors;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;

/**
 * vpnc: a client for one user, with aggressive mode, XAUTH and Mode Config. It does ESP by itself, in user space. What it is told goes
 * to its script, which here sets the address and the routes and keeps the rest for whoever looks.
 */
public final class Vpnc implements AutoCloseable {
    private static final String CONFIGURATION = "/etc/vpnc/lab.conf";
    private static final String SCRIPT = "/etc/vpnc/lab-script";
    private static final String TOLD = "/run/vpnc.told";

    private final Host host;
    private final Running vpnc;

    private Vpnc(Host host, Running vpnc) {
        this.host = host;
        this.vpnc = vpnc;
    }

    /** Starts it in the foreground; it asks nobody anything. */
    public static Vpnc start(Host host, String gateway, String group, String groupSecret, String user, String password) {
        host.lay(Unpacked.of("vpnc"));
        host.write(CONFIGURATION, """
                IPSec gateway %s
                IPSec ID %s
                IPSec secret %s
                Xauth username %s
                Xauth password %s
                IKE DH Group dh14
                Perfect Forward Secrecy nopfs
                Script sh %s
                Noninteractive
                No Detach
                Debug 2
                """.formatted(gateway, group, groupSecret, user, password, SCRIPT));
        host.write(SCRIPT, """
                [ "$reason" = connect ] || exit 0
                ip link set dev "$TUNDEV" mtu 1300 up
                ip address add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
                i=0
                while [ $i -lt "${CISCO_SPLIT_INC:-0}" ]; do
                  eval "ip route add \\$CISCO_SPLIT_INC_${i}_ADDR/\\$CISCO_SPLIT_INC_${i}_MASKLEN dev $TUNDEV src $INTERNAL_IP4_ADDRESS"
                  i=$((i + 1))
                done
                env >%1$s.new
                mv %1$s.new %1$s
                """.formatted(TOLD));
        host.shell("rm -f " + TOLD);
        return new Vpnc(host, host.start("vpnc", CONFIGURATION));
    }

    /** Waits until it is connected. The variables of its script. */
    public Map<String, String> awaitConnected() {
        Await.until("vpnc on " + host + " is connected", Await.SOON, () -> !vpnc.isAlive() || !told().isEmpty(), vpnc::output);
        if (!vpnc.isAlive()) {
            throw new AssertionError("vpnc on " + host + " has ended:\n" + vpnc.output());
        }
        return told().lines()
                .filter(line -> line.indexOf('=') > 0)
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1), (a, b) -> a));
    }

    /** Its name and version. */
    public String version() {
        return host.run("vpnc", "--version").out().lines().findFirst().orElse("vpnc").replace("vpnc version", "vpnc").replaceFirst("\\+.*", "");
    }

    private String told() {
        return host.shell("cat " + TOLD + " 2>/dev/null || true");
    }

    /** Waits until it has ended by itself; what it has said. */
    public String awaitEnd() {
        vpnc.awaitExit(Await.SOON);
        return vpnc.output();
    }

    public String output() {
        return vpnc.output();
    }

    /** Ends it as a user does: it tells the gateway. */
    public void disconnect() {
        vpnc.interrupt();
        vpnc.awaitExit(Await.SOON);
    }

    @Override
    public void close() {
        vpnc.stop(Await.SOON);
    }
}
