package org.xfrmagent.agent.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket in the file system that nobody can reach before its mode is right: it is made in a folder that only we may
 * enter, gets its mode and group there, and is then moved to its place, over what a dead agent left behind.
 */
final class ControlSocket implements AutoCloseable {
    private static final String ONLY_US = "rw-------";
    private static final String US_AND_GROUP = "rw-rw----";
    /** sockaddr_un.sun_path without its final zero (unix(7)), less what the hidden folder adds while the socket is made. */
    private static final int MAX_PATH = 107 - 24;

    private final ServerSocketChannel channel;
    private final Path path;
    private final @Nullable Object fileKey;

    private ControlSocket(ServerSocketChannel channel, Path path, @Nullable Object fileKey) {
        this.channel = channel;
        this.path = path;
        this.fileKey = fileKey;
    }

    /**
     * Listens at {@code path}. A folder for it is made if only that one is missing.
     *
     * @param group that may connect besides our own user
     * @throws IOException with a sentence that names the socket
     */
    static ControlSocket open(Path path, Optional<GroupPrincipal> group) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path folder = Objects.requireNonNullElse(absolute.getParent(), absolute);
        if (absolute.toString().length() > MAX_PATH) {
            throw new IOException("the control socket's path " + absolute + " is longer than " + MAX_PATH + " characters, which Linux does not allow");
        }
        refuseToReplaceWhatLives(absolute);
        try {
            if (!Files.exists(folder)) {
                Files.createDirectory(folder);
            }
            return move(folder, absolute, group);
        } catch (IOException e) {
            throw new IOException("the control socket " + absolute + " cannot be made: " + reason(e), e);
        }
    }

    private static void refuseToReplaceWhatLives(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        // A socket is none of file, folder and link.
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException("the control socket " + path + " cannot be made: something that is no socket has that name");
        }
        try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException nobodyListens) {
            return;
        }
        throw new IOException("another program already listens on the control socket " + path + "; is an agent running?");
    }

    private static ControlSocket move(Path folder, Path path, Optional<GroupPrincipal> group) throws IOException {
        Path hidden = Files.createTempDirectory(folder, ".c", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path made = hidden.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(made));
            if (group.isPresent()) {
                Files.getFileAttributeView(made, PosixFileAttributeView.class).setGroup(group.get());
            }
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(group.isPresent() ? US_AND_GROUP : ONLY_US));
            Object key = Files.readAttributes(made, BasicFileAttributes.class).fileKey();
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
            return new ControlSocket(channel, path, key);
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(made);
            throw e;
        } finally {
            Files.delete(hidden);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no folder to make " + missing.getFile() + " in";
            case AccessDeniedException denied -> "permission denied for " + denied.getFile();
            default -> Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        };
    }

    ServerSocketChannel channel() {
        return channel;
    }

    Path path() {
        return path;
    }

    /** Stops listening and removes the file, if it is still ours. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Objects.equals(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey(), fileKey)) {
            Files.delete(path);
        }
    }
}
