package org.mirror4j.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Published weights, which are not part of the project. */
public final class RealModels {
  private static final Path ROOT =
      Path.of(System.getProperty("mirror4j.models", "../models")).toAbsolutePath().normalize();

  private RealModels() {}

  /**
   * The directory of a model by its name, {@code bert-base-uncased}, in HuggingFace's layout. Where
   * it is absent the calling test is skipped with the reason.
   */
  public static Path require(String name) {
    Path path = ROOT.resolve(name);
    assumeTrue(
        Files.exists(path.resolve("model.safetensors")),
        () -> name + " is absent below " + ROOT + " (set -Dmirror4j.models=FOLDER)");
    return path;
  }
}
