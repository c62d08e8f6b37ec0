package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Product;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products. C is cut into tiles that depend on the shapes alone; each is one call of the
 * library in one thread, so the bits do not depend on the number of threads.
 *
 * <p>Products of few rows with weights go to {@link FewRowProducts}. Of the others, oneDNN computes
 * an element the same way whatever the number of rows where the processor has AVX-512, of f32 from
 * {@link #FEWEST_ROWS} rows on, of bf16 in multiples of {@link #BLOCK} rows, and for the inner
 * sizes of BERT; no tile is lower unless the product is. Elsewhere the last bits of a row depend on
 * the rows beside it.
 *
 * <p>Which routine takes bf16 was measured: a layer of BERT-base with 1,253 rows and 2304 outputs
 * of 768 inputs, on two cores of a Xeon with AMX, GFLOP/s with one thread and with two:
 *
 * <pre>
 *                                         A B^T         A B        A^T B
 *   f32 dnnl_sgemm                      138   245    154   304    137   231
 *   dnnl_gemm_bf16bf16f32               592  1119    640  1319    667   895
 *   matmul, C bf16, tiles of 256 rows   922  1592    847  1458
 *   matmul, C bf16, tiles of 512 rows  1039  1859    864  1591
 *   matmul, C f32, tiles of 256 rows    725  1041    785  1359    518   748
 *   the same, B packed once             899  1516    922  1666
 * </pre>
 *
 * Hence the matmul primitive by rows and the plain routine for a transposed A. C is f32 for equal
 * bits, see {@link MatmulPrimitives}, but in scratch memory, where it costs less than in place;
 * tall tiles make the copy of B that the primitive takes for each tile small.
 */
final class HostProduct extends Product implements HostThreads.Task {
  /** Most rows and columns of a tile: what still costs few percent of a product's speed. */
  private static final int TILE_ROWS = 512, TILE_COLUMNS = 1024;

  /** Most columns of a tile of bf16 by rows: oneDNN copies that much of B for each. */
  private static final int TILE_COLUMNS_BF16 = 384;

  /** Tiles that a product is cut into, for balance, while they are larger than the next limit. */
  private static final int TILES = 8;

  /**
   * Multiplications a tile must have to be cut further. Tiles of a transposed A are computed from
   * copies of strips, which many small ones would make many times.
   */
  private static final long TILE_WORK = 1L << 23, TILE_WORK_TRANSPOSED = 1L << 26;

  /** Fewest rows of a library call; also what the first row of a tile is a multiple of. */
  private static final int FEWEST_ROWS = 16;

  /** Rows of bf16 that code is made for, and multiples: the same for bf16. */
  private static final int BLOCK = 64;

  /** Rows of a transposed A that are packed at a time; the inner block of oneDNN on AVX-512. */
  private static final int STRIP_DEPTH = 384;

  /** Rows this many floats apart, a page, fall on the same few places of the first-level cache. */
  private static final int PAGE = 1024;

  /** Floats that rows of a copy are kept apart, so that they do not. */
  private static final int GAP = 16;

  private final HostThreads threads;
  private final Multiplier[] multipliers;
  private final HostScratch[] scratch;
  private final MatrixProduct[] tiles;
  private final FewRowProducts fewRows;

  private GemmSpec spec;
  private DType storage;
  private Tensor a;
  private Tensor b;
  private Tensor c;
  private int m;
  private int n;
  private int k;
  private int tilesDown;
  private int tilesAcross;
  private int fewestRows;

  HostProduct(
      OperandCheck check,
      HostThreads threads,
      Multiplier[] multipliers,
      HostScratch[] scratch,
      HostAllocator memory,
      ScalarStart start) {
    super(check);
    this.threads = threads;
    this.multipliers = multipliers;
    this.scratch = scratch;
    tiles = new MatrixProduct[multipliers.length];
    Arrays.setAll(tiles, worker -> new MatrixProduct());
    fewRows = new FewRowProducts(threads, scratch, memory, start);
  }

  @Override
  protected void computeGemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    computeGemmStridedBatched(spec, 1, c, a, b);
  }

  @Override
  protected void computeGemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    this.spec = spec;
    this.a = a;
    this.b = b;
    this.c = c;
    storage = a.dtype();
    m = c.rows() / batch;
    n = c.columns();
    k = spec.transposeA() ? a.rows() / batch : a.columns();
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      if (!spec.accumulate()) {
        HostAllocator.zero(c.address(), c.bytes());
      }
      return;
    }
    if (batch == 1 && spec.equals(GemmSpec.NT) && m <= FewRowProducts.MOST_ROWS) {
      fewRows.multiply(c, a, b);
      return;
    }
    cut();
    threads.run(batch * tilesDown * tilesAcross, this);
  }

  private void cut() {
    boolean byRows = storage != DType.F32 && !spec.transposeA();
    fewestRows = byRows ? BLOCK : FEWEST_ROWS;
    int mostDown = Math.max(1, m / fewestRows);
    tilesDown = (m + TILE_ROWS - 1) / TILE_ROWS;
    tilesDown = tilesDown == 1 ? 1 : (tilesDown + 1) / 2 * 2; // even, for balance
    int columns = byRows ? TILE_COLUMNS_BF16 : TILE_COLUMNS;
    tilesAcross = (n + columns - 1) / columns;
    long work = spec.transposeA() ? TILE_WORK_TRANSPOSED : TILE_WORK;
    while (tilesDown * tilesAcross < TILES && (long) m * n * k / (tilesDown * tilesAcross) > work) {
      if (m / tilesDown >= n / tilesAcross && 2 * tilesDown <= mostDown) {
        tilesDown *= 2;
      } else if (2 * tilesAcross <= n) {
        tilesAcross *= 2;
      } else {
        return;
      }
    }
  }

  /**
   * First row or column of a part: a multiple of {@code unit}, but the last part ends at the end.
   */
  private static int start(int size, int parts, int index, int unit) {
    return index == parts ? size : (int) ((long) (size / unit) * index / parts) * unit;
  }

  @Override
  public void run(int index, int worker) {
    int matrix = index / (tilesDown * tilesAcross);
    int down = index / tilesAcross % tilesDown;
    int across = index % tilesAcross;
    int row = start(m, tilesDown, down, fewestRows);
    int rows = start(m, tilesDown, down + 1, fewestRows) - row;
    int column = start(n, tilesAcross, across, FEWEST_ROWS);
    int columns = start(n, tilesAcross, across + 1, FEWEST_ROWS) - column;
    if (columns == 0) {
      return;
    }
    boolean transposeA = spec.transposeA();
    boolean transposeB = spec.transposeB();
    int lda = transposeA ? m : k;
    int ldb = transposeB ? k : n;
    long firstA = (long) matrix * m * k + (transposeA ? row : (long) row * lda);
    long firstB = (long) matrix * k * n + (transposeB ? (long) column * ldb : column);
    long firstC = (long) matrix * m * n + (long) row * n + column;
    MatrixProduct tile =
        tiles[worker]
            .of(transposeA, transposeB, rows, columns, k)
            .a(StoredRow.at(a, firstA), lda)
            .b(StoredRow.at(b, firstB), ldb)
            .c(StoredRow.at(c, firstC), n)
            .factors(1, spec.accumulate() ? 1 : 0);
    boolean f32 = storage == DType.F32;
    if (c.dtype() != DType.F32 || !f32 && !transposeA) {
      staged(tile, firstC, worker);
    } else if (f32 && (transposeA && rows < m || conflicts(tile))) {
      packed(tile, worker);
    } else {
      multiply(tile, worker);
    }
  }

  private void multiply(MatrixProduct tile, int worker) {
    if (storage == DType.F32) {
      multipliers[worker].multiply(tile);
    } else {
      multipliers[worker].multiplyBfloat16(tile);
    }
  }

  /** Whether B is read down its columns and better copied. */
  private static boolean conflicts(MatrixProduct tile) {
    return !tile.transposeB && tile.strideB % PAGE == 0;
  }

  /**
   * A tile computed from copies. Few columns of a matrix lie in memory at long distances; where
   * those are multiples of a page, and in a transposed A always, this costs up to a third of the
   * speed. Of a transposed A as many rows at a time are copied as the second-level cache takes;
   * else the tile is one product, whose bits are those without a copy.
   */
  private void packed(MatrixProduct tile, int worker) {
    int rows = tile.m;
    int columns = tile.n;
    long a = tile.a;
    long b = tile.b;
    int lda = tile.strideA;
    int ldb = tile.strideB;
    boolean packsA = tile.transposeA && rows < m;
    boolean packsB = conflicts(tile);
    int most = packsA ? STRIP_DEPTH : k;
    int strideA = packsA ? padded(rows) : lda;
    int strideB = packsB ? padded(columns) : ldb;
    long floatsA = packsA ? (long) most * strideA : 0;
    long room = scratch[worker].floats(floatsA + (packsB ? (long) most * strideB : 0));
    for (int from = 0; from < k; from += most) {
      int depth = Math.min(most, k - from);
      long partA = packsA ? copy(room, strideA, a + 4L * from * lda, lda, depth, rows) : a;
      long partB = b + 4L * from * (tile.transposeB ? 1 : ldb);
      if (packsB) {
        partB = copy(room + 4 * floatsA, strideB, partB, ldb, depth, columns);
      }
      tile.k = depth;
      multiply(tile.a(partA, strideA).b(partB, strideB), worker);
      tile.beta = 1;
    }
  }

  private static int padded(int count) {
    return (count + GAP - 1) / GAP * GAP + GAP;
  }

  private static long copy(long to, int toStride, long from, int stride, int rows, int columns) {
    long bytes = 4L * columns;
    for (int i = 0; i < rows; i++) {
      long row = from + 4L * i * stride;
      MemorySegment.copy(HostAllocator.ALL, row, HostAllocator.ALL, to + 4L * i * toStride, bytes);
    }
    return to;
  }

  /**
   * A tile that is computed in scratch memory, as it is not stored as f32. Of bf16 by rows, whole
   * multiples of {@link #BLOCK} go to code that the library makes for their number; the last rows,
   * fewer, become a whole block by rows of zeros: the routine that takes any number of rows gives
   * the same bits on a processor with AMX, but not on one without.
   */
  private void staged(MatrixProduct tile, long first, int worker) {
    int rows = tile.m;
    int columns = tile.n;
    boolean byRows = storage != DType.F32 && !tile.transposeA;
    int whole = byRows ? rows / BLOCK * BLOCK : 0;
    int rest = rows - whole;
    int height = byRows && rest > 0 ? BLOCK : rest;
    long copied = byRows ? (long) height * k : 0;
    long stagedC = scratch[worker].floats((long) (whole + height) * columns + copied);
    for (int row = 0; tile.beta != 0 && row < rows; row++) {
      StoredRow.read(c, first + (long) row * n, columns, stagedC + 4L * row * columns);
    }
    tile.c(stagedC, columns);
    if (!byRows) {
      multiply(tile, worker);
    } else {
      if (whole > 0) {
        tile.m = whole;
        multipliers[worker].multiplyRows(tile);
      }
      if (rest > 0) {
        long restA = tile.a + (long) storage.bytes() * whole * tile.strideA;
        long restC = stagedC + 4L * whole * columns;
        tile.m = BLOCK;
        tile.a(padded(restC + 4L * BLOCK * columns, restA, rest), k).c(restC, columns);
        RowLoops.fill(restC + 4L * rest * columns, 0f, (BLOCK - rest) * columns);
        multipliers[worker].multiplyRows(tile);
      }
    }
    for (int row = 0; row < rows; row++) {
      StoredRow.write(c, first + (long) row * n, columns, stagedC + 4L * row * columns);
    }
  }

  /** Copies few rows of A and adds rows of zeros. */
  private long padded(long to, long a, int rows) {
    long bytes = (long) storage.bytes() * rows * k;
    MemorySegment.copy(HostAllocator.ALL, a, HostAllocator.ALL, to, bytes);
    RowLoops.fill(to + bytes, 0f, (BLOCK - rows) * k); // more than needed: there is room for f32
    return to;
  }
}
