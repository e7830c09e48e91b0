package org.xfrmagent.policies.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Includes from the file system; wildcards may stand in the last part of a path, as they do in practice. */
public final class IncludedFiles implements Includes {
    /**
     * Reads one file.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    public static Source read(Path file) {
        try {
            return new Source(file.toString(), Files.readString(file));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public List<Source> files(Path from, String pattern) {
        Path here = from.toAbsolutePath().getParent();
        Path path = (here == null ? Path.of("/") : here).resolve(pattern);
        Path folder = path.getParent();
        Path name = path.getFileName();
        if (folder == null || name == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name.toString())) {
            StreamSupport.stream(files.spliterator(), false).filter(Files::isRegularFile).sorted().forEach(found::add);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return found.stream().map(IncludedFiles::read).toList();
    }
}
