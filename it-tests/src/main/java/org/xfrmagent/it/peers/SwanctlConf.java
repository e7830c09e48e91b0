package org.xfrmagent.it.peers;

import java.util.List;
import java.util.stream.Collectors;

/** swanctl.conf(5) of peers with pre-shared keys. */
public final class SwanctlConf {
    private SwanctlConf() {}

    /** Where an end is, and who. */
    public record End(String address, String id) {}

    /** @param more its other options, and its {@link #children} */
    public static String connection(String name, End local, End remote, String more) {
        return """
                %s {
                  local_addrs = %s
                  remote_addrs = %s
                  local {
                    auth = psk
                    id = %s
                  }
                  remote {
                    auth = psk
                    id = %s
                  }
                %s}
                """.formatted(name, local.address, remote.address, local.id, remote.id, more.indent(2));
    }

    public static String children(List<String> children) {
        return section("children", children);
    }

    /** @param options lines */
    public static String child(String name, String options) {
        return section(name, List.of(options));
    }

    /** The section of one pool of addresses. */
    public static String pools(String name, String options) {
        return section("pools", List.of(section(name, List.of(options))));
    }

    /** A pre-shared key of all who have one of these identities. */
    public static String secret(String name, List<String> ids, String secret) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < ids.size(); i++) {
            lines.append("id-").append(i + 1).append(" = ").append(ids.get(i)).append('\n');
        }
        return section("ike-" + name, List.of(lines + "secret = \"" + secret + "\"\n"));
    }

    /** The whole file. */
    public static String of(List<String> connections, List<String> secrets) {
        return section("connections", connections) + section("secrets", secrets);
    }

    private static String section(String name, List<String> content) {
        return content.stream().map(each -> each.indent(2)).collect(Collectors.joining("", name + " {\n", "}\n"));
    }
}
