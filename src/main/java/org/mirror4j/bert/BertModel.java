package org.mirror4j.bert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The weights of a model on a device, and their way from and to files.
 *
 * @param config the architecture
 * @param table where each parameter lies
 * @param parameters views of the flat buffer, f32
 * @param stored the parameters in the storage type, from which matrix products take their weights;
 *     {@code parameters} itself where that is f32
 * @param pooler weights of the pooler, which is not used but kept; empty where there are none
 * @param notes what a user should know of how the file was read, a line each
 */
public record BertModel(
    BertConfig config,
    ParameterTable table,
    BertParameters parameters,
    BertParameters stored,
    List<TensorEntry> pooler,
    List<String> notes) {
  /** A model of unspecified content, for a workspace that only counts or is filled afterwards. */
  public static BertModel plan(Workspace workspace, BertConfig config, boolean head) {
    ParameterTable table =
        head ? ParameterTable.maskedLanguageModel(config) : ParameterTable.encoder(config);
    Tensor flat = workspace.f32("parameters", table.size());
    BertParameters parameters = BertParameters.of(config, table, flat);
    return new BertModel(config, table, parameters, parameters, List.of(), List.of());
  }

  /**
   * This model with a copy of its parameters in a storage type, in step with them: the same model
   * where that is f32.
   *
   * @param device null when {@code workspace} only counts
   */
  public BertModel storedAs(Device device, Workspace workspace, DType storage) {
    if (storage == DType.F32) {
      return this;
    }
    Tensor flat = workspace.tensor("storedParameters", storage, Shape.of(table.size()));
    BertModel model =
        new BertModel(
            config, table, parameters, BertParameters.of(config, table, flat), pooler, notes);
    if (device != null) {
      model.refreshStored(device);
    }
    return model;
  }

  /** Brings the stored parameters in step with the parameters after these were written. */
  public void refreshStored(Device device) {
    if (stored != parameters) {
      device.kernels().memory().convert(stored.flat(), parameters.flat());
    }
  }

  /** Type of activations and of weights in matrix products. */
  public DType storage() {
    return stored.flat().dtype();
  }

  /**
   * A model with fresh weights: matrices from a normal distribution of standard deviation {@code
   * initializer_range}, LayerNorm weights 1, all else 0 (Devlin et al. 2019, as transformers does).
   */
  public static BertModel fresh(
      Device device, Workspace workspace, BertConfig config, boolean head, long seed) {
    BertModel model = plan(workspace, config, head);
    device.kernels().memory().fill(model.parameters.flat(), 0);
    for (ParameterTable.Entry entry : model.table.entries()) {
      Tensor tensor = model.table.view(model.parameters.flat(), entry.name());
      if (entry.shape().rank() == 2) {
        // A generator of its own for each parameter: a head changes nothing else.
        SplittableRandom random = new SplittableRandom(seed ^ entry.name().hashCode());
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment values = arena.allocate(4 * tensor.size(), Allocator.ALIGNMENT);
          for (long i = 0; i < tensor.size(); i++) {
            float value = (float) (random.nextGaussian() * config.initializerRange());
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
          }
          device.upload(tensor, values);
        }
      } else if (isGamma(entry.name())) {
        device.kernels().memory().fill(tensor, 1);
      }
    }
    return model;
  }

  private static boolean isGamma(String name) {
    return name.endsWith("LayerNorm.weight") || name.endsWith("layer_norm.weight");
  }

  /**
   * A model read from a checkpoint.
   *
   * @param head whether the head of a masked language model is read too
   * @throws FileException if the weights do not fit the architecture ({@link WeightMap}) or one is
   *     not finite; no memory has been taken for them in the former case
   */
  public static BertModel load(
      Device device, Workspace workspace, BertConfig config, boolean head, TensorSource source) {
    WeightMap weights = WeightMap.of(source, config, head);
    BertModel model = plan(workspace, config, head);
    device.kernels().memory().fill(model.parameters.flat(), 0);
    List<TensorEntry> pooler = new ArrayList<>();
    for (Map.Entry<String, Shape> parameter : weights.parameters().entrySet()) {
      String name = parameter.getKey();
      Shape shape = parameter.getValue();
      if (!model.table.has(name)) {
        MemorySegment values = Arena.ofAuto().allocate(4 * shape.size(), Allocator.ALIGNMENT);
        weights.read(name, values);
        pooler.add(new TensorEntry(name, DType.F32, shape, values));
        continue;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment values = arena.allocate(4 * shape.size(), Allocator.ALIGNMENT);
        weights.read(name, values);
        device.upload(model.table.view(model.parameters.flat(), name), values);
      }
    }
    return new BertModel(
        config,
        model.table,
        model.parameters,
        model.parameters,
        List.copyOf(pooler),
        weights.notes());
  }

  /**
   * The weights for a file, in the order of the table, copied to memory of {@code arena}. A model
   * with a head has the prefix of its family before the encoder's names, as transformers saves it.
   *
   * @param dtype the type to store
   * @throws FileException if a weight is not finite
   */
  public List<TensorEntry> tensors(Device device, Arena arena, DType dtype) {
    List<TensorEntry> tensors = new ArrayList<>();
    String prefix = parameters.head() == null ? "" : config.family().prefix();
    for (ParameterTable.Entry entry : table.entries()) {
      MemorySegment values = arena.allocate(4 * entry.shape().size(), Allocator.ALIGNMENT);
      device.download(values, table.view(parameters.flat(), entry.name()));
      FloatConversion.requireFinite("trained weights", entry.name(), values);
      boolean encoder =
          entry.name().startsWith("embeddings.") || entry.name().startsWith("encoder.");
      String name = encoder ? prefix + entry.name() : entry.name();
      tensors.add(new TensorEntry(name, dtype, entry.shape(), values));
    }
    for (TensorEntry entry : pooler) {
      tensors.add(new TensorEntry(prefix + entry.name(), dtype, entry.shape(), entry.values()));
    }
    return tensors;
  }
}
