package org.xfrmagent.it.peers;

import java.nio.file.Files;
import java.nio.file.Path;

/** Debian packages that setup.sh has unpacked for hosts to lay over their /usr, because they cannot be installed beside strongSwan. */
final class Unpacked {
    private Unpacked() {}

    /** The folder of a package; fails with what to do if it is not there. */
    static Path of(String name) {
        Path tree = Checkout.file("it-tests/target/peers").resolve(name);
        if (!Files.exists(tree.resolve("unpacked"))) {
            throw new IllegalStateException(tree + " is not there: it-tests/verify unpacks it, and so does"
                    + " `. it-tests/setup.sh; unpack_packages " + name + "` in the checkout's folder");
        }
        return tree;
    }
}
