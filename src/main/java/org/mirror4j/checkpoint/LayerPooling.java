package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The poolings of several layers as sentence-transformers has them: a module WeightedLayerPooling
 * takes {@code sum_i w_i h_i / sum_i w_i} of the embeddings h_0 and the layers' outputs h_1 to h_L,
 * and a mean over the tokens follows. Its folder holds {@code config.json} and {@code
 * model.safetensors} with {@code layer_weights} [L + 1 - layer_start]. Only layers of equal weight
 * can be computed here.
 */
final class LayerPooling {
  /** What the library's module needs in the model's configuration; without, it does nothing. */
  static final String HIDDEN_STATES = "output_hidden_states";

  private static final String FIRST_LAST = "first-last-avg", LAST_2 = "last-2-avg";
  private static final String CONFIG = "config.json", WEIGHTS = "model.safetensors";
  private static final String TENSOR = "layer_weights";
  private static final String START = "layer_start", LAYERS = "num_hidden_layers";

  /** What the library takes where its file says nothing. */
  private static final int DEFAULT_START = 4, DEFAULT_LAYERS = 12;

  private LayerPooling() {}

  /**
   * The label that files of the library give a pooling of a model: of those that are the same for
   * its number of layers, one.
   *
   * @param config the model's {@code config.json}
   */
  static String canonical(String label, ObjectNode config) {
    int layers = config.path(LAYERS).asInt();
    if (label.equals(LAST_2) && layers == 2) {
      return FIRST_LAST;
    }
    return label.equals(FIRST_LAST) && layers == 1 ? "mean" : label;
  }

  /** Whether a pooling of a model takes several layers. */
  static boolean takesLayers(String label, ObjectNode config) {
    return List.of(FIRST_LAST, LAST_2).contains(canonical(label, config));
  }

  /**
   * The label of the pooling that the module in a folder and a mean over tokens are.
   *
   * @param config the model's {@code config.json}
   * @throws FileException if a file is absent, malformed or asks for what cannot be done
   */
  static String read(Path folder, ObjectNode config) {
    Path file = folder.resolve(CONFIG);
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    fields.allow("word_embedding_dimension", "embedding_dimension", START, LAYERS);
    int layers = config.path(LAYERS).asInt();
    int start = fields.has(START) ? fields.integer(START) : DEFAULT_START;
    int count = fields.has(LAYERS) ? fields.positive(LAYERS) : DEFAULT_LAYERS;
    if (count != layers || start < 0 || start > layers) {
      throw new FileException(
          "%s: layers are %d to %d, expected some of 0 to %d, as the model has them"
              .formatted(file, start, count, layers));
    }
    if (!config.path(HIDDEN_STATES).asBoolean()) {
      throw new FileException(
          "%s: takes several layers, expected '%s' true in the model's configuration, without which the library takes the last alone"
              .formatted(file, HIDDEN_STATES));
    }
    SortedSet<Integer> taken = taken(folder, start, layers);
    if (taken.equals(new TreeSet<>(List.of(1, layers)))) {
      return layers == 1 ? "mean" : FIRST_LAST;
    }
    if (layers > 2 && taken.equals(new TreeSet<>(List.of(layers - 1, layers)))) {
      return LAST_2;
    }
    throw new FileException(
        "%s: takes the layers %s of 0 to %d, expected the first and the last, or the last two"
            .formatted(folder.resolve(WEIGHTS), taken, layers));
  }

  /** Layers, counted from the embeddings, that have a weight. */
  private static SortedSet<Integer> taken(Path folder, int start, int layers) {
    Path file = folder.resolve(WEIGHTS);
    if (!Files.exists(file)) {
      throw new FileException(file + ": no such file, expected the weights of layers");
    }
    int size = layers + 1 - start;
    MemorySegment weights = Arena.ofAuto().allocate(Float.BYTES * (long) size, Float.BYTES);
    try (SafeTensors tensors = SafeTensors.open(file)) {
      if (!tensors.names().equals(Set.of(TENSOR))
          || !tensors.shape(TENSOR).equals(Shape.of(size))) {
        throw new FileException(
            "%s: expected the tensor %s of shape %s alone".formatted(file, TENSOR, Shape.of(size)));
      }
      if (!tensors.readFloats(TENSOR, weights)) {
        throw new FileException(
            "%s: tensor %s holds a value that is not finite".formatted(file, TENSOR));
      }
    }
    SortedSet<Integer> taken = new TreeSet<>();
    float weight = 0;
    for (int i = 0; i < size; i++) {
      float value = weights.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (value != 0) {
        if (!taken.isEmpty() && value != weight) {
          throw new FileException(
              "%s: layers have the weights %s and %s, expected equal ones or 0"
                  .formatted(file, weight, value));
        }
        weight = value;
        taken.add(start + i);
      }
    }
    return taken;
  }

  /**
   * Writes the files of the module into a folder that is there.
   *
   * @param label of a pooling that takes several layers
   * @param config the model's {@code config.json}
   */
  static void write(Path folder, String label, ObjectNode config) throws IOException {
    int layers = config.path(LAYERS).asInt();
    int first = canonical(label, config).equals(FIRST_LAST) ? 1 : layers - 1;
    float[] weights = new float[layers];
    IntStream.of(first, layers).forEach(layer -> weights[layer - 1] = 1);
    ObjectNode json = JsonFiles.object();
    json.set("word_embedding_dimension", config.get("hidden_size"));
    json.put(START, 1);
    json.put(LAYERS, layers);
    Files.write(folder.resolve(CONFIG), JsonFiles.bytes(json));
    TensorEntry entry =
        new TensorEntry(TENSOR, DType.F32, Shape.of(layers), MemorySegment.ofArray(weights));
    SafeTensorsWriter.write(folder.resolve(WEIGHTS), Map.of("format", "pt"), List.of(entry));
  }
}
