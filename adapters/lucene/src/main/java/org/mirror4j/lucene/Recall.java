package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.HitQueue;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.VectorScorer;
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
 * so that of items with equal vectors, as equal texts have, any is right. All are asked one query
 * after the other, and once before that is timed. The exact search is also asked all at once, as a
 * product of matrices; and so that it is known what the graph itself saves, every item is compared
 * by Lucene's own products, too.
 *
 * @param k items asked for
 * @param queries how many there were
 * @param threads that the exact search computes with; a walk has one
 * @param segments graphs that a query walks through
 * @param bytes of the index on disk
 * @param exactMillis of a query alone
 * @param batchMillis of a query among all
 * @param scan of all items by Lucene's products
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
    Walk scan,
    List<Walk> walks) {
  /** Vectors of equal texts differ by the rounding of batches of other sizes, and scores of f32. */
  static final double TIE = 1e-6;

  /** Candidates beside those that a search keeps, to see what more and less of them do. */
  private static final List<Integer> CANDIDATES =
      List.of(10, 50, TextIndex.CANDIDATES, 2 * TextIndex.CANDIDATES, 4 * TextIndex.CANDIDATES);

  private static final double MILLIS = 1e-6;

  /**
   * Searches that keep a number of candidates, by one thread.
   *
   * @param millis of a query
   */
  record Walk(int candidates, double recall, double millis) {}

  /** Finds the items nearest to a query. */
  @FunctionalInterface
  private interface Search {
    ScoreDoc[] of(float[] query) throws IOException;
  }

  /** Searches by Lucene, and what is right. */
  private record Asked(List<float[]> queries, Vectors items, Neighbours nearest) {
    Walk time(int candidates, Search search) throws IOException {
      // Once for the compiler and the pages of the files.
      for (float[] query : queries) {
        search.of(query);
      }
      List<ScoreDoc[]> found = new ArrayList<>(queries.size());
      long start = System.nanoTime();
      for (float[] query : queries) {
        found.add(search.of(query));
      }
      double millis = millis(start, queries.size());
      long right = 0;
      for (int query = 0; query < queries.size(); query++) {
        double least = nearest.score(query, nearest.count() - 1) - TIE;
        for (ScoreDoc hit : found.get(query)) {
          right += Similarity.DOT.of(queries.get(query), items.get(hit.doc)) >= least ? 1 : 0;
        }
      }
      return new Walk(candidates, (double) right / nearest.count() / queries.size(), millis);
    }
  }

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
      exact.search(queries, kept);
      long start = System.nanoTime();
      Neighbours nearest = exact.search(queries, kept);
      double batchMillis = millis(start, vectors.size());
      oneByOne(exact, queries, kept);
      start = System.nanoTime();
      oneByOne(exact, queries, kept);
      double exactMillis = millis(start, vectors.size());
      Asked asked = new Asked(vectors, items, nearest);
      Walk scan = asked.time(index.size(), query -> scan(index, query, kept));
      List<Walk> walks = new ArrayList<>();
      for (int candidates : CANDIDATES) {
        if (candidates >= kept) {
          walks.add(
              asked.time(candidates, query -> index.nearest(query, kept, candidates).scoreDocs));
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
          scan,
          walks);
    } catch (IOException e) {
      throw FileException.of(index.path() + ": cannot be read as an index", e);
    }
  }

  private static void oneByOne(TopK exact, Vectors queries, int k) {
    for (int query = 0; query < queries.size(); query++) {
      exact.search(queries.slice(query, query + 1), k);
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

  /** Compares a query with all items. */
  private static ScoreDoc[] scan(TextIndex index, float[] query, int k) throws IOException {
    HitQueue queue = new HitQueue(k, true);
    ScoreDoc last = queue.top();
    for (LeafReaderContext leaf : index.reader().leaves()) {
      VectorScorer scorer =
          leaf.reader().getFloatVectorValues(TextIndexWriter.VECTOR).scorer(query);
      DocIdSetIterator rows = scorer.iterator();
      for (int row = rows.nextDoc(); row != DocIdSetIterator.NO_MORE_DOCS; row = rows.nextDoc()) {
        float score = scorer.score();
        if (score > last.score) {
          last.score = score;
          last.doc = leaf.docBase + row;
          last = queue.updateTop();
        }
      }
    }
    ScoreDoc[] found = new ScoreDoc[k];
    Arrays.setAll(found, i -> queue.pop());
    return found;
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
    json.putObject("scan").put("recall", scan.recall()).put("millis", scan.millis());
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
    line(text, "all items by Lucene", scan.recall(), scan.millis());
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
