package org.xfrmagent.agent.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Who may use the control socket: root, the agent's own user and the members of one group. The kernel says who connected
 * (SO_PEERCRED, unix(7)); the socket's mode alone would not do, because anybody may change it later by mistake.
 */
final class Admission {
    private static final Path GROUPS = Path.of("/etc/group");

    private final List<UserPrincipal> users;
    private final Optional<GroupPrincipal> group;

    private Admission(List<UserPrincipal> users, Optional<GroupPrincipal> group) {
        this.users = users;
        this.group = group;
    }

    /** @throws IOException with a sentence when there is no such group */
    static Admission of(Optional<String> groupName) throws IOException {
        UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
        // The owner of our own /proc entry is the user we run as, whatever it is called.
        UserPrincipal self = Files.getOwner(Path.of("/proc/self/stat"));
        Optional<GroupPrincipal> group = Optional.empty();
        if (groupName.isPresent()) {
            try {
                group = Optional.of(names.lookupPrincipalByGroupName(groupName.get()));
            } catch (UserPrincipalNotFoundException e) {
                throw new IOException("there is no group '" + groupName.get() + "' that could use the control socket", e);
            }
        }
        return new Admission(List.of(names.lookupPrincipalByName("root"), self), group);
    }

    Optional<GroupPrincipal> group() {
        return group;
    }

    boolean admits(SocketChannel client) throws IOException {
        UnixDomainPrincipal who = client.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return users.contains(who.user())
                || group.isPresent() && (group.get().equals(who.group()) || isMember(who.user().getName(), group.get().getName()));
    }

    /** Supplementary groups, as {@code name:password:gid:member,member} of group(5); the socket tells only the first group. */
    private static boolean isMember(String user, String group) throws IOException {
        try (var lines = Files.lines(GROUPS, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length == 4 && fields[0].equals(group))
                    .anyMatch(fields -> List.of(fields[3].split(",")).contains(user));
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
