package org.xfrmagent.policies.secrets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.SecretRef.FromCredential;
import org.xfrmagent.policies.model.SecretRef.FromEnvironment;
import org.xfrmagent.policies.model.SecretRef.FromFile;
import org.xfrmagent.policies.model.SecretRef.InToken;
import org.xfrmagent.policies.model.SecretRef.Loaded;
import org.xfrmagent.policies.secrets.Resolution.Elsewhere;
import org.xfrmagent.policies.secrets.Resolution.Found;
import org.xfrmagent.policies.secrets.Resolution.Refused;

/**
 * Fetches secrets. One newline at the end is not part of the secret; text that starts with {@code 0x} is hexadecimal, with
 * {@code 0s} Base64, as in swanctl's files.
 */
public final class SecretReader {
    /** Octets under which a pre-shared key deserves a warning. */
    static final int SHORT = 20;

    private static final int LONGEST = 4096;
    /** An RSA key of 16384 bits as PEM has less than 13,000 octets. */
    private static final int LONGEST_KEY = 64 << 10;
    private static final String CREDENTIALS = "CREDENTIALS_DIRECTORY";

    private final Map<String, String> environment;
    private final Function<String, Optional<byte[]>> loaded;
    private final Function<String, Optional<byte[]>> loadedKeys;

    /** @param environment of the process: {@code System.getenv()} */
    public SecretReader(Map<String, String> environment) {
        this(environment, _ -> Optional.empty(), _ -> Optional.empty());
    }

    /**
     * @param loaded a copy of a secret that clients of the control socket have loaded, by its id; the reader gives it on or wipes it
     * @param loadedKeys the same of a private key
     */
    public SecretReader(
            Map<String, String> environment, Function<String, Optional<byte[]>> loaded, Function<String, Optional<byte[]>> loadedKeys) {
        this.environment = Map.copyOf(environment);
        this.loaded = loaded;
        this.loadedKeys = loadedKeys;
    }

    public Resolution resolve(SecretRef ref) {
        return resolve(ref, Form.SECRET);
    }

    /** A private key as it stands there, PEM or DER: nothing of it is cut off or decoded. */
    public Resolution privateKey(SecretRef ref) {
        return resolve(ref, Form.PRIVATE_KEY);
    }

    private enum Form {
        SECRET(LONGEST, "pre-shared key"),
        PRIVATE_KEY(LONGEST_KEY, "private key");

        private final int longest;
        private final String noun;

        Form(int longest, String noun) {
            this.longest = longest;
            this.noun = noun;
        }

        /** Takes {@code raw} over. */
        Resolution found(byte[] raw) {
            return switch (this) {
                case SECRET -> decode(raw);
                case PRIVATE_KEY -> raw.length == 0 ? new Refused("is empty") : new Found(raw);
            };
        }
    }

    private Resolution resolve(SecretRef ref, Form form) {
        return switch (ref) {
            case FromFile file -> file(file.path(), form);
            case FromCredential credential -> credential(credential.name(), form);
            case FromEnvironment variable -> variable(variable.name(), form);
            // The key stays where it is: what stands for it is the name of its place.
            case InToken(var uri) -> form == Form.PRIVATE_KEY
                    ? new Found(uri.toString().getBytes(StandardCharsets.UTF_8))
                    : new Refused("is a key in a token, which never leaves it");
            case Loaded(String id) -> (form == Form.SECRET ? loaded : loadedKeys).apply(id)
                    .<Resolution>map(octets -> octets.length == 0 ? new Refused("is empty") : new Found(octets))
                    .orElseGet(() -> new Refused("cannot be had: nobody has loaded it over the control socket"));
        };
    }

    private Resolution credential(String name, Form form) {
        String folder = environment.get(CREDENTIALS);
        // systemd makes these files readable by the service's user alone, by ACL, which their mode does not show.
        return folder == null
                ? new Elsewhere("can only be read by the service: $" + CREDENTIALS + " is not set here")
                : read(Path.of(folder, name), form);
    }

    private Resolution variable(String name, Form form) {
        String value = environment.get(name);
        return value == null
                ? new Elsewhere("cannot be read: $" + name + " is not set here")
                : form.found(value.getBytes(StandardCharsets.UTF_8));
    }

    private static Resolution file(Path path, Form form) {
        try {
            if (!Files.isRegularFile(path)) {
                return new Refused(Files.exists(path) ? "is no file" : "cannot be read: there is no file " + path);
            }
            int mode = ((Number) Files.getAttribute(path, "unix:mode")).intValue() & 0777;
            if ((mode & 077) != 0) {
                return new Refused("can be read or written by others: its mode is %04o, expected 0600 or 0400; chmod go= %s"
                        .formatted(mode, path));
            }
            return read(path, form);
        } catch (IOException e) {
            return unreadable(path, e);
        }
    }

    private static Resolution read(Path path, Form form) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] octets = in.readNBytes(form.longest + 1);
            if (octets.length > form.longest) {
                Arrays.fill(octets, (byte) 0);
                return new Refused("has more than " + form.longest + " octets, so it is no " + form.noun);
            }
            return form.found(octets);
        } catch (IOException e) {
            return unreadable(path, e);
        }
    }

    static Refused unreadable(Path path, IOException e) {
        return new Refused("cannot be read: " + switch (e) {
            case NoSuchFileException _ -> "there is no file " + path;
            case AccessDeniedException _ -> "permission denied for " + path;
            default -> e.getClass().getSimpleName();
        });
    }

    /** Takes {@code raw} over and wipes it. */
    private static Resolution decode(byte[] raw) {
        int length = raw.length;
        if (length > 0 && raw[length - 1] == '\n') {
            length--;
            if (length > 0 && raw[length - 1] == '\r') {
                length--;
            }
        }
        byte[] octets = Arrays.copyOf(raw, length);
        Arrays.fill(raw, (byte) 0);
        if (length == 0) {
            return new Refused("is empty");
        }
        if (length < 2 || octets[0] != '0' || octets[1] != 'x' && octets[1] != 's') {
            return new Found(octets);
        }
        try {
            byte[] digits = Arrays.copyOfRange(octets, 2, length);
            byte[] decoded = octets[1] == 'x' ? hex(digits) : Base64.getDecoder().decode(digits);
            Arrays.fill(digits, (byte) 0);
            return decoded.length == 0 ? new Refused("has nothing after its prefix") : new Found(decoded);
        } catch (IllegalArgumentException _) {
            // The exception's own text would show a part of the secret.
            return new Refused(octets[1] == 'x'
                    ? "starts with 0x, and what follows is no row of pairs of hexadecimal digits"
                    : "starts with 0s, and what follows is not Base64");
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static byte[] hex(byte[] digits) {
        CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(digits));
        byte[] octets = HexFormat.of().parseHex(text);
        Arrays.fill(text.array(), '\0');
        return octets;
    }
}
