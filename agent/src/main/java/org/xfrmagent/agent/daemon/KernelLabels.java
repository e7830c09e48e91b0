package org.xfrmagent.agent.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xfrmagent.policies.convert.LoadedConversion;

/**
 * Security labels that a client means for the kernel as well: where that runs SELinux, charon's {@code label_mode = system} puts them on
 * policies and SAs, which then take only packets of such a context. We agree on labels with the peer and tell the kernel none, so that
 * there more would get through than was asked for.
 *
 * @param selinuxfs where SELinux is seen, if the kernel runs it
 */
record KernelLabels(Path selinuxfs) {
    static final KernelLabels OF_THIS_HOST = new KernelLabels(Path.of("/sys/fs/selinux"));

    /** A sentence for each label that would not do what it is meant to. */
    List<String> refusals(Loaded loaded) {
        return Files.exists(selinuxfs.resolve("enforce"))
                ? LoadedConversion.labelsOfTheSystem(loaded.connections()).stream()
                        .map(path -> path + ": this kernel runs SELinux, where label_mode = system puts labels into it, which is not supported; "
                                + "expected label_mode = simple, which agrees on them with the peer only")
                        .toList()
                : List.of();
    }
}
