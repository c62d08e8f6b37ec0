package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.stream.Collectors;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.device.operation.PackedWeight;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Products with packed weights by a library that has them. A weight lies in slices of some outputs,
 * each in the library's order, and a piece of work is some rows by a slice, whose sums stay in the
 * second-level cache until they are scaled or stored.
 *
 * <p>Measured on one core of a Zen 4, GFLOP/s, 1536 outputs of 384 inputs by rows of A:
 *
 * <pre>
 *   rows             4     8    12    16    32   128
 *   f32, packed    105   111   113   114   114   115
 *   bf16, packed   199   215   221   224   226   226
 *   int8, packed   385   411   432   436   445   453
 * </pre>
 */
final class HostPackedProduct extends PackedProduct {
  /** Outputs of a slice: a small layer has work for two threads. */
  private static final int SLICE = 192;

  /** Most rows of a piece, and fewest of many: as fast by the table above. */
  private static final int TILE_ROWS = 128, LOW_TILE_ROWS = 32;

  /** Pieces for each thread that are worth lower tiles. */
  private static final int PIECES = 2;

  /**
   * What the rows of a piece are rounded up to, below and from as many: so that a model has few
   * shapes, for each of which code is made, and none of one row, which is computed otherwise.
   */
  private static final int FEW = 4, FEW_ROWS = 32, MANY = 16;

  /**
   * Rows of a batch, whatever the number of threads, on which no result is to depend. Two threads
   * took with them 1.35 s for 2,000 sentences of MiniLM in int8 and 3.3 in f32, with 4,096 rows,
   * whose layers do not stay in the caches, 1.75 and 3.6.
   */
  private static final int BATCH_ROWS = 512;

  /** Elements to be rounded that are worth the start of a team. */
  private static final int ALONE = 1 << 15;

  private static final float MOST = 127;

  /**
   * Of a vector in {@link Int8Rows}: there is none of as many bytes as a shorter one has floats.
   */
  private static final int FEWEST_LANES = 8;

  private final HostThreads threads;
  private final Multiplier[] multipliers;
  private final HostScratch[] scratch;
  private final HostScratch shared;
  private final ScalarStart start;
  private final Set<DType> types;
  private final HostThreads.Task packing = this::pack;
  private final HostThreads.Task rounding = this::round;
  private final HostThreads.Task pieces = this::multiply;
  private Tensor a;
  private Tensor c;
  private PackedWeight w;
  private int rows;
  private int inputs;
  private int slices;
  private long sliceBytes;
  private int tileRows;
  private boolean scalars;

  /** Rows of A as the library takes them, of int8 all and else the last piece's. */
  private long copied;

  /** Of int8, f32[rows]. */
  private long factors;

  /** Of int8, i32[rows]. */
  private long zeros;

  HostPackedProduct(
      OperandCheck check,
      HostThreads threads,
      MatrixLibrary library,
      Multiplier[] multipliers,
      HostScratch[] scratch,
      HostAllocator memory,
      ScalarStart start) {
    super(check);
    this.threads = threads;
    this.multipliers = multipliers;
    this.scratch = scratch;
    this.start = start;
    types =
        library.packedTypes().stream()
            .filter(type -> type != DType.INT8 || VectorMath.LANES >= FEWEST_LANES)
            .collect(Collectors.toUnmodifiableSet());
    shared = new HostScratch(memory);
  }

  @Override
  public Set<DType> types() {
    return types;
  }

  @Override
  public int batchRows() {
    return BATCH_ROWS;
  }

  private static int slices(int outputs) {
    return (outputs + SLICE - 1) / SLICE;
  }

  @Override
  public long bytes(DType type, int outputs, int inputs) {
    return slices(outputs) * multipliers[0].packedBytes(type, Math.min(SLICE, outputs), inputs);
  }

  private void use(PackedWeight weight) {
    w = weight;
    inputs = w.inputs();
    slices = slices(w.outputs());
    sliceBytes = w.values().bytes() / slices;
  }

  @Override
  protected void computePack(PackedWeight packed, Tensor weight) {
    use(packed);
    a = weight;
    threads.run(slices, packing);
  }

  private void pack(int slice, int worker) {
    int from = slice * SLICE;
    int width = Math.min(SLICE, w.outputs() - from);
    long plain = StoredRow.at(a, (long) from * inputs);
    if (w.type() == DType.INT8) {
      long room = scratch[worker].floats((long) width * inputs / Float.BYTES + 1);
      for (int i = 0; i < width; i++) {
        quantize(from + i, plain + 4L * i * inputs, room + (long) i * inputs);
      }
      plain = room;
    }
    multipliers[worker].pack(w.type(), at(slice), plain, width, inputs);
  }

  private long at(int slice) {
    return w.values().address() + slice * sliceBytes;
  }

