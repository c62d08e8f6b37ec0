package org.mirror4j.method.pretrain;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/**
 * Heads of pretraining that a model has and a run does not train. They are written as they were, so
 * that another run can go on with them.
 *
 * @param names the first parameter of each
 * @param tensors those that {@link BertModel} does not keep itself, as it does a pooler; f32
 */
record KeptHeads(List<String> names, List<TensorEntry> tensors) {
  static final KeptHeads NONE = new KeptHeads(List.of(), List.of());

  /**
   * All that there are, of the smallest size: what counts here is what their parameters are called.
   */
  private static final PretrainingHeads ALL =
      new PretrainingHeads(Optional.of(new PretrainingHeads.SpanBoundarySize(1, 1)), true);

  /**
   * Reads them.
   *
   * @param trained the heads of the run
   * @throws FileException if one cannot be read, or an element is not finite
   */
  static KeptHeads of(TensorSource weights, BertConfig config, PretrainingHeads trained) {
    Map<String, String> found = WeightNames.of(weights).byParameter();
    ParameterTable table = BertModel.table(config, trained.blocks(config));
    List<String> names = new ArrayList<>();
    List<TensorEntry> tensors = new ArrayList<>();
    for (ParameterTable.Block head : ALL.blocks(config)) {
      List<String> there =
          ParameterTable.of(List.of(head)).entries().stream()
              .map(ParameterTable.Entry::name)
              .filter(name -> !table.has(name) && found.containsKey(name))
              .toList();
      if (!there.isEmpty()) {
        names.add(there.getFirst());
      }
      there.stream()
          .filter(name -> !WeightNames.isEncoder(name))
          .forEach(name -> tensors.add(read(weights, found.get(name), name)));
    }
    return new KeptHeads(List.copyOf(names), List.copyOf(tensors));
  }

  private static TensorEntry read(TensorSource weights, String tensor, String name) {
    Shape shape = weights.shape(tensor);
    MemorySegment values = Arena.ofAuto().allocate(4 * shape.size(), Allocator.ALIGNMENT);
    if (!weights.readFloats(tensor, values)) {
      FloatConversion.requireFinite(weights.file(), tensor, values);
    }
    return new TensorEntry(name, DType.F32, shape, values);
  }

  /** For a file, in a type. */
  List<TensorEntry> stored(DType store) {
    return tensors.stream()
        .map(tensor -> new TensorEntry(tensor.name(), store, tensor.shape(), tensor.values()))
        .toList();
  }
}
