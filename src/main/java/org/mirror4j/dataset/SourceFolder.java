package org.mirror4j.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;

/**
 * A folder that people have data sets in, anywhere below it.
 *
 * @param files all of them, by their paths
 */
record SourceFolder(Path root, List<Path> files) {
  /** A folder of more is hardly one of data sets, and to walk it would take minutes. */
  private static final int MOST_FILES = 100_000;

  /**
   * Lists a folder, links followed.
   *
   * @throws FileException if it is no folder, cannot be listed or holds too many files
   */
  static SourceFolder of(Path root) {
    if (!Files.isDirectory(root)) {
      throw new FileException(root + ": no such folder", new NoSuchFileException(root.toString()));
    }
    try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> files = walk.filter(Files::isRegularFile).limit(MOST_FILES + 1).sorted().toList();
      if (files.size() > MOST_FILES) {
        throw new FileException(
            "%s: more than %,d files, expected the folder of the data sets alone"
                .formatted(root, MOST_FILES));
      }
      return new SourceFolder(root, files);
    } catch (UncheckedIOException e) {
      throw FileException.of("cannot list " + root, e.getCause());
    } catch (IOException e) {
      throw FileException.of("cannot list " + root, e);
    }
  }

  /** Files whose name fits. */
  List<Path> named(Predicate<String> name) {
    return files.stream().filter(file -> name.test(file.getFileName().toString())).toList();
  }
}
