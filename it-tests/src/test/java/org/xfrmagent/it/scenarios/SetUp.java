package org.xfrmagent.it.scenarios;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.SwanctlConf;

/**
 * A set-up of charon's at the host moon, and the charon at sun that it talks with. Each has a pair of addresses and of identities of its own,
 * so that all of them stand side by side in one pair of daemons.
 *
 * @param number moon has the addresses 192.0.2.NUMBER and 2001:db8::NUMBER, sun those with 100 (hexadecimal in IPv6) more; its networks
 *     are within 10.1.NUMBER.0/24 and 10.2.NUMBER.0/24, and those with 100 and 200 more
 * @param language of {@code original}: swanctl.conf(5), the content of its section connections, or ipsec.conf(5)
 * @param needs whether a userspace plane of charon's can do it, which has ESP in tunnel mode only, and no marks
 * @param begins who brings up the children, in their order
 * @param children what comes up
 * @param original what is converted
 * @param peer sun's connection in swanctl.conf's words
 */
record SetUp(int number, String kind, Language language, Needs needs, Begins begins, List<String> children, String original, String peer) {
    enum Language {
        SWANCTL,
        IPSEC
    }

    enum Needs {
        ANY_PLANE,
        KERNEL
    }

    enum Begins {
        MOON_BY_COMMAND,
        MOON_BY_ITSELF,
        SUN_BY_COMMAND
    }

    private static final String SECRET = "a shared secret that only these two gateways of the lab know";

    boolean runsOn(Plane plane) {
        return needs == Needs.ANY_PLANE || plane == Plane.KERNEL;
    }

    /** A connection between the addresses and identities of a number; {@code more} has its options and children. */
    static String connection(int number, boolean atMoon, String name, String more) {
        SwanctlConf.End moon = new SwanctlConf.End("192.0.2." + number, id(number, true));
        SwanctlConf.End sun = new SwanctlConf.End("192.0.2." + (100 + number), id(number, false));
        return SwanctlConf.connection(name, atMoon ? moon : sun, atMoon ? sun : moon, more);
    }

    private static String id(int number, boolean ofMoon) {
        return (ofMoon ? "moon-" : "sun-") + number + ".lab";
    }

    /** In swanctl.conf's words; {@code original} and {@code peer} are what follows addresses and identities. */
    static SetUp swanctl(int number, String name, Needs needs, Begins begins, List<String> children, String original, String peer) {
        return new SetUp(number, name, Language.SWANCTL, needs, begins, children, connection(number, true, name, original), connection(number, false, name, peer));
    }

    /** In ipsec.conf's words; {@code original} is what follows addresses and identities. */
    static SetUp ipsec(int number, String name, Needs needs, String original, String peer) {
        String conn = """
                conn %s
                  left=192.0.2.%d
                  leftid=@moon-%2$d.lab
                  right=192.0.2.1%2$02d
                  rightid=@sun-%2$d.lab
                  also=common
                """.formatted(name, number) + original.indent(2);
        return new SetUp(number, name, Language.IPSEC, needs, Begins.MOON_BY_COMMAND, List.of(name), conn, connection(number, false, name, peer));
    }

    /** moon's swanctl.conf. */
    static String swanctlConf(List<SetUp> all) {
        List<SetUp> mine = all.stream().filter(each -> each.language == Language.SWANCTL).toList();
        return SwanctlConf.of(mine.stream().map(SetUp::original).toList(), secrets(mine));
    }

    /** moon's ipsec.conf. */
    static String ipsecConf(List<SetUp> all) {
        return """
                config setup
                  uniqueids=no
                conn %default
                  keyexchange=ikev2
                  authby=secret
                conn common
                  ikelifetime=8h
                  lifetime=2h
                  margintime=10m
                  rekeyfuzz=0%
                """ + all.stream().filter(each -> each.language == Language.IPSEC).map(SetUp::original).collect(Collectors.joining());
    }

    /** moon's ipsec.secrets. */
    static String ipsecSecrets(List<SetUp> all) {
        return all.stream().filter(each -> each.language == Language.IPSEC)
                .map(each -> "@%s @%s : PSK \"%s\"\n".formatted(id(each.number, true), id(each.number, false), SECRET))
                .collect(Collectors.joining());
    }

    /** sun's swanctl.conf. */
    static String peers(List<SetUp> all) {
        return SwanctlConf.of(all.stream().map(SetUp::peer).toList(), secrets(all));
    }

    private static List<String> secrets(List<SetUp> all) {
        return all.stream().map(each -> SwanctlConf.secret(Integer.toString(each.number), List.of(id(each.number, true), id(each.number, false)), SECRET)).toList();
    }

    static List<SetUp> all() {
        return Stream.concat(SwanctlSetUps.all().stream(), IpsecSetUps.all().stream()).toList();
    }
}
