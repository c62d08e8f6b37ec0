package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.search.Neighbours;
import org.mirror4j.search.Similarity;
import org.mirror4j.search.TopK;
import org.mirror4j.search.Vectors;

/**
 * What the graph of an index finds of the nearest items, and in what time, beside the exact search
 * of {@link TopK} over the same vectors.
 *
 * <pre>
 *   recall@k = mean over queries of |{found: cosine &gt;= that of the exact k-th - 1e-6}| / k
 * </pre>
 *
 * so that of items with equal vectors, as equal texts have, any is right. Both are asked one query
 * after the other, by one thread; the exact search also takes all at once, as a product of
 * matrices.
 *
 * @param k items asked for
 * @param queries how many there were
 * @param threads that the exact search computes with; a walk has one
 * @param segments graphs that a query walks through
 * @param bytes of the index on disk
 * @param exactMillis of a query alone
 * @param batchMillis of a query among all
 * @param walks over the graph, by the candidates that they keep
 */
record Recall(
    int k,
    int queries,
    int threads,
    int segments,
    long bytes,
    double exactMillis,
    double batchMillis,
    List<Walk> walks) {
  /** Vectors of equal texts differ by the rounding of batches of other sizes, and scores of f32. */
  static final double TIE = 1e-6;

  /** Candidates beside those that a search keeps, to see what more and less of them do. */
  private static final List<Integer> CANDIDATES =
      List.of(10, 50, TextIndex.CANDIDATES, 2 * TextIndex.CANDIDATES, 4 * TextIndex.CANDIDATES);

  private static final double MILLIS = 1e-6;

  /**
   * Searches that keep a number of candidates.
   *
   * @param millis of a query
   */
  record Walk(int candidates, double recall, double millis) {}

  /**
   * Measures, which takes the vectors into memory outside the heap.
   *
   * @param vectors of queries, of length 1
   * @param device of the calling thread, for the exact search
   * @param threads that it computes with
   */
  static Recall measure(TextIndex index, List<float[]> vectors, int k, Device device, int threads) {
    int kept = Math.min(k, index.size());
    try (Vectors items = Vectors.allocate(index.size(), index.record().dimensions());
        Vectors queries = Vectors.of(vectors.toArray(float[][]::new))) {
      long bytes = read(index, items);
      TopK exact = new TopK(device, items, Similarity.DOT);
      long start = System.nanoTime();
      Neighbours nearest = exact.search(queries, kept);
      double batchMillis = millis(start, vectors.size());
      start = System.nanoTime();
      for (int query = 0; query < vectors.size(); query++) {
        exact.search(queries.slice(query, query + 1), kept);
      }
      double exactMillis = millis(start, vectors.size());
      List<Walk> walks = new ArrayList<>();
      for (int candidates : CANDIDATES) {
        if (candidates >= kept) {
          walks.add(walk(index, vectors, items, nearest, candidates));
        }
      }
      return new Recall(
          kept,
          vectors.size(),
          threads,
          index.reader().leaves().size(),
          bytes,
          exactMillis,
          batchMillis,
          walks);
    } catch (IOException e) {
      throw FileException.of("cannot read the index", e);
    }
  }

  private static double millis(long start, int queries) {
    return (System.nanoTime() - start) * MILLIS / queries;
  }

  /** Copies the vectors of all items, in their order; the bytes on disk. */
  private static long read(TextIndex index, Vectors items) throws IOException {
    for (LeafReaderContext leaf : index.reader().leaves()) {
      FloatVectorValues values = leaf.reader().getFloatVectorValues(TextIndexWriter.VECTOR);
      KnnVectorValues.DocIndexIterator rows = values.iterator();
      while (rows.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        items.set(leaf.docBase + rows.docID(), values.vectorValue(rows.index()));
      }
    }
    long bytes = 0;
    for (String file : index.reader().directory().listAll()) {
      bytes += index.reader().directory().fileLength(file);
    }
    return bytes;
  }

  private static Walk walk(
      TextIndex index, List<float[]> queries, Vectors items, Neighbours nearest, int candidates)
      throws IOException {
    int k = nearest.count();
    // Once for the compiler and the pages of the files.
    for (float[] query : queries) {
      index.nearest(query, k, candidates);
    }
    List<TopDocs> found = new ArrayList<>(queries.size());
    long start = System.nanoTime();
    for (float[] query : queries) {
      found.add(index.nearest(query, k, candidates));
    }
    double millis = millis(start, queries.size());
    long right = 0;
    for (int query = 0; query < queries.size(); query++) {
      double least = nearest.score(query, k - 1) - TIE;
      for (ScoreDoc hit : found.get(query).scoreDocs) {
        right += dot(queries.get(query), items.get(hit.doc)) >= least ? 1 : 0;
      }
    }
    return new Walk(candidates, (double) right / k / queries.size(), millis);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** For programs. */
  ObjectNode json(IndexRecord index) {
    ObjectNode json =
        JsonFiles.object()
            .put("model", index.model())
            .put("modelHash", index.modelHash())
            .put("items", index.items())
            .put("dimensions", index.dimensions())
            .put("segments", segments)
            .put("bytes", bytes)
            .put("buildSeconds", index.seconds())
            .put("indexSeconds", index.indexSeconds())
            .put("queries", queries)
            .put("k", k);
    json.putObject("exact")
        .put("threads", threads)
        .put("millis", exactMillis)
        .put("millisAmongAll", batchMillis);
    ArrayNode graph = json.putArray("graph");
    for (Walk walk : walks) {
      graph
          .addObject()
          .put("candidates", walk.candidates())
          .put("isDefault", walk.candidates() == TextIndex.CANDIDATES)
          .put("recall", walk.recall())
          .put("millis", walk.millis());
    }
    return json;
  }

  /** For people. */
  String text(IndexRecord index) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d items of %,d values, segments: %d, %.1f MB on disk; made in %.1f s, of which"
                    + " %.1f s in Lucene%n%,d queries%n%-24s  %10s  %10s%n",
                index.items(),
                index.dimensions(),
                segments,
                bytes * 1e-6,
                index.seconds(),
                index.indexSeconds(),
                queries,
                "",
                "recall@" + k,
                "ms a query"));
    line(text, "exact, threads: " + threads, 1, exactMillis);
    line(text, "exact, all at once", 1, batchMillis);
    for (Walk walk : walks) {
      line(
          text,
          "graph, %d candidates%s"
              .formatted(walk.candidates(), walk.candidates() == TextIndex.CANDIDATES ? " *" : ""),
          walk.recall(),
          walk.millis());
    }
    return text.append("* what a search keeps").toString();
  }

  private static void line(StringBuilder text, String what, double recall, double millis) {
    text.append(String.format(Locale.ROOT, "%-24s  %10.4f  %10.3f%n", what, recall, millis));
  }
}
