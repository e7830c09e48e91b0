package org.xfrmagent.policies.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.grammar.Position;

/** Includes from the file system. */
public final class IncludedFiles implements Includes {
    private static final Path ROOT = Path.of("/");

    /**
     * Reads one file.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    public static Source read(Path file) {
        try {
            return new Source(file.toString(), Files.readString(file));
        } catch (CharacterCodingException other) {
            throw new UnreadableSettings(new Position(file.toString(), 1, 1), "this file is not UTF-8");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Those that fit, in the order of their names, as glob(7) has it: wildcards in any part of the path, and no hidden files by them. */
    @Override
    public List<Source> files(Path from, String pattern) {
        Path path = Optional.ofNullable(from.toAbsolutePath().getParent()).orElse(ROOT).resolve(pattern);
        List<Path> found = List.of(ROOT);
        for (Path part : path) {
            found = found.stream().flatMap(folder -> within(folder, part.toString())).toList();
        }
        return found.stream().filter(Files::isRegularFile).map(IncludedFiles::read).toList();
    }

    private static Stream<Path> within(Path folder, String part) {
        if (!part.matches(".*[*?\\[].*") || !Files.isDirectory(folder)) {
            return Stream.of(folder.resolve(part));
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, part)) {
            files.forEach(file -> {
                if (part.startsWith(".") || !file.getFileName().toString().startsWith(".")) {
                    found.add(file);
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return found.stream().sorted();
    }
}
