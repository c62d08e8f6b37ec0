package org.mirror4j.fetch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/** Files that name a content of the cache of HuggingFace. */
final class SnapshotFile {
  private SnapshotFile() {}

  /**
   * Puts a link to a blob into a snapshot, relative as Python's tools make it, or a copy where
   * links cannot be made. What was there is replaced.
   *
   * @param file its path in the snapshot
   */
  static void put(Path snapshot, String file, Path blob) {
    Path target = snapshot.resolve(file);
    Path temporary = AtomicFiles.temporaryIn(target);
    try {
      if (Files.exists(target) && Files.mismatch(target, blob) < 0) {
        return; // it is the link, or a copy
      }
      Files.createDirectories(target.getParent());
      Files.deleteIfExists(temporary);
      try {
        link(temporary, target.getParent().relativize(blob), blob);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw FileException.of("cannot write " + target, e);
    }
  }

  private static void link(Path link, Path content, Path blob) throws IOException {
    try {
      Files.createSymbolicLink(link, content);
    } catch (UnsupportedOperationException | IOException e) {
      // Windows lets not every user make links.
      Files.copy(blob, link);
    }
  }

  /** Writes a short file, whole or not at all, with the folders that lead to it. */
  static void write(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw FileException.of("cannot write " + file, e);
    }
    AtomicFiles.writeInLocked(file, content.getBytes(StandardCharsets.US_ASCII));
  }
}
