package org.xfrmagent.policies.convert;

import java.util.List;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Texts of swanctl.conf. */
final class SwanctlConf {
    private SwanctlConf() {}

    /** What becomes of a swanctl.conf that includes no other file. */
    static Converted convert(String text) {
        return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text), (from, pattern) -> List.of()));
    }

    /** One connection, to 192.0.2.2 with a pre-shared key, that has one child: each with these lines besides. */
    static String oneChild(String ofConnection, String ofChild) {
        return """
                connections { sun {
                  remote_addrs = 192.0.2.2
                  version = 2
                  %s
                  local { auth = psk }
                  remote { auth = psk }
                  children { net {
                    %s
                  } }
                } }
                """.formatted(ofConnection, ofChild);
    }
}
