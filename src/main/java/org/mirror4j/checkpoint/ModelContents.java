package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;

/**
 * A model directory to be written, see {@link ModelOutput}.
 *
 * @param config content of {@code config.json}
 * @param model writes that file and the weights into the directory
 * @param settings pooling and length also go to the files of sentence-transformers
 * @param dense what maps the pooled vectors, in order
 * @param files writes all other files into the directory: the tokenizer's, and what the model was
 *     made with
 */
public record ModelContents(
    ObjectNode config,
    AtomicFiles.DirectoryWriter model,
    ModelSettings settings,
    List<DenseModule> dense,
    AtomicFiles.DirectoryWriter files) {
  /**
   * A model of these weights.
   *
   * @param config content of {@code config.json}; {@code torch_dtype}, or {@code dtype} where it
   *     has that, is set to the type of the first tensor
   * @param tensors in the order of the file, under the names of transformers
   */
  public ModelContents(
      ObjectNode config,
      List<TensorEntry> tensors,
      ModelSettings settings,
      List<DenseModule> dense,
      AtomicFiles.DirectoryWriter files) {
    this(config, directory -> writeModel(directory, config, tensors), settings, dense, files);
  }

  /** A model whose vectors are the pooled ones. */
  public ModelContents(
      ObjectNode config,
      List<TensorEntry> tensors,
      ModelSettings settings,
      AtomicFiles.DirectoryWriter files) {
    this(config, tensors, settings, List.of(), files);
  }

  /** The same with more files. */
  public ModelContents with(AtomicFiles.DirectoryWriter more) {
    return new ModelContents(
        config,
        model,
        settings,
        dense,
        directory -> {
          files.write(directory);
          more.write(directory);
        });
  }

  private static void writeModel(Path directory, ObjectNode asked, List<TensorEntry> tensors)
      throws IOException {
    ObjectNode config = asked.deepCopy();
    if (!tensors.isEmpty()) {
      if (config.has("dtype")) {
        config.remove("torch_dtype");
      }
      // transformers 5 calls it dtype, reads either, and believes its own where both are there.
      config.put(
          config.has("dtype") ? "dtype" : "torch_dtype",
          switch (tensors.getFirst().dtype()) {
            case F64 -> "float64";
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case INT8 -> throw new IllegalStateException("weights of int8, expected none in files");
            case I32 -> "int32";
            case I64 -> "int64";
          });
    }
    Files.write(directory.resolve(ModelDirectory.CONFIG), JsonFiles.bytes(config));
    // transformers refuses a file that does not say for which framework its layout is.
    SafeTensorsWriter.write(
        directory.resolve(ModelDirectory.WEIGHTS), Map.of("format", "pt"), tensors);
  }
}
