package org.xfrmagent.policies.convert;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/**
 * An option and what becomes of it.
 *
 * @param with what stands in its section with it
 * @param without and without it
 * @param because of a {@link Fate#VOID} one: what becomes of it
 */
record SwanctlOption(String option, Fate fate, Place place, String with, String without, String because) {
    /** What becomes of an option. */
    enum Fate {
        /** It is in the policies. */
        HONOURED,
        /** It is accepted, and a note says what the agent does nearly or instead. */
        NOTED,
        /** It is refused by its name. */
        REFUSED,
        /** It is refused along with its section, by the section's name. */
        LEFT_OUT,
        /** It asks for what is so anyway, or about what there is not: the row says which. */
        VOID
    }

    /** Where an option makes sense. */
    enum Place {
        V2("version = 2", "psk", ""),
        V1("version = 1", "psk", ""),
        /** Both sides sign. */
        SIGNED("version = 2", "pubkey", ""),
        /** A gateway that gives its users addresses. */
        USERS("version = 1", "psk", "remote-user { auth = xauth }");

        private final String version;
        private final String auth;
        private final String user;

        Place(String version, String auth, String user) {
            this.version = version;
            this.auth = auth;
            this.user = user;
        }

        /** A swanctl.conf with the options given, of the connection and of its sections; a section that stands alone is there if it has any. */
        private String text(String connection, String local, String remote, String child, String pool, String alone) {
            return """
                    connections {
                      c {
                        %s
                        local_addrs = 192.0.2.1
                        remote_addrs = 192.0.2.2
                        %s
                        local { auth = %s
                                %s }
                        remote { auth = %s
                                 %s }
                        %s
                        children { net { local_ts = 10.1.0.0/16
                                         remote_ts = 10.2.0.0/16
                                         %s } }
                      }
                    }
                    pools { p { addrs = 10.3.0.0/24
                                %s } }
                    %s
                    """.formatted(version, connection, auth, local, auth, remote, user, child, pool, alone);
        }
    }

    SwanctlOption(String option, Fate fate, String value, Place place) {
        this(option, fate, place, key(option) + " = " + value, "", "");
    }

    static String key(String option) {
        return option.substring(option.lastIndexOf('.') + 1).replace("<suffix>", "1");
    }

    /** The set-up with this option, or without, and with what is {@code beside} the file. */
    Converted converted(boolean asked, Path beside) throws IOException {
        String lines = asked ? with : without;
        String text = option.contains(".children.") ? place.text("", "", "", lines, "", "")
                : option.contains(".local<suffix>.") ? place.text("", lines, "", "", "", "")
                : option.contains(".remote<suffix>.") ? place.text("", "", lines, "", "", "")
                : option.startsWith("pools.") ? place.text("", "", "", "", lines, "")
                : option.startsWith("connections.") ? place.text(lines, "", "", "", "", "")
                : place.text("", "", "", "", "", alone(lines));
        return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text), (_, _) -> List.of()),
                CredentialFolders.of(beside, _ -> Optional.of("dn:C=CH, O=Example, CN=Root")));
    }

    /** {@code secrets { ike { … } }} */
    private String alone(String lines) {
        String[] path = option.replace("<suffix>", "").replace("<name>", "p").split("\\.");
        return lines.isEmpty() ? "" : path[0] + " { " + path[1] + " {\n" + lines + "\n} }";
    }

    @Override
    public String toString() {
        return option + ": " + fate;
    }
}
