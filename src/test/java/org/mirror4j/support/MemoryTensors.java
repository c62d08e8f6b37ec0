package org.mirror4j.support;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/** Tensors by name, as a file would hold them; tests change them. */
public record MemoryTensors(Map<String, TensorEntry> tensors) implements TensorSource {
  /** Entries under other names. */
  public static MemoryTensors of(List<TensorEntry> entries, UnaryOperator<String> rename) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    entries.forEach(entry -> tensors.put(rename.apply(entry.name()), entry));
    return new MemoryTensors(tensors);
  }

  /** Every parameter of an architecture, each with values of its own. */
  public static MemoryTensors of(
      BertConfig config, UnaryOperator<String> rename, ParameterTable.Block... heads) {
    return of(
        BertModel.table(config, heads).entries().stream()
            .map(entry -> entry(entry.name(), entry.shape()))
            .toList(),
        rename);
  }

  /** Values that follow from the name. */
  public static TensorEntry entry(String name, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = name.hashCode() % 100 + i / 16f;
    }
    return new TensorEntry(name, DType.F32, shape, MemorySegment.ofArray(values));
  }

  /** Adds a tensor. */
  public void add(String name, int... dimensions) {
    tensors.put(name, entry(name, Shape.of(dimensions)));
  }

  @Override
  public String file() {
    return "file";
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public DType dtype(String name) {
    return tensors.get(name).dtype();
  }

  @Override
  public Shape shape(String name) {
    return tensors.get(name).shape();
  }

  @Override
  public boolean readFloats(String name, MemorySegment to) {
    return FloatConversion.widen(
        tensors.get(name).values(), DType.F32, to, tensors.get(name).shape().size());
  }

  @Override
  public void close() {}
}
