package org.mirror4j.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Evaluation sets and text that are not part of the project. */
public final class SharedData {
  private static final Path ROOT =
      Path.of(System.getProperty("mirror4j.shared", "../shared")).toAbsolutePath().normalize();

  private SharedData() {}

  /**
   * The path of a file or folder below the shared folder, as in {@code data/qnli/dev.tsv.gz}. Where
   * it is absent the calling test is skipped with the reason.
   */
  public static Path require(String relative) {
    Path path = ROOT.resolve(relative);
    assumeTrue(
        Files.exists(path),
        () -> relative + " is absent below " + ROOT + " (set -Dmirror4j.shared=FOLDER)");
    return path;
  }
}
