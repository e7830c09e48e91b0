package org.xfrmagent.systemd.notify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Secrets that the service manager hands to the service alone: LoadCredential= and SetCredential= of systemd.exec(5). */
public final class Credentials {
    /** systemd's own limit for all credentials of a unit together. */
    private static final int MAX_OCTETS = 1024 * 1024;
    private static final int MAX_NAME = 255;

    private final Optional<Path> directory;

    private Credentials(Optional<Path> directory) {
        this.directory = directory;
    }

    /** Reads CREDENTIALS_DIRECTORY. */
    public static Credentials of(Map<String, String> environment) {
        return new Credentials(Optional.ofNullable(environment.get("CREDENTIALS_DIRECTORY")).filter(name -> !name.isEmpty()).map(Path::of));
    }

    /**
     * The octets of one credential. The caller wipes the array.
     *
     * @throws IOException with a sentence that says what is missing in the unit
     */
    public byte[] read(String name) throws IOException {
        if (!isName(name)) {
            throw new IOException("'" + name + "' is no name of a credential: 1 to " + MAX_NAME + " characters without '/', and not '.' or '..'");
        }
        Path file = directory.map(folder -> folder.resolve(name)).orElseThrow(() -> new IOException("credential '" + name
                + "' cannot be read: the agent was not started with any; LoadCredential=" + name + ":FILE in its unit gives it one"));
        if (!Files.isRegularFile(file)) {
            throw new IOException("there is no credential '" + name + "' in " + file.getParent() + "; LoadCredential=" + name
                    + ":FILE in the agent's unit gives it one");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(MAX_OCTETS + 1);
            if (octets.length > MAX_OCTETS) {
                throw new IOException("credential '" + name + "' is larger than " + MAX_OCTETS + " octets");
            }
            return octets;
        }
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= MAX_NAME && name.indexOf('/') < 0 && name.indexOf('\0') < 0 && !name.equals(".") && !name.equals("..");
    }
}
