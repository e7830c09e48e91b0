package org.xfrmagent.it.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * The record of encounters: files of one line each in the folder that the system property {@value #FOLDER} names, as it-tests/verify
 * does. Without it nothing is noted.
 */
public final class Encounters {
    static final String FOLDER = "xit.encounters";
    private static final String SUFFIX = ".encounters";

    private Encounters() {}

    /** Called at the end of a scenario, when everything in it has worked. Two peers without the agent are no encounter. */
    public static void note(Peer initiator, Peer responder, Mode mode, Protocol protocol, Family family, String what) {
        String folder = System.getProperty(FOLDER);
        if (folder != null) {
            note(Path.of(folder), Encounter.between(initiator, responder, mode, protocol, family, what));
        }
    }

    /** The same of a client that is no daemon of its own, has initiated, and encrypts by itself. */
    public static void noteClient(String client, Peer gateway, Mode mode, Protocol protocol, Family family, String what) {
        String folder = System.getProperty(FOLDER);
        if (folder != null && gateway instanceof Agent) {
            note(Path.of(folder), List.of(new Encounter(client, gateway.plane(), Plane.USERSPACE, what, mode, protocol, Encounter.Role.RESPONDER, family)));
        }
    }

    static void note(Path folder, List<Encounter> encounters) {
        try {
            Files.write(folder.resolve(ProcessHandle.current().pid() + SUFFIX), encounters.stream().map(Encounter::line).toList(),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** All that is noted in a folder and below, in the table's order, each once. */
    static NavigableSet<Encounter> in(Path folder) {
        NavigableSet<Encounter> encounters = new TreeSet<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
                Files.readAllLines(file).stream().map(Encounter::parse).forEach(encounters::add);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return encounters;
    }
}
