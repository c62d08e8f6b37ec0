package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.convert.Pickled.Strided;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PositionedFile;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * Reader of {@code pytorch_model.bin}: a dictionary of tensors as {@code torch.save} stores it,
 * since PyTorch 1.6 in a zip archive ({@link ZipStorages}), before as pickles with raw data behind
 * ({@link LegacyStorages}). Nothing in the file is executed ({@link Unpickler}). Tensors are read
 * one at a time; one that is a transposed or otherwise strided view is copied into row-major order.
 */
public final class PyTorchCheckpoint implements TensorSource {
  /**
   * A tensor spread over more than this many times its elements is refused, and so is one that
   * repeats the elements of its storage more often.
   */
  private static final int MAX_SPREAD = 16;

  private final String file;
  private final StorageFile storages;
  private final Map<String, Strided> tensors;
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  private PyTorchCheckpoint(String file, StorageFile storages, Map<String, Strided> tensors) {
    this.file = file;
    this.storages = storages;
    this.tensors = tensors;
    tensors.forEach((name, tensor) -> shapes.put(name, shapeOf(tensor)));
  }

  /**
   * Opens a file.
   *
   * @throws FileException if it cannot be read, is not what {@code torch.save} makes, or holds
   *     anything but a dictionary of tensors
   */
  public static PyTorchCheckpoint open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FileException(file + ": no such file, expected a PyTorch checkpoint");
    }
    return ZipStorages.isArchive(file) ? openZip(file) : openLegacy(file);
  }

  private static PyTorchCheckpoint openZip(Path file) {
    ZipStorages storages = ZipStorages.open(file);
    try {
      MemorySegment pickle = MemorySegment.ofArray(storages.pickle());
      Unpickler unpickler = new Unpickler(pickle, file.toString());
      return new PyTorchCheckpoint(
          file.toString(), storages, tensors(unpickler.read(), file.toString()));
    } catch (RuntimeException e) {
      storages.close();
      throw e;
    }
  }

  private static PyTorchCheckpoint openLegacy(Path file) {
    PositionedFile open = PositionedFile.open(file, "a PyTorch checkpoint");
    try {
      LegacyStorages storages = new LegacyStorages(open);
      return new PyTorchCheckpoint(
          file.toString(), storages, tensors(storages.root(), file.toString()));
    } catch (RuntimeException e) {
      open.close();
      throw e;
    }
  }

  private static Map<String, Strided> tensors(Object root, String file) {
    if (!(root instanceof Map<?, ?> map)) {
      throw new FileException(
          file + ": holds " + Pickled.describe(root) + ", expected a dictionary of tensors");
    }
    Map<String, Strided> tensors = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String name) || !(value instanceof Strided tensor)) {
            throw new FileException(
                "%s: entry %s is %s, expected a tensor"
                    .formatted(file, quote(String.valueOf(key)), Pickled.describe(value)));
          }
          tensors.put(name, tensor);
        });
    return tensors;
  }

  private static Shape shapeOf(Strided tensor) {
    return Shape.of(tensor.size().stream().mapToInt(Math::toIntExact).toArray());
  }

  @Override
  public String file() {
    return file;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    tensor(name);
    return shapes.get(name);
  }

  /** Also looks, of floats, whether the file has the elements that the pickle speaks of. */
  @Override
  public DType dtype(String name) {
    DType dtype = tensor(name).storage().type().dtype().orElseThrow(() -> otherType(name));
    if (FloatConversion.isFloat(dtype)) {
      requireElements(name);
    }
    return dtype;
  }

  private void requireElements(String name) {
    Strided tensor = tensor(name);
    long count = elements(name);
    if (count == 0) {
      return;
    }
    long extent = extent(tensor);
    if (isFarMore(extent, count)) {
      throw new FileException(
          "%s: tensor %s spreads %d elements over %d, expected at most %d times as many"
              .formatted(file, quote(name), count, extent, MAX_SPREAD));
    }
    if (isFarMore(count, extent)) {
      throw new FileException(
          "%s: tensor %s has %d elements out of %d, expected at most %d times as many"
              .formatted(file, quote(name), count, extent, MAX_SPREAD));
    }
    storages.requireWhole(tensor.storage());
  }

  /** {@code many > MAX_SPREAD * few}, which need not fit. */
  private static boolean isFarMore(long many, long few) {
    return (many - 1) / MAX_SPREAD >= few;
  }

  private FileException otherType(String name) {
    return new FileException(
        "%s: tensor %s has elements %s, expected FLOAT, HALF, BFLOAT16 or DOUBLE"
            .formatted(file, quote(name), tensor(name).storage().type()));
  }

  @Override
  public boolean readFloats(String name, MemorySegment to) {
    Strided tensor = tensor(name);
    DType dtype = dtype(name);
    if (!FloatConversion.isFloat(dtype)) {
      throw otherType(name);
    }
    long count = elements(name);
    TensorSource.requireRoom(name, shape(name), to);
    if (count == 0) {
      return true;
    }
    long extent = extent(tensor);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = arena.allocate(extent * dtype.bytes());
      storages.read(tensor.storage(), tensor.offset() * dtype.bytes(), raw);
      if (isRowMajor(tensor)) {
        return FloatConversion.widen(raw, dtype, to, count);
      }
      MemorySegment values = arena.allocate(4 * extent);
      FloatConversion.widen(raw, dtype, values, extent);
      gather(tensor, values, to);
      // What lies between the elements of a view is none of its own.
      return FloatConversion.areFinite(to, DType.F32, count);
    }
  }

  private long elements(String name) {
    try {
      return Math.multiplyExact(shape(name).size(), 4L) / 4;
    } catch (ArithmeticException e) {
      throw new FileException(
          "%s: tensor %s is %s, too large".formatted(file, quote(name), shape(name)), e);
    }
  }

  /** Elements from the first to the last of a tensor that is not empty. */
  private static long extent(Strided tensor) {
    long extent = 1;
    for (int i = 0; i < tensor.size().size(); i++) {
      extent += (tensor.size().get(i) - 1) * tensor.stride().get(i);
    }
    return extent;
  }

  private static boolean isRowMajor(Strided tensor) {
    long expected = 1;
    for (int i = tensor.size().size() - 1; i >= 0; i--) {
      if (tensor.size().get(i) != 1 && tensor.stride().get(i) != expected) {
        return false;
      }
      expected *= tensor.size().get(i);
    }
    return true;
  }

  /** Copies element by element, the last dimension fastest. */
  private static void gather(Strided tensor, MemorySegment from, MemorySegment to) {
    int rank = tensor.size().size();
    long[] index = new long[rank];
    long source = 0;
    for (long target = 0; target < to.byteSize(); target += 4) {
      to.set(
          ValueLayout.JAVA_FLOAT_UNALIGNED,
          target,
          from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * source));
      for (int i = rank - 1; i >= 0; i--) {
        source += tensor.stride().get(i);
        if (++index[i] < tensor.size().get(i)) {
          break;
        }
        source -= index[i] * tensor.stride().get(i);
        index[i] = 0;
      }
    }
  }

  private Strided tensor(String name) {
    Strided tensor = tensors.get(name);
    if (tensor == null) {
      throw new FileException(file + ": no tensor " + quote(name));
    }
    return tensor;
  }

  @Override
  public void close() {
    storages.close();
  }
}
