package org.mirror4j.file;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Folders above an output that were made for it.
 *
 * @param made the deepest first
 */
record MissingParents(List<Path> made) {
  /** Makes those that are not there. */
  static MissingParents make(Path target) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path p = target.getParent(); p != null && !Files.exists(p); p = p.getParent()) {
      missing.add(p);
    }
    Files.createDirectories(target.getParent());
    return new MissingParents(missing);
  }

  /** Removes them again, up to one that has something in it. */
  void removeEmpty() throws IOException {
    for (Path folder : made) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException e) {
        return;
      }
    }
  }
}
