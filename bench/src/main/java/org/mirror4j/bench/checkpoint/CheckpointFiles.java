package org.mirror4j.bench.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mirror4j.bench.contest.Checkout;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.tensor.DType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Writing and reading a safetensors file of 64 matrices of 768 x 768, 151 MB: off-heap memory to
 * file and back, into memory that is fresh in each call and holds all matrices at once. The file
 * stays in the system's cache.
 */
public class CheckpointFiles {
  static final int TENSORS = 64, SIDE = 768;

  /** Bytes of the values. */
  static final double BYTES = 4.0 * TENSORS * SIDE * SIDE;

  private static Path file(String name) throws IOException {
    Path folder = Checkout.path("target/bench/checkpoint");
    Files.createDirectories(folder);
    return folder.resolve(name);
  }

  private static float[] values(int tensor) {
    Random random = new Random(tensor);
    float[] values = new float[SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void require(int tensor, boolean equal) {
    if (!equal) {
      throw new IllegalStateException(
          "tensor %d has other values than were written".formatted(tensor));
    }
  }

  /** The engine's reader and writer. */
  @State(Scope.Benchmark)
  public static class Mirror4j {
    private final Arena arena = Arena.ofShared();
    private final List<TensorEntry> entries = new ArrayList<>();
    private Path file;

    /** Makes the tensors and a first file, having made sure that all values come back. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
      file = file("mirror4j.safetensors");
      for (int tensor = 0; tensor < TENSORS; tensor++) {
        MemorySegment segment = arena.allocate(4L * SIDE * SIDE, 64);
        MemorySegment.copy(values(tensor), 0, segment, ValueLayout.JAVA_FLOAT, 0, SIDE * SIDE);
        entries.add(
            new TensorEntry(
                "tensor" + tensor, DType.F32, org.mirror4j.tensor.Shape.of(SIDE, SIDE), segment));
      }
      write();
      try (Arena fresh = Arena.ofConfined()) {
        List<MemorySegment> read = read(fresh);
        for (int tensor = 0; tensor < TENSORS; tensor++) {
          require(tensor, read.get(tensor).mismatch(entries.get(tensor).values()) < 0);
        }
      }
    }

    void write() throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        SafeTensorsWriter.write(channel, Map.of(), entries);
      }
    }

    void read() {
      try (Arena fresh = Arena.ofConfined()) {
        read(fresh);
      }
    }

    private List<MemorySegment> read(Arena fresh) {
      List<MemorySegment> all = new ArrayList<>();
      try (SafeTensors tensors = SafeTensors.open(file)) {
        for (TensorEntry entry : entries) {
          MemorySegment into = fresh.allocate(4L * SIDE * SIDE, 64);
          tensors.readFloats(entry.name(), into);
          all.add(into);
        }
      }
      return all;
    }

    /** Frees the tensors. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      arena.close();
      Files.delete(file);
    }
  }

  /** DJL's reader and writer of the same format. */
  @State(Scope.Benchmark)
  public static class Djl {
    private NDManager manager;
    private NDList arrays;
    private Path file;

    /** Makes the arrays and a first file, having made sure that all values come back. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
      file = file("djl.safetensors");
      manager = NDManager.newBaseManager();
      arrays = new NDList();
      for (int tensor = 0; tensor < TENSORS; tensor++) {
        NDArray array = manager.create(values(tensor), new Shape(SIDE, SIDE));
        array.setName("tensor" + tensor);
        arrays.add(array);
      }
      write();
      try (NDList read = decoded()) {
        for (int tensor = 0; tensor < TENSORS; tensor++) {
          // By name: DJL writes the tensors in no order of theirs.
          NDArray array = read.get(arrays.get(tensor).getName());
          require(tensor, array != null && Arrays.equals(array.toFloatArray(), values(tensor)));
        }
      }
    }

    void write() throws IOException {
      try (OutputStream stream = Files.newOutputStream(file)) {
        arrays.encode(stream, NDList.Encoding.SAFETENSORS);
      }
    }

    void read() throws IOException {
      decoded().close();
    }

    private NDList decoded() throws IOException {
      try (InputStream stream = Files.newInputStream(file)) {
        return NDList.decode(manager, stream);
      }
    }

    /** Frees the arrays. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      manager.close();
      Files.delete(file);
    }
  }

  /** The engine writes. */
  @Benchmark
  public void writeByMirror4j(Mirror4j state) throws IOException {
    state.write();
  }

  /** DJL writes. */
  @Benchmark
  public void writeByDjl(Djl state) throws IOException {
    state.write();
  }

  /** The engine reads. */
  @Benchmark
  public void readByMirror4j(Mirror4j state) {
    state.read();
  }

  /** DJL reads. */
  @Benchmark
  public void readByDjl(Djl state) throws IOException {
    state.read();
  }
}
