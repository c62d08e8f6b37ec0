package org.mirror4j.search;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Objects;
import org.mirror4j.file.FileException;
import org.mirror4j.file.NpyHeader;

/**
 * Vectors [size, dimension] of f32 outside the heap, row after row: allocated and filled, or a
 * NumPy file that the operating system pages in as it is read. Any number of threads may read.
 * Closed vectors, and slices of them, throw an {@link IllegalStateException}.
 */
public final class Vectors implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Rows or columns of a file. */
  private static final int MOST_ROWS = 999_999_999;

  private final Arena arena;
  private final MemorySegment memory;
  private final int size;
  private final int dimension;

  private Vectors(Arena arena, MemorySegment memory, int size, int dimension) {
    this.arena = arena;
    this.memory = memory;
    this.size = size;
    this.dimension = dimension;
  }

  /**
   * Vectors of zeros, to be {@link #set}: 4 size dimension bytes.
   *
   * @throws IllegalArgumentException if size is negative or dimension below 1
   */
  public static Vectors allocate(int size, int dimension) {
    if (size < 0 || dimension < 1) {
      throw new IllegalArgumentException(
          "vectors: %d of %d values, expected at least 0 of at least 1".formatted(size, dimension));
    }
    Arena arena = Arena.ofShared();
    long bytes = (long) Float.BYTES * size * dimension;
    return new Vectors(arena, arena.allocate(bytes, Long.BYTES), size, dimension);
  }

  /**
   * A copy of at least one vector.
   *
   * @throws IllegalArgumentException if there is none, or they have different lengths
   */
  public static Vectors of(float[]... rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("vectors: none, expected at least 1");
    }
    Vectors vectors = allocate(rows.length, rows[0].length);
    for (int row = 0; row < rows.length; row++) {
      vectors.set(row, rows[row]);
    }
    return vectors;
  }

  /**
   * The matrix of a NumPy file, to be read only: {@code numpy.save}, or {@code embed --output
   * vectors.npy}. The file must not change while it is read.
   *
   * @throws FileException if it cannot be read, or holds no matrix of little-endian f32 in rows
   */
  public static Vectors map(Path npy) {
    try (FileChannel channel = FileChannel.open(npy, StandardOpenOption.READ)) {
      NpyHeader header = NpyHeader.read(npy, channel);
      requireMatrix(npy, header);
      int rows = header.shape().getFirst().intValue();
      int columns = header.shape().getLast().intValue();
      long bytes = (long) Float.BYTES * rows * columns;
      if (channel.size() != header.start() + bytes) {
        throw new FileException(
            "%s: %,d bytes, expected %,d for %,d vectors of %,d values"
                .formatted(npy, channel.size(), header.start() + bytes, rows, columns));
      }
      Arena arena = Arena.ofShared();
      try {
        MemorySegment memory =
            channel.map(FileChannel.MapMode.READ_ONLY, header.start(), bytes, arena);
        return new Vectors(arena, memory, rows, columns);
      } catch (IOException | RuntimeException e) {
        arena.close();
        throw e;
      }
    } catch (IOException e) {
      throw FileException.of(npy, e);
    }
  }

  private static void requireMatrix(Path npy, NpyHeader header) {
    if (!header.type().equals("<f4")
        || header.fortranOrder()
        || header.shape().size() != 2
        || Collections.max(header.shape()) > MOST_ROWS) {
      throw new FileException(
          "%s: header %s, expected 'descr' '<f4', 'fortran_order' False and 'shape' (rows, columns)"
              .formatted(npy, FileException.quote(header.dictionary())));
    }
    if (header.shape().getLast() < 1) {
      throw new FileException(npy + ": vectors of no values");
    }
  }

  /** Number of vectors. */
  public int size() {
    return size;
  }

  /** Values of a vector. */
  public int dimension() {
    return dimension;
  }

  /** A copy of a vector. */
  public float[] get(int row) {
    float[] vector = new float[dimension];
    get(row, vector);
    return vector;
  }

  /**
   * Copies a vector into the start of {@code to}.
   *
   * @throws IndexOutOfBoundsException if there is no such row, or it does not fit
   */
  public void get(int row, float[] to) {
    MemorySegment.copy(memory, FLOAT, start(row), to, 0, dimension);
  }

  /**
   * Overwrites a vector.
   *
   * @throws IllegalArgumentException if it has another length
   * @throws UnsupportedOperationException if these are the vectors of a file
   */
  public void set(int row, float[] vector) {
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "vectors: row %d has %d values, expected %d".formatted(row, vector.length, dimension));
    }
    if (memory.isReadOnly()) {
      throw new UnsupportedOperationException("vectors: those of a file are read only");
    }
    MemorySegment.copy(vector, 0, memory, FLOAT, start(row), dimension);
  }

  private long start(int row) {
    return (long) Float.BYTES * Objects.checkIndex(row, size) * dimension;
  }

  /** The vectors {@code from} to {@code to}, which is left out, in the same memory. */
  public Vectors slice(int from, int to) {
    return new Vectors(arena, segment(from, to), to - from, dimension);
  }

  /** A copy of some vectors, in the order of the rows. */
  public Vectors select(int... rows) {
    Vectors selected = allocate(rows.length, dimension);
    for (int i = 0; i < rows.length; i++) {
      MemorySegment.copy(
          memory, start(rows[i]), selected.memory, selected.start(i), 4L * dimension);
    }
    return selected;
  }

  /** The memory of the vectors {@code from} to {@code to}, which is left out. */
  MemorySegment segment(int from, int to) {
    Objects.checkFromToIndex(from, to, size);
    long bytes = (long) Float.BYTES * dimension;
    return memory.asSlice(from * bytes, (to - from) * bytes);
  }

  /** Gives the memory back, that of slices with it; the second time does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
