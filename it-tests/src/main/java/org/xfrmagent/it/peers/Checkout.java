package org.xfrmagent.it.peers;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that this class was built in. */
final class Checkout {
    private Checkout() {}

    /** One of its files: the nearest folder upwards that has it; fails if none has. */
    static Path file(String relative) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve(relative);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new IllegalStateException("no " + relative + " here or in a folder above " + Path.of("").toAbsolutePath());
    }
}
