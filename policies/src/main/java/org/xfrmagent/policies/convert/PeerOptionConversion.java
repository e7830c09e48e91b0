package org.xfrmagent.policies.convert;

import java.util.Optional;

/** Options of a connection that are one number of a peer each (swanctl.conf(5)). */
final class PeerOptionConversion {
    private static final String SIX_BITS = "[01]{6}";

    private PeerOptionConversion() {}

    /** @param authentication knows the versions that the peer may speak */
    static void write(Options options, AuthenticationConversion authentication, YamlText lines) {
        dscp(options, lines);
        ppk(options, authentication.mayBeV2(), lines);
        options.text("keyingtries").filter(tries -> !tries.matches("0|%forever")).ifPresent(tries -> lines.line(2, "attempts: " + YamlText.scalar(tries)));
        // It has no effect on IKEv2, which retransmits.
        Optional<String> timeout = options.text("dpd_timeout").filter(time -> LifetimeConversion.seconds(time).orElse(1L) > 0);
        if (authentication.mayBeV1()) {
            timeout.ifPresent(time -> lines.line(2, "liveness-timeout: " + time));
        }
    }

    /** {@code ppk_required} without {@code ppk_id} asks a caller for any that we have: here it has to be named. */
    static void ppk(Options options, boolean mayBeV2, YamlText lines) {
        Optional<String> id = options.text("ppk_id");
        boolean required = options.flag("ppk_required", false);
        if (id.isPresent() && !mayBeV2) {
            options.remark("ppk_id", "IKEv1 has no such key");
        } else if (id.isPresent()) {
            lines.line(2, "ppk: { id: " + YamlText.scalar(id.get()) + (required ? ", required: true" : "") + " }");
        } else if (required) {
            options.remark("ppk_required", "it needs ppk_id beside it");
        }
    }

    /** Six binary digits. */
    private static void dscp(Options options, YamlText lines) {
        Optional<String> digits = options.text("dscp");
        digits.filter(text -> text.matches(SIX_BITS)).map(text -> Integer.parseInt(text, 2)).filter(dscp -> dscp > 0)
                .ifPresent(dscp -> lines.line(2, "dscp: " + dscp));
        digits.filter(text -> !text.matches(SIX_BITS)).ifPresent(text ->
                options.remark("dscp", "'" + text + "' is not six binary digits such as 101110"));
    }
}
