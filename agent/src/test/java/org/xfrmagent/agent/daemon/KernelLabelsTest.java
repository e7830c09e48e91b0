package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.convert.Settings;

class KernelLabelsTest {
    private static final Loaded LOADED = Loaded.NOTHING.withConnection("sun", connection(Map.of(
            "by-default", Map.of("label", "red"), "by-name", Map.of("label", "red", "label_mode", "system"),
            "for-the-peer", Map.of("label", "red", "label_mode", "simple"), "empty", Map.of("label", ""), "without", Map.of("label_mode", "system"))));

    @TempDir
    private Path folder;

    private static Settings connection(Map<String, Map<String, String>> children) {
        Map<String, Settings> sections = new TreeMap<>();
        children.forEach((name, options) -> sections.put(name, LoadedConversion.settings(options, Map.of())));
        return LoadedConversion.settings(Map.of("version", "2"), Map.of("children", LoadedConversion.settings(Map.of(), sections)));
    }

    @Test
    void aLabelThatIsMeantForSelinuxIsRefusedWhereTheKernelRunsIt() throws IOException {
        Files.createFile(folder.resolve("enforce"));
        assertThat(new KernelLabels(folder).refusals(LOADED)).satisfiesExactly(
                first -> assertThat(first).startsWith("connections.sun.children.by-default.label: this kernel runs SELinux"),
                second -> assertThat(second).startsWith("connections.sun.children.by-name.label: this kernel runs SELinux"));
    }

    @Test
    void elsewhereItIsAgreedOnWithThePeerAlone() {
        assertThat(new KernelLabels(folder).refusals(LOADED)).isEmpty();
    }
}
