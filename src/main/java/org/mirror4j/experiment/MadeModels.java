package org.mirror4j.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputLock;

/**
 * Models on disk that were made for tables, each under a digest of all that determines it: those
 * that are kept, and those that are there until all is measured of them. What is kept is never
 * deleted here.
 */
final class MadeModels {
  private final Path kept;
  private final Path unmeasured;

  /**
   * @param store folder of all that is kept of experiments
   */
  MadeModels(Path store) {
    kept = store.resolve("models");
    unmeasured = store.resolve("unmeasured");
  }

  /** Whether a model was made before. */
  boolean has(String digest) {
    return Files.exists(kept.resolve(digest)) || Files.exists(unmeasured.resolve(digest));
  }

  /**
   * The directory of a model, made if it is not there.
   *
   * @param make writes it to where it is told; goes on where that was begun
   */
  Path directory(String digest, Consumer<Path> make) {
    if (Files.exists(kept.resolve(digest))) {
      return kept.resolve(digest);
    }
    Path output = unmeasured.resolve(digest);
    if (!Files.exists(output)) {
      try {
        Files.createDirectories(unmeasured);
      } catch (IOException e) {
        throw FileException.of("cannot make " + unmeasured, e);
      }
      make.accept(output);
    }
    return output;
  }

  /**
   * All is measured of a model: it is kept, or gone from its name at once.
   *
   * @throws FileException if the folder cannot be changed
   */
  void measured(String digest, boolean keep) {
    Path directory = unmeasured.resolve(digest);
    if (!Files.exists(directory)) {
      return;
    }
    try (OutputLock lock = OutputLock.of(directory)) {
      if (keep) {
        Files.createDirectories(kept);
        Files.move(directory, kept.resolve(digest), StandardCopyOption.ATOMIC_MOVE);
      } else {
        lock.discard();
      }
    } catch (IOException e) {
      throw FileException.of(directory + ": cannot be " + (keep ? "kept" : "removed"), e);
    }
  }
}
