package org.xfrmagent.policies.yaml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.Reporter;

/**
 * The text of a policy file.
 *
 * @param path as the operator named it
 * @param folder from which relative paths in it start
 * @param text its YAML
 * @param ranks of its policies, in their order, among all texts that have ranks; none of a file, whose policies come first
 */
public record Source(String path, Path folder, String text, List<Long> ranks) {
    private static final String LOADED = "loaded";
    private static final Path ROOT = Path.of("/");

    /** More than ten thousand policies; a larger file is a mistake. */
    static final int LARGEST = 16 << 20;

    public Source {
        ranks = List.copyOf(ranks);
    }

    /** A file's. */
    public Source(String path, Path folder, String text) {
        this(path, folder, text, List.of());
    }

    /** Some of what clients of the control socket have loaded, as a text like a file's. */
    public static Source loaded(String text, List<Long> ranks) {
        return new Source(LOADED, ROOT, text, ranks);
    }

    /** Whether a place is in what clients have loaded, and in no file. */
    static boolean isLoaded(Position at) {
        return at.path().equals(LOADED);
    }

    /** The files at {@code paths}, of a folder those that end in .yaml, in the order of their names. */
    static List<Source> of(List<Path> paths, Reporter reporter) {
        List<Source> sources = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                folder(path, reporter).forEach(file -> read(file, sources, reporter));
            } else {
                read(path, sources, reporter);
            }
        }
        return sources;
    }

    private static List<Path> folder(Path folder, Reporter reporter) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.yaml")) {
            List<Path> sorted = StreamSupport.stream(files.spliterator(), false).sorted().toList();
            if (sorted.isEmpty()) {
                reporter.problem(start(folder), "this folder has no file that ends in .yaml");
            }
            return sorted;
        } catch (IOException | UncheckedIOException e) {
            reporter.problem(start(folder), "this folder cannot be read: " + reason(e));
            return List.of();
        }
    }

    private static void read(Path file, List<Source> sources, Reporter reporter) {
        try {
            if (Files.size(file) > LARGEST) {
                reporter.problem(start(file), "this file has " + Files.size(file) + " octets, at most " + LARGEST + " are read");
                return;
            }
            Path parent = file.toAbsolutePath().getParent();
            sources.add(new Source(file.toString(), parent == null ? Path.of("/") : parent, Files.readString(file)));
        } catch (IOException e) {
            reporter.problem(start(file), "this file cannot be read: " + reason(e));
        }
    }

    private static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is none";
            case CharacterCodingException _ -> "it is not UTF-8";
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static Position start(Path path) {
        return new Position(path.toString(), 1, 1);
    }
}
