package org.mirror4j.eval;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PackedFile;

/** The folder of the data sets. */
record DataFolder(Path root) {
  /** The end of a message that a data set is missing. */
  static final String DIRECTIONS = "; 'mirror4j data' says where to get it";

  Path path(String relative) {
    return root.resolve(relative);
  }

  /** The same, or where only its gzip is there that. */
  Path packed(String relative) {
    return PackedFile.there(path(relative));
  }

  /**
   * Files at any depth of a folder, links followed, by their paths, each perhaps {@link #packed};
   * none if there is no folder.
   */
  List<Path> files(String relative, String ending) {
    if (!Files.isDirectory(path(relative))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(path(relative), FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(file -> ends(file, ending)).sorted().toList();
    } catch (IOException e) {
      throw FileException.of("cannot list " + path(relative), e);
    }
  }

  private static boolean ends(Path file, String ending) {
    String name = PackedFile.unpacked(file.getFileName().toString());
    return name.endsWith(ending) && PackedFile.there(file.resolveSibling(name)).equals(file);
  }

  /** The name of a file, which may be {@link #packed}, without its ending. */
  static String stem(Path file) {
    String name = PackedFile.unpacked(file.getFileName().toString());
    return name.substring(0, name.lastIndexOf('.'));
  }

  /**
   * The group of all tasks whose files lie in a folder.
   *
   * @param name as the user wrote it, for the message
   * @throws FileException if there are none
   */
  TaskGroup all(TaskName name, String group, String relative, List<EvaluationTask> tasks) {
    if (tasks.isEmpty()) {
      throw new FileException(
          "task %s: no data files below %s%s".formatted(name.asked(), path(relative), DIRECTIONS),
          new NoSuchFileException(path(relative).toString()));
    }
    return TaskGroup.averaged(group, tasks);
  }
}
