package org.mirror4j.device.host;

import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.host.MatrixLibrary.Multiplier;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products. C is cut into tiles that depend on its shape alone; each is one call of the
 * library in one thread.
 */
final class HostGemm implements HostThreads.Task {
  /** Most rows and columns of a tile. */
  private static final int TILE_ROWS = 512, TILE_COLUMNS = 1024;

  private final HostThreads threads;
  private final Multiplier[] multipliers;

  private GemmSpec spec;
  private long a;
  private long b;
  private long c;
  private int m;
  private int n;
  private int k;
  private int tileRows;
  private int tileColumns;
  private int tilesDown;
  private int tilesAcross;

  HostGemm(HostThreads threads, Multiplier[] multipliers) {
    this.threads = threads;
    this.multipliers = multipliers;
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
    tilesDown = (m + TILE_ROWS - 1) / TILE_ROWS;
    tilesAcross = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
    if (m == 0 || n == 0) {
      return;
    }
    tileRows = evenly(m, tilesDown);
    tileColumns = evenly(n, tilesAcross);
    if (k == 0) {
      if (!spec.accumulate()) {
        HostMemory.ALL.asSlice(c.address(), c.bytes()).fill((byte) 0);
      }
      return;
    }
    threads.run(batch * tilesDown * tilesAcross, this);
  }

  /** {@code size / parts} rounded up to a multiple of 16. */
  private static int evenly(int size, int parts) {
    int part = (size + parts - 1) / parts;
    return (part + 15) / 16 * 16;
  }

  @Override
  public void run(int index, int worker) {
    int tiles = tilesDown * tilesAcross;
    int matrix = index / tiles;
    int tile = index % tiles;
    int row = tile / tilesAcross * tileRows;
    int column = tile % tilesAcross * tileColumns;
    if (row >= m || column >= n) {
      return; // rounding up a tile's size may leave nothing for the last ones
    }
    long rows = Math.min(tileRows, m - row);
    long columns = Math.min(tileColumns, n - column);
    long lda = spec.transposeA() ? m : k;
    long ldb = spec.transposeB() ? k : n;
    long tileA = a + 4 * ((long) matrix * m * k + (spec.transposeA() ? row : row * lda));
    long tileB = b + 4 * ((long) matrix * k * n + (spec.transposeB() ? column * ldb : column));
    long tileC = c + 4 * ((long) matrix * m * n + (long) row * n + column);
    multipliers[worker].multiply(
        spec.transposeA(),
        spec.transposeB(),
        rows,
        columns,
        k,
        1,
        tileA,
        lda,
        tileB,
        ldb,
        spec.accumulate() ? 1 : 0,
        tileC,
        n);
  }
}
