package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model in the layout of HuggingFace: {@code config.json}, {@code model.safetensors}, the
 * tokenizer's files, and {@code modules.json}, {@code 1_Pooling/config.json}, {@code
 * sentence_bert_config.json} of sentence-transformers. {@code mirror4j.json} holds what those
 * cannot ({@link ModelSettings}).
 */
public final class ModelDirectory {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String WEIGHTS_INDEX = "model.safetensors.index.json";
  private static final String SETTINGS = "mirror4j.json";

  /**
   * What {@link #write} writes.
   *
   * @param config content of {@code config.json}; {@code torch_dtype}, or {@code dtype} where it
   *     has that, is set to the type of the first tensor
   * @param tensors in the order of the file, under the names of transformers
   * @param settings pooling and length also go to the files of sentence-transformers
   * @param tokenizer writes the tokenizer's files into the directory
   */
  public record Contents(
      ObjectNode config,
      List<TensorEntry> tensors,
      ModelSettings settings,
      AtomicFiles.DirectoryWriter tokenizer) {}

  private final Path path;
  private final ObjectNode config;

  private ModelDirectory(Path path, ObjectNode config) {
    this.path = path;
    this.config = config;
  }

  /**
   * Opens a directory and reads its {@code config.json}.
   *
   * @throws CheckpointException if it is absent, not a directory, or has no readable configuration
   */
  public static ModelDirectory open(Path path) {
    if (Files.isRegularFile(path)) {
      throw new CheckpointException(path + ": is a file, expected a model directory");
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointException(path + ": no such directory, expected a model directory");
    }
    return new ModelDirectory(path, JsonFiles.readObject(path.resolve(CONFIG)));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The content of {@code config.json}; a copy. */
  public ObjectNode config() {
    return config.deepCopy();
  }

  /**
   * Opens {@code model.safetensors}, or the files of {@code model.safetensors.index.json}. The
   * caller closes it.
   *
   * @throws CheckpointException if neither is there or one breaks the format
   */
  public SafeTensors weights() {
    if (Files.exists(path.resolve(WEIGHTS))) {
      return SafeTensors.open(path.resolve(WEIGHTS));
    }
    if (Files.exists(path.resolve(WEIGHTS_INDEX))) {
      return SafeTensors.openSharded(path.resolve(WEIGHTS_INDEX));
    }
    if (Files.exists(path.resolve("pytorch_model.bin"))) {
      throw new CheckpointException(
          path
              + ": holds pytorch_model.bin but no model.safetensors:"
              + " run 'mirror4j convert' on it first");
    }
    throw new CheckpointException(path + ": no model.safetensors, expected a model directory");
  }

  /**
   * The settings in {@code mirror4j.json}; where that is absent, pooling and length of
   * sentence-transformers; where those are absent too, {@link ModelSettings#NONE}.
   *
   * @throws CheckpointException if one of those files is malformed or asks for what cannot be done
   */
  public ModelSettings settings() {
    Path file = path.resolve(SETTINGS);
    if (Files.exists(file)) {
      return ModelSettings.fromJson(JsonFiles.readObject(file), file.toString());
    }
    return SentenceTransformersFiles.read(path);
  }

  /**
   * Writes a directory that appears whole or not at all.
   *
   * @param replace whether a model directory that is there is replaced, with all that is in it
   * @throws CheckpointException if something is there that may not be replaced: a file, a directory
   *     that is not empty when {@code replace} is false, or one without {@code config.json}
   * @throws UncheckedIOException if writing fails; nothing has changed then
   */
  public static void write(Path target, Contents contents, boolean replace) {
    try {
      checkReplaceable(target, replace);
      AtomicFiles.writeDirectory(target, replace, directory -> writeFiles(directory, contents));
    } catch (IOException e) {
      throw new UncheckedIOException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Fails if {@link #write} would refuse the target: for finding out before hours of work.
   *
   * @throws CheckpointException as {@link #write}
   */
  public static void checkReplaceable(Path target, boolean replace) {
    try {
      AtomicFiles.recover(target);
      // Replacing deletes; a mistyped path must not cost anyone their files.
      boolean isModel = Files.exists(target.resolve(CONFIG));
      if (replace && !isModel && Files.isDirectory(target) && !AtomicFiles.isEmpty(target)) {
        throw new CheckpointException(
            target + ": holds files but no config.json, expected a model directory to replace");
      }
      AtomicFiles.checkFree(target, replace);
    } catch (IOException e) {
      throw new UncheckedIOException(target + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void writeFiles(Path directory, Contents contents) throws IOException {
    ObjectNode config = contents.config().deepCopy();
    if (!contents.tensors().isEmpty()) {
      if (config.has("dtype")) {
        config.remove("torch_dtype");
      }
      // transformers 5 calls it dtype, reads either, and believes its own where both are there.
      config.put(
          config.has("dtype") ? "dtype" : "torch_dtype",
          switch (contents.tensors().getFirst().dtype()) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case I32 -> "int32";
            case I64 -> "int64";
          });
    }
    Files.write(directory.resolve(CONFIG), JsonFiles.bytes(config));
    // transformers refuses a file that does not say for which framework its layout is.
    AtomicFiles.writeFile(
        directory.resolve(WEIGHTS),
        channel -> SafeTensorsWriter.write(channel, Map.of("format", "pt"), contents.tensors()));
    Files.write(directory.resolve(SETTINGS), JsonFiles.bytes(contents.settings().toJson()));
    SentenceTransformersFiles.write(directory, contents.settings(), config);
    contents.tokenizer().write(directory);
  }
}
