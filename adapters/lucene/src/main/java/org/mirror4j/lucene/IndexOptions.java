package org.mirror4j.lucene;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The index that is searched. */
final class IndexOptions {
  @Option(
      names = "--index",
      paramLabel = "DIR",
      required = true,
      description = "What 'index' has made with the same model.")
  private Path path;

  /** Opens it for the model that has made it. */
  TextIndex open(IndexModel model) {
    return TextIndex.open(path, model);
  }
}