  /** One output, which is done once and by scalars. */
  private void quantize(int output, long from, long to) {
    float most = 0;
    for (int i = 0; i < inputs; i++) {
      most = Math.max(most, Math.abs(HostAllocator.f32(from, i)));
    }
    float scale = most / MOST;
    if (Math.rint(most / scale) > MOST) {
      // Below the normal numbers the quotient has few digits, and may be much too small or 0.
      scale = Math.nextUp(scale);
    }
    int sum = 0;
    for (int i = 0; i < inputs; i++) {
      // Divided, as a product with 1 / scale may be 127.5 and more.
      int value = scale > 0 ? (int) Math.rint(HostAllocator.f32(from, i) / scale) : 0;
      HostAllocator.ALL.set(ValueLayout.JAVA_BYTE, to + i, (byte) value);
      sum += value;
    }
    HostAllocator.f32(w.scales().address(), output, scale);
    HostAllocator.i32(w.sums().address(), output, sum);
  }

  @Override
  protected void computeMultiply(Tensor c, Tensor a, PackedWeight w) {
    use(w);
    this.a = a;
    this.c = c;
    rows = a.rows();
    if (rows == 0) {
      return;
    }
    tileRows = TILE_ROWS;
    while (tileRows > LOW_TILE_ROWS && pieces() < PIECES * threads.size()) {
      tileRows /= 2;
    }
    if (w.type() == DType.INT8) {
      roundRows();
    } else {
      copyLast();
    }
    threads.run(pieces(), pieces);
  }

  private int pieces() {
    return slices * ((rows + tileRows - 1) / tileRows);
  }

  private void roundRows() {
    scalars = start.takes((long) rows * (inputs + w.outputs()));
    factors = shared.floats((long) (rows + MANY) * inputs / Float.BYTES + 1 + 2L * rows);
    zeros = factors + 4L * rows;
    copied = zeros + 4L * rows;
    int blocks = (rows + MANY - 1) / MANY;
    if ((long) rows * inputs <= ALONE) {
      for (int block = 0; block < blocks; block++) {
        round(block, 0);
      }
    } else {
      threads.run(blocks, rounding);
    }
  }

  private void round(int block, int worker) {
    long range = scratch[worker].floats(2);
    for (int row = block * MANY; row < Math.min(rows, (block + 1) * MANY); row++) {
      long x = StoredRow.at(a, (long) row * inputs);
      if (scalars) {
        HostAllocator.zero(range, 2 * Float.BYTES);
        Int8Rows.rangeScalars(range, x, 0, inputs);
      } else {
        Int8Rows.range(range, x, inputs);
      }
      float low = HostAllocator.f32(range, 0);
      float high = HostAllocator.f32(range, 1);
      float factor = Int8Rows.factor(low, high);
      float inverse = Int8Rows.inverse(factor);
      int zero = Int8Rows.zero(low, inverse);
      HostAllocator.f32(factors, row, factor);
      HostAllocator.i32(zeros, row, zero);
      long to = copied + (long) row * inputs;
      if (scalars) {
        Int8Rows.quantizeScalars(to, x, inputs, inverse, zero);
      } else {
        Int8Rows.quantize(to, x, inputs, inverse, zero);
      }
    }
  }

  private static int roundedUp(int height) {
    int unit = height < FEW_ROWS ? FEW : MANY;
    return (height + unit - 1) / unit * unit;
  }

  /** The library may read more rows than there are, which are then anything. */
  private void copyLast() {
    int first = (rows - 1) / tileRows * tileRows;
    int height = rows - first;
    int rounded = roundedUp(height);
    if (rounded == height) {
      copied = 0;
      return;
    }
    long rowBytes = (long) a.dtype().bytes() * inputs;
    copied = shared.floats(rounded * rowBytes / Float.BYTES + 1);
    long from = StoredRow.at(a, (long) first * inputs);
    MemorySegment.copy(HostAllocator.ALL, from, HostAllocator.ALL, copied, height * rowBytes);
    // Other numbers might be slow, as those are that are not normal.
    HostAllocator.zero(copied + height * rowBytes, (rounded - height) * rowBytes);
  }

  private void multiply(int piece, int worker) {
    int slice = piece % slices;
    int first = piece / slices * tileRows;
    int height = Math.min(tileRows, rows - first);
    int from = slice * SLICE;
    int width = Math.min(SLICE, w.outputs() - from);
    long sums = scratch[worker].floats((long) TILE_ROWS * SLICE);
    boolean isLast = first + height == rows;
    boolean isInt8 = w.type() == DType.INT8;
    long left =
        isInt8
            ? copied + (long) first * inputs
            : isLast && copied != 0 ? copied : StoredRow.at(a, (long) first * inputs);
    multipliers[worker].multiplyPacked(
        w.type(), sums, left, at(slice), roundedUp(height), width, inputs);
    for (int i = 0; i < height; i++) {
      long place = (long) (first + i) * w.outputs() + from;
      long sum = sums + 4L * i * width;
      if (isInt8) {
        scale(first + i, StoredRow.at(c, place), sum, from, width);
      } else {
        StoredRow.write(c, place, width, sum);
      }
    }
  }

  private void scale(int row, long y, long sum, int from, int width) {
    long scales = w.scales().address() + 4L * from;
    long columns = w.sums().address() + 4L * from;
    float t = HostAllocator.f32(factors, row);
    int z = HostAllocator.i32(zeros, row);
    if (scalars) {
      Int8Rows.scaleScalars(y, sum, scales, columns, 0, width, t, z);
    } else {
      Int8Rows.scale(y, sum, scales, columns, width, t, z);
    }
  }
}
