package org.mirror4j.file;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Where an output lies, whatever it was called. */
public final class OutputPath {
  private static final int MOST_LINKS = 40;

  private OutputPath() {}

  /**
   * The one path that all names of a place come to: links are followed, also one that leads to
   * nothing, and what is not there is taken by its name.
   *
   * @throws FileException if that is the root
   */
  public static Path real(Path target) throws IOException {
    Path real = followed(target.toAbsolutePath(), 0);
    if (real.getFileName() == null) {
      throw new FileException(target + ": is the root, expected a directory or file in it");
    }
    return real;
  }

  /**
   * Fails if an output would delete or replace what it is made from.
   *
   * @param output a file or directory that will be written
   * @param inputs files and directories that are read
   * @throws FileException if an input is the output or lies in it
   */
  public static void requireApart(Path output, Collection<Path> inputs) {
    try {
      Path target = real(output);
      for (Path input : inputs) {
        if (real(input).startsWith(target)) {
          throw new FileException(
              "%s: would replace the input %s, expected another place".formatted(output, input));
        }
      }
    } catch (IOException e) {
      throw FileException.of(output + ": cannot be read", e);
    }
  }

  private static Path followed(Path absolute, int links) throws IOException {
    Path real = absolute.getRoot();
    for (Path name : absolute) {
      if (name.toString().equals("..")) {
        real = real.getParent() == null ? real : real.getParent();
      } else if (!name.toString().equals(".")) {
        real = real.resolve(name);
        if (Files.isSymbolicLink(real)) {
          if (links == MOST_LINKS) {
            throw new FileSystemLoopException(absolute.toString());
          }
          real = followed(real.resolveSibling(Files.readSymbolicLink(real)), links + 1);
        }
      }
    }
    return real;
  }
}
