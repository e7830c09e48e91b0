package org.xfrmagent.it.netns;

import java.util.List;

/** What a command left: its exit status (128 + n after signal n) and what it printed. */
public record Result(List<String> command, int status, String out, String err) {
    public boolean ok() {
        return status == 0;
    }

    /** Both streams, for reports: the order between them is lost. */
    public String all() {
        return out + err;
    }

    /** This result, or a failure that shows the command and all it said. */
    public Result orFail() {
        if (!ok()) {
            throw new AssertionError("`" + String.join(" ", command) + "` ended with status " + status + ":\n" + all());
        }
        return this;
    }
}
