package org.mirror4j.lucene;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;

/**
 * A model that indexes are made and searched with: an encoder, what its users call it, and a digest
 * of the files that its vectors come from. An index belongs to the digest, wherever the model lies.
 *
 * <p>The settings are not in the digest, as those of queries may have a prompt of their own. A
 * pooling, length, template or precision in place of the model's own must be the same for the index
 * and for its queries.
 */
public final class IndexModel implements AutoCloseable {
  private final String name;
  private final String hash;
  private final Encoder encoder;

  private IndexModel(String name, String hash, Encoder encoder) {
    this.name = name;
    this.hash = hash;
    this.encoder = encoder;
  }

  /**
   * Loads a model directory, which gives the model its name.
   *
   * @param directory as {@link Encoder#load(Path, EncoderSettings)} takes it
   * @param settings how vectors are computed
   * @return a model, to be closed
   * @throws IllegalArgumentException as {@link Encoder#load(Path, EncoderSettings)}
   * @throws org.mirror4j.Mirror4jException as {@link Encoder#load(Path, EncoderSettings)}
   * @throws FileException if the directory is no model
   */
  public static IndexModel load(Path directory, EncoderSettings settings) {
    return load(
        directory, directory.toAbsolutePath().normalize().getFileName().toString(), settings);
  }

  /**
   * Loads the small model that comes with mirror4j.
   *
   * @param settings how vectors are computed
   * @return a model, to be closed
   * @throws IllegalArgumentException as {@link Encoder#bundled(EncoderSettings)}
   * @throws org.mirror4j.Mirror4jException as {@link Encoder#bundled(EncoderSettings)}
   */
  public static IndexModel bundled(EncoderSettings settings) {
    try (Bundled bundled = Bundled.open()) {
      String hash = hash(ModelDirectory.open(bundled.model()));
      return new IndexModel(Bundled.NAME, hash, Encoder.bundled(settings));
    }
  }

  /** The same of a model that its users call otherwise. */
  static IndexModel load(Path directory, String name, EncoderSettings settings) {
    String hash = hash(ModelDirectory.open(directory));
    return new IndexModel(name, hash, Encoder.load(directory, settings));
  }

  /** Of weights, tokenizer, and what the files say of pooling, length, template and prompt. */
  private static String hash(ModelDirectory directory) {
    ModelSettings own = directory.settings();
    ModelSettings said =
        new ModelSettings(
            own.pooling(), own.maxLength(), own.template(), own.embedding(), Optional.empty());
    String all =
        directory.hash()
            + directory.tokenizerHash()
            // Both may stand in files beside the transformer's own.
            + own.embedding().prompts().byDefault()
            + (own.embedding().lowerCase() ? "lower case" : "")
            + new String(JsonFiles.compactBytes(said.toJson()), StandardCharsets.UTF_8);
    MessageDigest digest = FileHash.sha256();
    digest.update(all.getBytes(StandardCharsets.UTF_8));
    return FileHash.hex(digest);
  }

  /**
   * What its users call it.
   *
   * @return the name of its directory, or that it was asked for by
   */
  public String name() {
    return name;
  }

  /**
   * Digest of all files that its vectors depend on.
   *
   * @return SHA-256, lower-case hexadecimal
   */
  public String hash() {
    return hash;
  }

  /**
   * What computes its vectors.
   *
   * @return closed with this model
   */
  public Encoder encoder() {
    return encoder;
  }

  /** Closes the encoder: see {@link Encoder#close}. */
  @Override
  public void close() {
    encoder.close();
  }
}
