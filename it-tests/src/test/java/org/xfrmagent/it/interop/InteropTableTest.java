package org.xfrmagent.it.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.it.interop.Encounter.Role;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** The table says what was noted, whatever the order in which it was. */
class InteropTableTest {
    private static final String PLACE = "before\n<!-- encounters: written by it-tests/verify -->\nold\n<!-- end of encounters -->\nafter\n";
    private static final List<Encounter> NOTED = List.of(
            met("strongSwan 5.9.8", Plane.KERNEL, Mode.TUNNEL, Protocol.AH, Role.RESPONDER, Family.IPV6),
            met("strongSwan 5.9.8", Plane.KERNEL, Mode.TUNNEL, Protocol.AH, Role.INITIATOR, Family.IPV6),
            met("strongSwan 5.9.8", Plane.KERNEL, Mode.TUNNEL, Protocol.AH, Role.INITIATOR, Family.IPV4),
            met("Libreswan 4.10", Plane.USERSPACE, Mode.TRANSPORT, Protocol.ESP, Role.INITIATOR, Family.IPV4));

    @Test
    void theFamiliesOfOneKindStandTogether(@TempDir Path folder) throws IOException {
        Encounters.note(folder, NOTED);
        Path readme = Files.writeString(folder.resolve("README.md"), PLACE);
        InteropTable.main(folder.toString(), readme.toString());
        assertThat(readme).hasContent("""
                before
                <!-- encounters: written by it-tests/verify -->
                | peer | data plane | what | SA | the agent initiates | the agent responds |
                |---|---|---|---|---|---|
                | Libreswan 4.10 | userspace with the peer's kernel | traffic | ESP transport | IPv4 | – |
                | strongSwan 5.9.8 | kernel | traffic | AH tunnel | IPv4, IPv6 | IPv6 |
                <!-- end of encounters -->
                after
                """);
    }

    @Test
    void theOrderOfTheNotesDoesNotMatterNorDoesARepetition(@TempDir Path folder) {
        Encounters.note(folder, NOTED);
        String once = InteropTable.replace(PLACE, Encounters.in(folder));
        Encounters.note(folder, NOTED.reversed());
        assertThat(InteropTable.replace(once, Encounters.in(folder))).isEqualTo(once);
    }

    @Test
    void aFileWithoutTheMarksIsAMistake(@TempDir Path folder) {
        assertThatThrownBy(() -> InteropTable.replace("no marks", Encounters.in(folder))).hasMessageContaining("no place for the table");
    }

    private static Encounter met(String peer, Plane plane, Mode mode, Protocol protocol, Role role, Family family) {
        return new Encounter(peer, plane, Plane.KERNEL, "traffic", mode, protocol, role, family);
    }
}
