package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file, for people. */
final class Failures {
    private Failures() {}

    static String sentence(IOException failure) {
        return switch (failure) {
            case NoSuchFileException none -> "there is no file " + none.getFile();
            case AccessDeniedException denied -> "permission denied for " + denied.getFile();
            case FileSystemException other when other.getReason() != null -> other.getFile() + ": " + other.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }
}
