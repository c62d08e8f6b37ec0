package org.mirror4j.bert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The weights of a model on a device, those of an encoder and of any heads on it, and their way
 * from and to files.
 *
 * @param config the architecture of the encoder
 * @param table where each parameter lies: those of the encoder, then those of each head
 * @param parameters flat, f32
 * @param stored the parameters in the storage type, from which matrix products take their weights;
 *     {@code parameters} itself where that is f32
 * @param packed of each layer the packed weights of matrix products, which its forward pass takes
 *     then in place of those stored; absent where it does not
 * @param pooler weights of a pooler that no block takes but that are kept; empty where there are
 *     none
 * @param notes what a user should know of how the file was read, a line each
 */
public record BertModel(
    BertConfig config,
    ParameterTable table,
    Tensor parameters,
    Tensor stored,
    Optional<List<PackedLayer>> packed,
    List<TensorEntry> pooler,
    List<String> notes) {
  /** Name of the word embeddings, with which some heads decode. */
  public static final String WORDS = "embeddings.word_embeddings.weight";

  /** Rows of a batch beyond which products with weights as they are stored get no faster. */
  private static final int BATCH_TOKENS = 4096;

  /**
   * Where the parameters of an encoder and of heads on it lie.
   *
   * @throws IllegalArgumentException if there are more than an int counts
   */
  public static ParameterTable table(BertConfig config, ParameterTable.Block... heads) {
    List<ParameterTable.Block> blocks = new ArrayList<>();
    blocks.add(scope -> BertParameters.of(scope, config));
    blocks.addAll(List.of(heads));
    try {
      return ParameterTable.of(blocks);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("config: " + e.getMessage(), e);
    }
  }

  /** A model of unspecified content, for a workspace that only counts or is filled afterwards. */
  public static BertModel plan(
      Workspace workspace, BertConfig config, ParameterTable.Block... heads) {
    return plan(workspace, config, table(config, heads));
  }

  private static BertModel plan(Workspace workspace, BertConfig config, ParameterTable table) {
    Tensor flat = workspace.f32("parameters", table.size());
    return new BertModel(config, table, flat, flat, Optional.empty(), List.of(), List.of());
  }

  /**
   * This model with a copy of its parameters in a storage type, in step with them: the same model
   * where that is f32.
   *
   * @param device null when {@code workspace} only counts
   */
  public BertModel storedAs(Device device, Workspace workspace, DType storage) {
    requireWhole();
    if (storage == DType.F32) {
      return this;
    }
    Tensor flat = workspace.tensor("storedParameters", storage, Shape.of(table.size()));
    if (device != null) {
      device.kernels().memory().convert(flat, parameters);
    }
    return new BertModel(config, table, parameters, flat, Optional.empty(), pooler, notes);
  }

  /**
   * This model for encoders that only go forward: with a packed copy of its layers' weights where
   * the device has packed products of them, else as {@link #storedAs} has it. The memory of what is
   * packed may be taken back: this model itself is not to be used afterwards.
   *
   * @param device computing in the precision
   */
  public BertModel forwardOnly(Device device, Workspace workspace, Precision precision) {
    requireWhole();
    DType packing = precision.packing();
    if (device.packed(packing).isEmpty()) {
      return storedAs(device, workspace, precision.storage());
    }
    List<PackedLayer> layers =
        encoder(parameters).layers().stream()
            .map(layer -> PackedLayer.pack(device, workspace, packing, layer))
            .toList();
    return new BertModel(config, table, parameters, stored, Optional.of(layers), pooler, notes);
  }

  /** Weights that are packed are there in no other order. */
  private void requireWhole() {
    if (packed.isPresent()) {
      throw new IllegalStateException("the weights are packed, expected as they were read");
    }
  }

  /** Tokens of a batch, of an encoder that only goes forward, beyond which it gets no faster. */
  int batchTokens(Device device) {
    return packed
        .map(layers -> device.packed(layers.getFirst().type()).orElseThrow().batchRows())
        .orElse(BATCH_TOKENS);
  }

  /** The products of a layer's forward pass. */
  LayerProducts products(Device device, int layer) {
    return packed
        .map(layers -> layers.get(layer))
        .map(weights -> LayerProducts.of(device.packed(weights.type()).orElseThrow(), weights))
        .orElseGet(() -> LayerProducts.of(device.kernels(), encoder(stored).layers().get(layer)));
  }

  /** Type of activations and of weights in matrix products; of packed ones in int8, f32. */
  public DType storage() {
    return packed
        .map(layers -> layers.getFirst().type())
        .filter(type -> type != DType.INT8)
        .orElse(stored.dtype());
  }

  /** The encoder's part of a flat buffer: of parameters, gradients or moments. */
  BertParameters encoder(Tensor flat) {
    return BertParameters.of(table.scope(flat), config);
  }

  /**
   * A model with fresh weights, as each block declares them: matrices from a normal distribution of
   * standard deviation {@code initializer_range}, LayerNorm weights 1, all else 0 (Devlin et al.
   * 2019, as transformers does).
   */
  public static BertModel fresh(
      Device device,
      Workspace workspace,
      BertConfig config,
      long seed,
      ParameterTable.Block... heads) {
    BertModel model = plan(workspace, config, heads);
    device.kernels().memory().fill(model.parameters, 0);
    for (ParameterTable.Entry entry : model.table.entries()) {
      initialize(device, model, entry, seed);
    }
    return model;
  }

  private static void initialize(
      Device device, BertModel model, ParameterTable.Entry entry, long seed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(4 * entry.shape().size(), Allocator.ALIGNMENT);
      entry.parameter().initialize(values, seed);
      device.upload(model.table.view(model.parameters, entry.name()), values);
    }
  }

  /**
   * A model read from a checkpoint.
   *
   * @param heads that are read too
   * @throws FileException if the weights do not fit the architecture ({@link WeightMap}) or one is
   *     not finite; no memory has been taken for them in the former case
   */
  public static BertModel load(
      Device device,
      Workspace workspace,
      BertConfig config,
      TensorSource source,
      ParameterTable.Block... heads) {
    return load(
        device, workspace, config, WeightMap.of(source, config, heads), 0, table(config, heads));
  }

  /**
   * A model read from a checkpoint with heads that it may lack: of one without any parameter there
   * the weights are fresh, as {@link #fresh} has them.
   *
   * @param seed of the fresh weights
   * @param heads that the model is to have
   * @throws FileException as {@link #load} does; a head of which only a part is there is refused
   */
  public static BertModel extended(
      Device device,
      Workspace workspace,
      BertConfig config,
      TensorSource source,
      long seed,
      ParameterTable.Block... heads) {
    return extended(device, workspace, config, source, seed, Set.of(), heads);
  }

  /**
   * The same, with heads that are fresh whatever the checkpoint has.
   *
   * @param anew which of them
   */
  public static BertModel extended(
      Device device,
      Workspace workspace,
      BertConfig config,
      TensorSource source,
      long seed,
      Set<ParameterTable.Block> anew,
      ParameterTable.Block... heads) {
    ParameterTable.Block[] there =
        Stream.of(heads)
            .filter(head -> !anew.contains(head) && WeightMap.hasAny(source, head))
            .toArray(ParameterTable.Block[]::new);
    WeightMap weights = WeightMap.of(source, config, there);
    return load(device, workspace, config, weights, seed, table(config, heads));
  }

  private static BertModel load(
      Device device,
      Workspace workspace,
      BertConfig config,
      WeightMap weights,
      long seed,
      ParameterTable table) {
    BertModel model = plan(workspace, config, table);
    device.kernels().memory().fill(model.parameters, 0);
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
        device.upload(model.table.view(model.parameters, name), values);
      }
    }
    for (ParameterTable.Entry entry : table.entries()) {
      if (!weights.parameters().containsKey(entry.name())) {
        initialize(device, model, entry, seed);
      }
    }
    return new BertModel(
        config,
        model.table,
        model.parameters,
        model.parameters,
        Optional.empty(),
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
    requireWhole();
    List<TensorEntry> tensors = new ArrayList<>();
    boolean bare = table.entries().stream().allMatch(entry -> WeightNames.isEncoder(entry.name()));
    String prefix = bare ? "" : config.family().prefix();
    for (ParameterTable.Entry entry : table.entries()) {
      MemorySegment values = arena.allocate(4 * entry.shape().size(), Allocator.ALIGNMENT);
      device.download(values, table.view(parameters, entry.name()));
      FloatConversion.requireFinite("trained weights", entry.name(), values);
      String name = WeightNames.isEncoder(entry.name()) ? prefix + entry.name() : entry.name();
      tensors.add(new TensorEntry(name, dtype, entry.shape(), values));
    }
    for (TensorEntry entry : pooler) {
      tensors.add(new TensorEntry(prefix + entry.name(), dtype, entry.shape(), entry.values()));
    }
    return tensors;
  }
}
