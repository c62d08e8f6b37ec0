package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products. C is cut into tiles that depend on the shapes alone; each is one call of the
 * library in one thread, so the bits do not depend on the number of threads.
 *
 * <p>oneDNN computes an element the same way whatever the number of rows, from {@link #FEWEST_ROWS}
 * rows on and for the inner sizes of BERT; below, it takes other paths for {@code A B^T}. Smaller
 * products are therefore computed in a copy with rows of zeros, and no tile is lower: a row's bits
 * do not depend on the rows that are computed with it.
 */
final class HostGemm implements HostThreads.Task {
  /** Most rows and columns of a tile: what still costs few percent of a product's speed. */
  private static final int TILE_ROWS = 512, TILE_COLUMNS = 1024;

  /** Tiles that a product is cut into, for balance, while they are larger than the next limit. */
  private static final int TILES = 8;

  /** Multiplications a tile must have to be cut further. */
  private static final long TILE_WORK = 1L << 26;

  /** Fewest rows of a library call; also what the first row of a tile is a multiple of. */
  private static final int FEWEST_ROWS = 16;

  /** Rows of a transposed A that are packed at a time; the inner block of oneDNN on AVX-512. */
  private static final int STRIP_DEPTH = 384;

  private final HostThreads threads;
  private final Multiplier[] multipliers;
  private final HostScratch[] scratch;

  private GemmSpec spec;
  private long a;
  private long b;
  private long c;
  private int m;
  private int n;
  private int k;
  private int tilesDown;
  private int tilesAcross;

  HostGemm(HostThreads threads, Multiplier[] multipliers, HostScratch[] scratch) {
    this.threads = threads;
    this.multipliers = multipliers;
    this.scratch = scratch;
  }

  /** See {@link org.mirror4j.device.Kernels#gemmStridedBatched}; batch 1 is the plain product. */
  void gemm(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    this.spec = spec;
    this.a = a.address();
    this.b = b.address();
    this.c = c.address();
    m = c.rows() / batch;
    n = c.columns();
    k = spec.transposeA() ? a.rows() / batch : a.columns();
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      if (!spec.accumulate()) {
        HostMemory.ALL.asSlice(c.address(), c.bytes()).fill((byte) 0);
      }
      return;
    }
    cut();
    threads.run(batch * tilesDown * tilesAcross, this);
  }

  private void cut() {
    int mostDown = Math.max(1, m / FEWEST_ROWS);
    tilesDown = (m + TILE_ROWS - 1) / TILE_ROWS;
    tilesDown = tilesDown == 1 ? 1 : (tilesDown + 1) / 2 * 2; // even, for balance
    tilesAcross = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
    while (tilesDown * tilesAcross < TILES
        && (long) m * n * k / (tilesDown * tilesAcross) > TILE_WORK) {
      if (m / tilesDown >= n / tilesAcross && 2 * tilesDown <= mostDown) {
        tilesDown *= 2;
      } else if (2 * tilesAcross <= n) {
        tilesAcross *= 2;
      } else {
        return;
      }
    }
  }

  /** First row or column of a part: a multiple of 16 except that the last part ends at the end. */
  private static int start(int size, int parts, int index) {
    return index == parts
        ? size
        : (int) ((long) (size / FEWEST_ROWS) * index / parts) * FEWEST_ROWS;
  }

  @Override
  public void run(int index, int worker) {
    int tiles = tilesDown * tilesAcross;
    int matrix = index / tiles;
    int down = index % tiles / tilesAcross;
    int across = index % tilesAcross;
    int row = start(m, tilesDown, down);
    int rows = start(m, tilesDown, down + 1) - row;
    int column = start(n, tilesAcross, across);
    int columns = start(n, tilesAcross, across + 1) - column;
    if (columns == 0) {
      return;
    }
    boolean transposeA = spec.transposeA();
    long lda = transposeA ? m : k;
    long ldb = spec.transposeB() ? k : n;
    long tileA = a + 4 * ((long) matrix * m * k + (transposeA ? row : row * lda));
    long tileB = b + 4 * ((long) matrix * k * n + (spec.transposeB() ? column * ldb : column));
    long tileC = c + 4 * ((long) matrix * m * n + (long) row * n + column);
    float beta = spec.accumulate() ? 1 : 0;
    if (transposeA && rows < m) {
      packed(rows, columns, tileA, tileB, ldb, beta, tileC, worker);
    } else if (rows < FEWEST_ROWS && !transposeA) {
      padded(rows, columns, tileA, tileB, ldb, beta, tileC, worker);
    } else {
      multiply(rows, columns, k, tileA, lda, tileB, ldb, beta, tileC, n, worker);
    }
  }

  private void multiply(
      int rows,
      int columns,
      int depth,
      long a,
      long lda,
      long b,
      long ldb,
      float beta,
      long c,
      long ldc,
      int worker) {
    multipliers[worker].multiply(
        spec.transposeA(),
        spec.transposeB(),
        rows,
        columns,
        depth,
        1,
        a,
        lda,
        b,
        ldb,
        beta,
        c,
        ldc);
  }

  /**
   * A tile of a product of a transposed A. A strip of few of A's columns lies in memory at long
   * distances, often a multiple of a power of two, which costs a third of the speed: it is copied
   * together, as many rows at a time as the second-level cache takes.
   */
  private void packed(
      int rows, int columns, long a, long b, long ldb, float beta, long c, int worker) {
    int stride = (rows + FEWEST_ROWS - 1) / FEWEST_ROWS * FEWEST_ROWS + FEWEST_ROWS;
    long strip = scratch[worker].floats((long) STRIP_DEPTH * stride);
    long bytes = 4L * rows;
    for (int from = 0; from < k; from += STRIP_DEPTH) {
      int depth = Math.min(STRIP_DEPTH, k - from);
      for (int i = 0; i < depth; i++) {
        MemorySegment.copy(
            HostMemory.ALL,
            a + 4L * (from + i) * m,
            HostMemory.ALL,
            strip + 4L * i * stride,
            bytes);
      }
      long part = b + 4L * from * (spec.transposeB() ? 1 : ldb);
      multiply(rows, columns, depth, strip, stride, part, ldb, from == 0 ? beta : 1, c, n, worker);
    }
  }

  /** The tile in scratch memory, with rows of zeros up to {@link #FEWEST_ROWS}. */
  private void padded(
      int rows, int columns, long a, long b, long ldb, float beta, long c, int worker) {
    long paddedA = scratch[worker].floats((long) FEWEST_ROWS * (k + columns));
    long paddedC = paddedA + 4L * FEWEST_ROWS * k;
    MemorySegment all = HostMemory.ALL;
    MemorySegment.copy(all, a, all, paddedA, 4L * rows * k);
    RowLoops.fill(paddedA + 4L * rows * k, 0f, (FEWEST_ROWS - rows) * k);
    if (beta != 0) {
      RowLoops.fill(paddedC, 0f, FEWEST_ROWS * columns);
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(all, c + 4L * row * n, all, paddedC + 4L * row * columns, 4L * columns);
      }
    }
    multiply(FEWEST_ROWS, columns, k, paddedA, k, b, ldb, beta, paddedC, columns, worker);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(all, paddedC + 4L * row * columns, all, c + 4L * row * n, 4L * columns);
    }
  }
}
