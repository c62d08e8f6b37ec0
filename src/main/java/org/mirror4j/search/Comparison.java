package org.mirror4j.search;

/** Compares queries with vectors in double, where products in f32 leave a doubt. */
abstract class Comparison implements BlockProducts.Taker {
  final BlockProducts products;
  private final Vectors vectors;
  private final Vectors queries;
  private final Similarity similarity;
  private final float[] query;
  private final float[] vector;

  /**
   * Nothing compared yet.
   *
   * @param queries may be the vectors themselves
   */
  Comparison(BlockProducts products, Vectors vectors, Vectors queries, Similarity similarity) {
    this.products = products;
    this.vectors = vectors;
    this.queries = queries;
    this.similarity = similarity;
    query = new float[queries.dimension()];
    vector = new float[vectors.dimension()];
  }

  /** Takes the query that is compared from here on. */
  final void read(int row) {
    queries.get(row, query);
  }

  /** The similarity of the query that was read. */
  final double exact(int row) {
    vectors.get(row, vector);
    return similarity.of(query, vector);
  }
}
