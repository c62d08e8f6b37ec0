package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.file.FileException.some;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.checkpoint.Transposition;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The weights of a TensorFlow checkpoint under the names of transformers ({@link TensorFlowNames}).
 * A kernel is the matrix of {@code x K}, so that the weight of {@code x W^T} is its transposed.
 * What training left beside the weights is passed over: counters, which are scalars, and the slots
 * of optimisers. Tensors are read one at a time.
 */
final class TensorFlowCheckpoint implements TensorSource {
  /** How the variables of a checkpoint end that TensorFlow 2 has saved as a graph of objects. */
  private static final String OBJECT = "/.ATTRIBUTES/VARIABLE_VALUE";

  private final TensorBundle bundle;
  private final Map<String, BundleEntry> tensors = new LinkedHashMap<>();

  private TensorFlowCheckpoint(TensorBundle bundle) {
    this.bundle = bundle;
  }

  /**
   * Opens a checkpoint.
   *
   * @param prefix path of the index without {@code .index}
   * @throws FileException if it is none, or its variables do not have the names of Google's BERT
   */
  static TensorFlowCheckpoint open(Path prefix) {
    TensorFlowCheckpoint checkpoint = new TensorFlowCheckpoint(TensorBundle.open(prefix));
    try {
      checkpoint.nameTensors();
      return checkpoint;
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  private void nameTensors() {
    Set<String> variables = bundle.entries().keySet();
    if (variables.stream().noneMatch(TensorFlowNames::isWordEmbeddings)) {
      throw new FileException(
          "%s: holds %s, expected the variables of Google's BERT: no %s%s"
              .formatted(
                  file(),
                  variables.isEmpty()
                      ? "no variable"
                      : some(", ", variables.stream().map(FileException::quote).toList()),
                  TensorFlowNames.WORD_EMBEDDINGS,
                  variables.stream().anyMatch(name -> name.endsWith(OBJECT))
                      ? "; saved as objects by TensorFlow 2, whose names are not read"
                      : ""));
    }
    for (BundleEntry entry : bundle.entries().values()) {
      if (entry.shape().rank() == 0 || TensorFlowNames.isSlot(entry.name(), variables)) {
        continue;
      }
      if (entry.sliced()) {
        throw new FileException(
            "%s: %s is stored in slices, expected it whole".formatted(file(), quote(entry.name())));
      }
      BundleEntry before = tensors.put(TensorFlowNames.of(entry.name()), entry);
      if (before != null) {
        throw new FileException(
            "%s: %s and %s are both %s, expected one of them"
                .formatted(
                    file(),
                    quote(before.name()),
                    quote(entry.name()),
                    quote(TensorFlowNames.of(entry.name()))));
      }
    }
  }

  @Override
  public String file() {
    return bundle.file();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    BundleEntry entry = entry(name);
    Shape stored = entry.shape();
    return isTransposed(entry) ? Shape.of(stored.dimension(1), stored.dimension(0)) : stored;
  }

  private static boolean isTransposed(BundleEntry entry) {
    return TensorFlowNames.isKernel(entry.name()) && entry.shape().rank() == 2;
  }

  @Override
  public DType dtype(String name) {
    BundleEntry entry = entry(name);
    return entry
        .dtype()
        .orElseThrow(
            () ->
                new FileException(
                    "%s: %s has elements of type %d, expected 1 (float), 2 (double), 14 (bfloat16)"
                            .formatted(file(), quote(entry.name()), entry.type())
                        + " or 19 (half)"));
  }

  @Override
  public boolean readFloats(String name, MemorySegment to) {
    BundleEntry entry = entry(name);
    DType dtype = dtype(name);
    if (!FloatConversion.isFloat(dtype)) {
      throw new FileException(
          "%s: %s has elements %s, expected F32, F16, BF16 or F64"
              .formatted(file(), quote(entry.name()), dtype));
    }
    long count = entry.shape().size();
    TensorSource.requireRoom(name, shape(name), to);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = arena.allocate(entry.size(), 64);
      bundle.read(entry, raw);
      if (!isTransposed(entry)) {
        return FloatConversion.widen(raw, dtype, to, count);
      }
      MemorySegment kernel = arena.allocate(4 * count, 64);
      boolean finite = FloatConversion.widen(raw, dtype, kernel, count);
      Transposition.transpose(kernel, to, shape(name));
      return finite;
    }
  }

  private BundleEntry entry(String name) {
    BundleEntry entry = tensors.get(name);
    if (entry == null) {
      throw new FileException(file() + ": no tensor " + quote(name));
    }
    return entry;
  }

  @Override
  public void close() {
    bundle.close();
  }
}
