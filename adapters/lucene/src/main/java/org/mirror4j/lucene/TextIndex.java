package org.mirror4j.lucene;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.mirror4j.file.FileException;

/**
 * An index that {@link TextIndexWriter} has made, searched by texts. Any number of threads may
 * search one. The files are mapped, not read into memory, and must stay as they are.
 *
 * <p>The search is approximate: it walks Lucene's graph from neighbour to neighbour and keeps the
 * {@value #CANDIDATES} nearest items that it has met, or k where that is more. Scores are products
 * of f32.
 */
public final class TextIndex implements AutoCloseable {
  /** Items that a walk keeps: Lucene's k, of which the first are the result. */
  static final int CANDIDATES = 100;

  private final Path path;
  private final IndexModel model;
  private final IndexRecord record;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private TextIndex(
      Path path,
      IndexModel model,
      IndexRecord record,
      Directory directory,
      DirectoryReader reader) {
    this.path = path;
    this.model = model;
    this.record = record;
    this.directory = directory;
    this.reader = reader;
    searcher = new IndexSearcher(reader);
    // Answers of a walk are not asked for again often enough to be kept.
    searcher.setQueryCache(null);
  }

  /**
   * Opens an index and reads it once, to see that no byte of it has changed.
   *
   * @param path what {@link TextIndexWriter} has made
   * @param model the one that it was made with, by {@link IndexModel#hash}; it computes the vectors
   *     of queries and is not closed with the index
   * @return an index, to be closed
   * @throws FileException if there is none, it is damaged or of another kind, or was made with
   *     another model
   */
  public static TextIndex open(Path path, IndexModel model) {
    Objects.requireNonNull(model, "model");
    if (!Files.isDirectory(path)) {
      throw new FileException(
          "%s: %s, expected the directory of an index"
              .formatted(path, Files.exists(path) ? "is a file" : "no such directory"));
    }
    try {
      Directory directory = FSDirectory.open(path);
      try {
        return open(path, model, directory);
      } catch (IOException | RuntimeException | Error e) {
        directory.close();
        throw e;
      }
    } catch (IllegalArgumentException e) {
      // Of Lucene, which lacks a codec that the files name.
      throw new FileException(
          "%s: cannot be read by this Lucene: %s; make it anew".formatted(path, e.getMessage()), e);
    } catch (IndexNotFoundException e) {
      throw new FileException(
          path + ": holds no index that is whole, expected one that 'index' has made", e);
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be read as an index", e);
    }
  }

  private static TextIndex open(Path path, IndexModel model, Directory directory)
      throws IOException {
    DirectoryReader reader = DirectoryReader.open(directory);
    try {
      IndexRecord record = IndexRecord.fromCommit(reader.getIndexCommit().getUserData(), path);
      record.requireModel(model, path);
      requireDimensions(record, model, path);
      for (LeafReaderContext leaf : reader.leaves()) {
        leaf.reader().checkIntegrity();
      }
      if (reader.numDocs() != record.items()) {
        throw new FileException(
            "%s: damaged: holds %,d items, expected %,d"
                .formatted(path, reader.numDocs(), record.items()));
      }
      return new TextIndex(path, model, record, directory, reader);
    } catch (IOException | RuntimeException | Error e) {
      reader.close();
      throw e;
    }
  }

  /** Settings that change the length of vectors are not in the model's digest. */
  private static void requireDimensions(IndexRecord record, IndexModel model, Path path) {
    int asked = model.encoder().dimensions();
    if (record.dimensions() != asked) {
      throw new FileException(
          "%s: vectors of %,d elements, those of %s have %,d"
              .formatted(path, record.dimensions(), model.name(), asked));
    }
  }

  /**
   * Items of the index.
   *
   * @return how many there are
   */
  public int size() {
    return record.items();
  }

  /** What the index says of itself. */
  IndexRecord record() {
    return record;
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** What reads the vectors. */
  DirectoryReader reader() {
    return reader;
  }

  /**
   * The items nearest to a text.
   *
   * @param query may be empty
   * @param k how many, at least 1; all items where there are fewer
   * @return the highest cosine first
   * @throws IllegalArgumentException if k is below 1
   * @throws IllegalStateException if this or the model is closed
   * @throws org.mirror4j.Mirror4jException if computing the vector fails or the thread is
   *     interrupted
   * @throws ArithmeticException if the vector is not finite
   * @throws FileException if the files cannot be read
   */
  public List<Hit> search(String query, int k) {
    return hits(query, model.encoder().embed(query), k);
  }

  /**
   * The items nearest to each of many texts, whose vectors are computed together. Texts are taken
   * as they are needed; they and what is found are handled by the calling thread.
   *
   * @param queries any number of them
   * @param k how many for each, at least 1
   * @param consumer is given what was found for each, in order
   * @throws IllegalArgumentException if k is below 1
   * @throws IllegalStateException if this or the model is closed
   * @throws org.mirror4j.Mirror4jException as {@link #search(String, int)}
   * @throws ArithmeticException as {@link #search(String, int)}
   * @throws FileException as {@link #search(String, int)}
   */
  public void search(Iterator<String> queries, int k, Consumer<? super Found> consumer) {
    requirePositive(k);
    model
        .encoder()
        .embed(
            queries,
            encoded ->
                consumer.accept(
                    new Found(encoded.text(), hits(encoded.text(), encoded.vector(), k))));
  }

  private static void requirePositive(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k is %d, expected at least 1".formatted(k));
    }
  }

  private List<Hit> hits(String query, float[] vector, int k) {
    requirePositive(k);
    try {
      ScoreDoc[] found = nearest(UnitVector.of(vector, query), k, CANDIDATES).scoreDocs;
      StoredFields fields = searcher.storedFields();
      List<Hit> hits = new ArrayList<>(found.length);
      for (ScoreDoc hit : found) {
        Document document = fields.document(hit.doc);
        hits.add(
            new Hit(
                new Item(document.get(TextIndexWriter.ID), document.get(TextIndexWriter.TEXT)),
                cosine(hit.score)));
      }
      return hits;
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be read as an index", e);
    }
  }

  /** Lucene's score of a dot product p is (1 + p) / 2. */
  private static double cosine(float score) {
    return Math.clamp(2.0 * score - 1, -1, 1);
  }

  /**
   * What the graph gives.
   *
   * @param vector of length 1
   * @param candidates items that the walk keeps, where that is more than k
   */
  TopDocs nearest(float[] vector, int k, int candidates) throws IOException {
    int all = Math.min(Math.max(k, candidates), record.items());
    return searcher.search(
        new KnnFloatVectorQuery(TextIndexWriter.VECTOR, vector, all), Math.min(k, all));
  }

  /** Lets go of the files; the second time does nothing. */
  @Override
  public void close() {
    try (directory) {
      reader.close();
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be closed", e);
    }
  }
}
