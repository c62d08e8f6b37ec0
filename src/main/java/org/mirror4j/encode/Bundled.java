package org.mirror4j.encode;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.FileException;
import org.mirror4j.file.TemporaryDirectory;

/**
 * What comes with the program: a small model and word lists. Files are unpacked when they are asked
 * for, to a temporary directory that is made then and there for as long as this is open.
 */
public final class Bundled implements AutoCloseable {
  /** What settings of a run call the model. */
  public static final String NAME = "bundled";

  private static final String RESOURCES = "/org/mirror4j/bundled/";
  private static final List<String> MODEL_FILES =
      List.of(
          "config.json",
          "model.safetensors",
          "mirror4j.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "vocab.txt");

  /** Made when something is to lie there: most runs need none. */
  private TemporaryDirectory directory;

  private Bundled() {}

  /** Unpacks nothing yet. */
  public static Bundled open() {
    return new Bundled();
  }

  private synchronized Path directory() {
    if (directory == null) {
      directory = TemporaryDirectory.create();
    }
    return directory.path();
  }

  /**
   * The model directory.
   *
   * @throws IllegalStateException if this build has no model
   */
  public Path model() {
    Path model = directory().resolve("model");
    for (String file : MODEL_FILES) {
      unpack("model/" + file);
    }
    return model;
  }

  /** The 10,000 most frequent words of the text that the model was made from, one a line. */
  public Path frequentWords() {
    return unpack("frequent-words.txt");
  }

  /** Word pairs with similarities set by hand, for illustration only. */
  public Path wordPairs() {
    return unpack("word-pairs.tsv");
  }

  /** A path for a file or directory that lives as long as this is open. */
  public Path scratch(String name) {
    return directory().resolve(name);
  }

  private Path unpack(String resource) {
    Path target = directory().resolve(resource);
    try (InputStream content = Bundled.class.getResourceAsStream(RESOURCES + resource)) {
      if (content == null) {
        throw new IllegalStateException(
            "this build has no bundled " + resource + "; name your own with --model or --corpus");
      }
      if (!Files.exists(target)) {
        Files.createDirectories(target.getParent());
        Files.copy(content, target);
      }
      return target;
    } catch (IOException e) {
      throw FileException.of("bundled %s cannot be unpacked".formatted(resource), e);
    }
  }

  @Override
  public synchronized void close() {
    if (directory != null) {
      directory.close();
    }
  }
}
