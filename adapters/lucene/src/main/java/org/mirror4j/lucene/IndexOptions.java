package org.mirror4j.lucene;

import java.nio.file.Path;
import org.mirror4j.file.FileException;
import picocli.CommandLine.Option;

/** The index that is searched. */
final class IndexOptions {
  @Option(
      names = "--index",
      paramLabel = "DIR",
      required = true,
      description = "What 'index' has made with the same model.")
  private Path path;

  /**
   * Before hours are spent on what would damage it.
   *
   * @throws FileException if an output would replace a file of the index or stand among them
   */
  void requireApart(Path output) {
    if (output.toAbsolutePath().normalize().startsWith(path.toAbsolutePath().normalize())) {
      throw new FileException(
          "%s: lies in the index %s, expected another place".formatted(output, path));
    }
  }

  /** Opens it for the model that has made it. */
  TextIndex open(IndexModel model) {
    return TextIndex.open(path, model);
  }
}
