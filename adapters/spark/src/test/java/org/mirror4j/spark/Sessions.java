package org.mirror4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.mirror4j.encode.Bundled;

/** Spark in a test: no web pages, no ports open to others, all files in the build's folder. */
final class Sessions {
  private Sessions() {}

  static SparkSession.Builder builder(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("mirror4j")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", Path.of("spark", "local").toAbsolutePath().toString());
  }

  /** The bundled model as a folder of a user. */
  static void copyModel(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Bundled bundled = Bundled.open();
        Stream<Path> files = Files.list(bundled.model())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
  }
}
