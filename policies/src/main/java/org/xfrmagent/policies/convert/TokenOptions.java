package org.xfrmagent.policies.convert;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.policies.model.TokenUri;

/** What stands in a token: {@code handle}, {@code slot} and {@code module} of swanctl.conf(5), {@code %smartcard} of ipsec.conf(5). */
final class TokenOptions {
    private static final Pattern SMARTCARD = Pattern.compile("%smartcard(?<slot>[0-9]*)(@(?<module>[^:]*))?:(?<handle>.*)");

    private TokenOptions() {}

    /** As a policy file has it; empty, with a remark, if there is no usable handle. Where there is none at all nothing is said. */
    static Optional<String> reference(Options options) {
        Optional<String> handle = options.text("handle");
        Optional<String> slot = options.text("slot");
        Optional<String> module = options.text("module");
        if (handle.isEmpty()) {
            slot.ifPresent(_ -> options.remark("slot", "stands without a handle, which nothing in a token is found without"));
            module.ifPresent(_ -> options.remark("module", "stands without a handle, which nothing in a token is found without"));
            return Optional.empty();
        }
        try {
            return Optional.of(TokenUri.of(handle.get(), slot, module).toString());
        } catch (IllegalArgumentException wrong) {
            options.remark("handle", String.valueOf(wrong.getMessage()));
            return Optional.empty();
        }
    }

    /** The three options of a word of ipsec.conf, into {@code to}; false if it is no such word. */
    static boolean smartcard(Settings.Value word, Settings to) {
        Matcher parts = SMARTCARD.matcher(word.text());
        if (!parts.matches()) {
            return false;
        }
        for (String key : List.of("slot", "module", "handle")) {
            Optional.ofNullable(parts.group(key)).filter(text -> !text.isEmpty()).ifPresent(text -> to.values().put(key, new Settings.Value(word.at(), text)));
        }
        return true;
    }
}
