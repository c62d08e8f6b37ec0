package org.mirror4j.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.mirror4j.name.KnownModel;

/** Published weights, which are not part of the project. */
public final class RealModels {
  private static final Path ROOT =
      Path.of(System.getProperty("mirror4j.models", "../models")).toAbsolutePath().normalize();

  private static final Path REPOSITORY =
      Path.of(
          System.getProperty(
              "maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));

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

  /**
   * The jar of a model that is published as a Maven artifact, by its name. Where the local Maven
   * repository lacks it the calling test is skipped with the reason.
   */
  public static Path requireJar(String name) {
    String artifact = KnownModel.of(name).orElseThrow().artifact();
    String[] parts = artifact.split(":");
    Path path =
        REPOSITORY.resolve(
            "%1$s/%2$s/%3$s/%2$s-%3$s.jar"
                .formatted(parts[0].replace('.', '/'), parts[1], parts[2]));
    assumeTrue(
        Files.exists(path),
        () ->
            "%s is absent below %s (run mvn dependency:get -Dtransitive=false -Dartifact=%s)"
                .formatted(name, REPOSITORY, artifact));
    return path;
  }
}
