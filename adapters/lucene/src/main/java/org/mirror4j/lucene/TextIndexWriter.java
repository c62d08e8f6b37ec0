package org.mirror4j.lucene;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Objects;
import java.util.Queue;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NoLockFactory;
import org.mirror4j.EncodedText;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/**
 * Makes an index of Lucene: of each item its identifier and text, stored, and the vector of the
 * text divided by its length, in a graph for dot products (HNSW, Malkov and Yashunin 2018) with
 * Lucene's own 16 neighbours and 100 candidates. Vectors are those of {@link
 * org.mirror4j.Encoder#embed(Iterator, java.util.function.Consumer)} over all texts, in order;
 * while some are computed, those before them are indexed.
 *
 * <p>The index is written beside its place and put there when it is whole. Memory does not grow
 * with the items, but for the graphs that Lucene merges.
 */
public final class TextIndexWriter {
  static final String ID = "id", TEXT = "text", VECTOR = "vector";

  /** Vectors, and the graph between them, that are kept before they are written: MB. */
  private static final double BUFFER_MEGABYTES = 256;

  /**
   * What was written.
   *
   * @param items how many there are
   * @param cutTexts of these that are longer than the model takes, so that their ends, or the
   *     beginnings where its tokenizer cuts them, are not in the vectors
   * @param seconds from the first item to the last byte
   */
  public record Summary(int items, int cutTexts, double seconds) {}

  private final Path index;
  private final IndexModel model;
  private final LongConsumer progress;
  private final Queue<Item> pending = new ArrayDeque<>();
  private final long start = System.nanoTime();
  private int items;
  private int cutTexts;
  private long indexNanos;

  private TextIndexWriter(Path index, IndexModel model, LongConsumer progress) {
    this.index = index;
    this.model = model;
    this.progress = progress;
  }

  /**
   * Makes an index. Whatever ends this before, nothing has changed.
   *
   * @param index directory that is made; missing parents are made
   * @param overwrite whether an index of this kind that is there is replaced
   * @param model computes the vectors
   * @param items taken as they are needed, by the calling thread
   * @param progress is told how many items are indexed, now and then, by the calling thread
   * @return what was written
   * @throws IllegalArgumentException if there are no items
   * @throws FileException if something else is there, or cannot be written, or the model's vectors
   *     have more elements than Lucene takes
   * @throws ArithmeticException if a vector is not finite
   * @throws org.mirror4j.Mirror4jException if computing fails or the thread is interrupted
   *     meanwhile
   */
  public static Summary write(
      Path index,
      boolean overwrite,
      IndexModel model,
      Iterator<Item> items,
      LongConsumer progress) {
    return write(
        index, overwrite, model, items, progress, BUFFER_MEGABYTES, UnaryOperator.identity());
  }

  /**
   * The same.
   *
   * @param bufferMegabytes vectors and graph that are kept before they are written
   * @param files what is to be used in place of the directory's files
   */
  static Summary write(
      Path index,
      boolean overwrite,
      IndexModel model,
      Iterator<Item> items,
      LongConsumer progress,
      double bufferMegabytes,
      UnaryOperator<Directory> files) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(items, "items");
    requireDimensions(model.name(), model.encoder().dimensions());
    TextIndexWriter writer = new TextIndexWriter(index, model, progress);
    try {
      AtomicFiles.writeDirectory(
          index,
          overwrite,
          target -> requireFree(target, overwrite),
          directory -> writer.write(directory, items, bufferMegabytes, files));
    } catch (IOException e) {
      throw FileException.of("cannot write " + index, e);
    }
    return new Summary(writer.items, writer.cutTexts, writer.seconds());
  }

  /** Fails if vectors are longer than Lucene's format takes. */
  static void requireDimensions(String model, int dimensions) {
    int most = Codec.getDefault().knnVectorsFormat().getMaxDimensions(VECTOR);
    if (dimensions > most) {
      throw new FileException(
          "%s: vectors of %,d elements, expected at most %,d, as many as Lucene's index takes: 'mirror4j whiten --dimension' makes fewer of them"
              .formatted(model, dimensions, most));
    }
  }

  /** Fails if something is there, but for an index that may be replaced. */
  static void requireFree(Path target, boolean overwrite) {
    try {
      if (!IndexRecord.isAt(target)) {
        AtomicFiles.checkFree(target, false);
      } else if (!overwrite) {
        throw new FileException(
            target + ": is an index already, expected --overwrite to replace it");
      }
    } catch (IOException e) {
      throw FileException.of(target, e);
    }
  }

  private double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  private void write(
      Path path, Iterator<Item> all, double bufferMegabytes, UnaryOperator<Directory> files)
      throws IOException {
    Merges merges = new Merges();
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setRAMBufferSizeMB(bufferMegabytes)
            .setMergeScheduler(merges)
            // Files packed into one would be written twice.
            .setUseCompoundFile(false)
            .setCommitOnClose(false);
    // The lock of the output is held already.
    try (Directory directory = files.apply(FSDirectory.open(path, NoLockFactory.INSTANCE));
        IndexWriter writer = new IndexWriter(directory, config)) {
      try {
        write(writer, merges, all);
      } catch (AlreadyClosedException e) {
        // Closed itself: what has gone wrong in a merge, by another thread, is the reason.
        switch (writer.getTragicException()) {
          case IOException reason -> throw reason;
          case Error reason -> throw reason;
          case null, default -> throw e;
        }
      }
    }
  }

  private void write(IndexWriter writer, Merges merges, Iterator<Item> all) throws IOException {
    model.encoder().embed(texts(all), encoded -> add(writer, encoded));
    if (items == 0) {
      throw new IllegalArgumentException("there are no items, expected at least one to index");
    }
    long before = System.nanoTime();
    writer.flush();
    merges.sync();
    indexNanos += System.nanoTime() - before;
    writer.setLiveCommitData(record().toCommit().entrySet());
    writer.commit();
  }

  /** Leaves it to the writer to say what has gone wrong, to the thread that uses it. */
  private static final class Merges extends ConcurrentMergeScheduler {
    @Override
    protected void handleMergeException(Throwable failure) {
      // The writer keeps it as its tragic exception and closes itself.
    }
  }

  private IndexRecord record() {
    return new IndexRecord(
        IndexRecord.FORMAT,
        model.name(),
        model.hash(),
        model.encoder().dimensions(),
        items,
        seconds(),
        indexNanos * 1e-9);
  }

  /** The texts of items, which wait for their vectors. */
  private Iterator<String> texts(Iterator<Item> all) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public String next() {
        Item item = all.next();
        pending.add(item);
        return item.text();
      }
    };
  }

  private void add(IndexWriter writer, EncodedText encoded) {
    Item item = pending.remove();
    Document document = new Document();
    document.add(new StoredField(ID, item.id()));
    document.add(new StoredField(TEXT, item.text()));
    document.add(
        new KnnFloatVectorField(
            VECTOR,
            UnitVector.of(encoded.vector(), encoded.text()),
            VectorSimilarityFunction.DOT_PRODUCT));
    long before = System.nanoTime();
    try {
      writer.addDocument(document);
    } catch (IOException e) {
      throw FileException.of("cannot write " + index, e);
    }
    indexNanos += System.nanoTime() - before;
    items++;
    cutTexts += encoded.truncated() ? 1 : 0;
    progress.accept(items);
  }
}
