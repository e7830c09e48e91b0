package org.xfrmagent.policies.convert;

import static org.xfrmagent.policies.convert.IpsecConversion.child;
import static org.xfrmagent.policies.convert.IpsecConversion.set;
import static org.xfrmagent.policies.convert.IpsecConversion.take;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.convert.Settings.Value;

/** The addresses inside of a conn's tunnels: {@code leftsourceip} asks for some, {@code rightsourceip} is a pool that gives them. */
final class IpsecAddresses {
    /** Words for an address of the family that the tunnel has. */
    private static final String ANY = "%config|%cfg|%modeconfig|%modecfg";

    private IpsecAddresses() {}

    /** @param root where pools are: conns with the same addresses share one */
    static void write(String conn, Map<String, Value> left, Settings to, Settings root) {
        boolean gives = pools(conn, left, to, root);
        if (!gives) {
            take(left, "leftsourceip").ifPresent(asked -> set(to, "vips", String.join(",", Options.parts(asked.text()).stream()
                    .map(one -> wanted(one, to)).toList()), asked.at()));
        }
        Optional.ofNullable(left.get("modeconfig")).filter(word -> word.text().matches("push|pull")).ifPresent(word -> {
            left.remove("modeconfig");
            set(to, "pull", word.text().equals("pull") ? "yes" : "no", word.at());
        });
    }

    private static String wanted(String word, Settings to) {
        boolean v6 = to.value("remote_addrs").filter(address -> address.text().contains(":")).isPresent();
        return word.matches(ANY) ? v6 ? "%any6" : "%any4" : word.equals("%config4") ? "%any4" : word.equals("%config6") ? "%any6" : word;
    }

    /** What is not of addresses, such as %dhcp or the name of a pool in a database, has no equal and stays. */
    private static boolean pools(String conn, Map<String, Value> left, Settings to, Settings root) {
        Optional<Value> given = Optional.ofNullable(left.get("rightsourceip")).filter(value -> !value.text().contains("%"));
        if (given.isEmpty()) {
            return false;
        }
        left.remove("rightsourceip");
        Optional<Value> dns = take(left, "rightdns");
        List<String> names = new ArrayList<>();
        for (String addresses : Options.parts(given.get().text())) {
            Map<String, Settings> pools = child(root, "pools", root.at()).sections();
            String name = pools.entrySet().stream()
                    .filter(pool -> pool.getValue().value("addrs").map(Value::text).filter(addresses::equals).isPresent())
                    .map(Map.Entry::getKey).findFirst()
                    .orElseGet(() -> names.isEmpty() ? conn : conn + "-" + (names.size() + 1));
            Settings pool = pools.computeIfAbsent(name, _ -> Settings.open(given.get().at()));
            set(pool, "addrs", addresses, given.get().at());
            if (names.isEmpty()) {
                dns.ifPresent(servers -> pool.values().putIfAbsent("dns", servers));
            }
            names.add(name);
        }
        set(to, "pools", String.join(",", names), given.get().at());
        return true;
    }
}
