package org.mirror4j.device.host;

/**
 * Primitives of oneDNN for products, on behalf of one worker. Each is code that the library writes
 * for one shape, which takes some milliseconds; so the latest ones are kept, as many as all heights
 * of a tile for all products of a model take.
 */
final class KeptPrimitives {
  private static final int MOST = 512;

  /** Has the library write the code for a product. */
  interface Maker {
    /**
     * The primitive of a product of m rows of k elements by n columns.
     *
     * @param form what else the code depends on
     * @param strideB distance of B's lines in elements, where it depends on it
     */
    OneDnnEngine.Executable make(int form, int m, int n, int k, int strideB);
  }

  private record Kept(
      int form, int m, int n, int k, int strideB, OneDnnEngine.Executable executable) {
    boolean is(int form, int m, int n, int k, int strideB) {
      return form == this.form
          && m == this.m
          && n == this.n
          && k == this.k
          && strideB == this.strideB;
    }
  }

  private final Maker maker;
  private final Kept[] ring = new Kept[MOST];
  private int made;

  KeptPrimitives(Maker maker) {
    this.maker = maker;
  }

  /** The one that is kept, or a new one, for which the oldest goes where there are too many. */
  OneDnnEngine.Executable get(int form, int m, int n, int k, int strideB) {
    for (int i = 0; i < Math.min(made, MOST); i++) {
      if (ring[i].is(form, m, n, k, strideB)) {
        return ring[i].executable;
      }
    }
    Kept kept = new Kept(form, m, n, k, strideB, maker.make(form, m, n, k, strideB));
    int place = made++ % MOST;
    if (ring[place] != null) {
      ring[place].executable.destroy();
    }
    ring[place] = kept;
    return kept.executable;
  }

  /** Destroys all. */
  void close() {
    for (int i = 0; i < Math.min(made, MOST); i++) {
      ring[i].executable.destroy();
    }
    made = 0;
  }
}
