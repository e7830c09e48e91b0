package org.xfrmagent.policies.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;

/** What the agent makes of a conversion's files. */
final class ConvertedFiles {
    private ConvertedFiles() {}

    /** Writes them into {@code folder} and reads them; fails if there is a problem. */
    static PolicySet read(Path folder, Converted converted) throws IOException {
        Path file = Files.writeString(folder.resolve("policies.yaml"), converted.yaml());
        for (Map.Entry<String, String> secret : converted.secrets().entrySet()) {
            Path path = folder.resolve(secret.getKey());
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(path, secret.getValue() + "\n");
        }
        return switch (new PolicyReader(new SecretReader(Map.of())).read(List.of(file))) {
            case PolicyReader.Accepted(PolicySet policies, _, _) -> policies;
            case PolicyReader.Refused(var problems, _) -> throw new AssertionError(problems + "\n" + converted.yaml());
        };
    }
}
