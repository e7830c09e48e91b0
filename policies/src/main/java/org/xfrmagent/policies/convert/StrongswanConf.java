package org.xfrmagent.policies.convert;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a strongswan.conf(5) says that whoever replaces charon still needs. */
public final class StrongswanConf {
    /** The daemon's section, and before it the one of the service that swanctl speaks with. */
    private static final List<String> DAEMONS = List.of("charon-systemd", "charon");

    private StrongswanConf() {}

    /**
     * The libraries of tokens by their names, {@code charon.plugins.pkcs11.modules.<name>.path}.
     *
     * @throws UnreadableSettings with the place and the reason
     */
    public static Map<String, Path> modules(Settings root) {
        Map<String, Path> found = new LinkedHashMap<>();
        DAEMONS.forEach(daemon -> Optional.of(root)
                .flatMap(all -> all.section(daemon))
                .flatMap(charon -> charon.section("plugins"))
                .flatMap(plugins -> plugins.section("pkcs11"))
                .flatMap(pkcs11 -> pkcs11.section("modules"))
                .map(Settings::sections).orElse(Map.of())
                .forEach((name, module) -> module.value("path").filter(path -> path.text().startsWith("/"))
                        .ifPresent(path -> found.putIfAbsent(name, Path.of(path.text())))));
        return found;
    }
}
