package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * A Dense module of sentence-transformers, in memory of the host: {@code y = activation(W x + b)}.
 * Its folder holds {@code config.json} and {@code model.safetensors} with {@code linear.weight}
 * [outFeatures, inFeatures] and {@code linear.bias} [outFeatures].
 *
 * @param inFeatures width of x
 * @param outFeatures width of y
 * @param weight W, f32 in rows
 * @param bias b, f32; empty for none
 */
public record DenseModule(
    int inFeatures,
    int outFeatures,
    MemorySegment weight,
    Optional<MemorySegment> bias,
    Activation activation) {
  /** What follows the product; the names are those of PyTorch's classes. */
  public enum Activation {
    IDENTITY("torch.nn.modules.linear.Identity"),
    TANH("torch.nn.modules.activation.Tanh");

    private final String className;

    Activation(String className) {
      this.className = className;
    }
  }

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String WEIGHT = "linear.weight";
  private static final String BIAS = "linear.bias";
  private static final String EMBEDDING = "sentence_embedding";

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if weight or bias has another size than the widths say
   */
  public DenseModule {
    require(WEIGHT, weight, (long) inFeatures * outFeatures);
    bias.ifPresent(values -> require(BIAS, values, outFeatures));
  }

  private static void require(String name, MemorySegment values, long elements) {
    if (values.byteSize() != Float.BYTES * elements) {
      throw new IllegalArgumentException(
          "%s has %d bytes, expected %d"
              .formatted(name, values.byteSize(), Float.BYTES * elements));
    }
  }

  /**
   * Reads a folder.
   *
   * @param opener opens the weights of a folder
   * @throws FileException if it is malformed or asks for what cannot be done
   */
  static DenseModule read(Path folder, Function<Path, TensorSource> opener) {
    Path file = folder.resolve(CONFIG);
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    fields.allow(
        "in_features",
        "out_features",
        "bias",
        "activation_function",
        "module_input_name",
        "module_output_name",
        "use_residual");
    for (String key : List.of("module_input_name", "module_output_name")) {
      if (fields.has(key)) {
        fields.oneOf(key, EMBEDDING);
      }
    }
    if (fields.flag("use_residual")) {
      throw new FileException(file + ": 'use_residual' is true, expected false");
    }
    int in = fields.positive("in_features");
    int out = fields.positive("out_features");
    boolean biased = !fields.has("bias") || fields.truth("bias");
    Activation activation = activation(fields);
    try (TensorSource weights = opener.apply(folder)) {
      Set<String> expected = biased ? Set.of(WEIGHT, BIAS) : Set.of(WEIGHT);
      for (String name : weights.names()) {
        if (!expected.contains(name)) {
          throw new FileException(
              "%s: tensor %s, expected %s only"
                  .formatted(
                      weights.file(),
                      FileException.quote(name),
                      biased ? WEIGHT + " and " + BIAS : WEIGHT));
        }
      }
      MemorySegment weight = values(weights, WEIGHT, Shape.of(out, in));
      return new DenseModule(
          in,
          out,
          weight,
          biased ? Optional.of(values(weights, BIAS, Shape.of(out))) : Optional.empty(),
          activation);
    }
  }

  /** The library's own default is the hyperbolic tangent. */
  private static Activation activation(JsonFields fields) {
    if (!fields.has("activation_function")) {
      return Activation.TANH;
    }
    String name = fields.string("activation_function");
    for (Activation activation : Activation.values()) {
      if (activation.className.equals(name)) {
        return activation;
      }
    }
    throw new FileException(
        "%s: 'activation_function' is %s, expected %s or %s"
            .formatted(
                fields.file(),
                FileException.quote(name),
                Activation.IDENTITY.className,
                Activation.TANH.className));
  }

  private static MemorySegment values(TensorSource weights, String name, Shape shape) {
    if (!weights.shape(name).equals(shape)) {
      throw new FileException(
          "%s: tensor %s is %s, expected %s"
              .formatted(weights.file(), name, weights.shape(name), shape));
    }
    if (!FloatConversion.isFloat(weights.dtype(name))) {
      throw new FileException(
          "%s: tensor %s has elements %s, expected F32, F16, BF16 or F64"
              .formatted(weights.file(), name, weights.dtype(name)));
    }
    MemorySegment values = Arena.ofAuto().allocate(Float.BYTES * shape.size(), Allocator.ALIGNMENT);
    if (!weights.readFloats(name, values)) {
      throw new FileException(
          "%s: tensor %s holds a value that is not finite".formatted(weights.file(), name));
    }
    return values;
  }

  /** Writes the files into a folder that is there. */
  void write(Path folder) throws IOException {
    ObjectNode config =
        JsonFiles.object()
            .put("in_features", inFeatures)
            .put("out_features", outFeatures)
            .put("bias", bias.isPresent())
            .put("activation_function", activation.className);
    Files.write(folder.resolve(CONFIG), JsonFiles.bytes(config));
    List<TensorEntry> tensors = new ArrayList<>();
    tensors.add(new TensorEntry(WEIGHT, DType.F32, Shape.of(outFeatures, inFeatures), weight));
    bias.ifPresent(
        values -> tensors.add(new TensorEntry(BIAS, DType.F32, Shape.of(outFeatures), values)));
    SafeTensorsWriter.write(folder.resolve(WEIGHTS), Map.of("format", "pt"), tensors);
  }
}
