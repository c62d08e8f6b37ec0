package org.mirror4j.device.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A fresh directory that only this user can enter, for libraries that have to be a file while they
 * are loaded. A loaded library needs its file no longer, so closing deletes all.
 */
record PrivateDirectory(Path path) implements AutoCloseable {
  /**
   * Creates one in {@code java.io.tmpdir}.
   *
   * @throws CudaUnavailableException if that is not possible
   */
  static PrivateDirectory create() {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      return new PrivateDirectory(
          Files.createTempDirectory(
              parent,
              "mirror4j-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    } catch (IOException | UnsupportedOperationException e) {
      throw new CudaUnavailableException(
          "cannot unpack native libraries in %s: %s".formatted(parent, e), e);
    }
  }

  /** What cannot be deleted stays: it is in the way of nothing. */
  @Override
  public void close() {
    File[] files = path.toFile().listFiles();
    if (files != null) {
      for (File file : files) {
        file.delete();
      }
    }
    path.toFile().delete();
  }
}
