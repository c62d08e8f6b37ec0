package org.mirror4j.spark;

import java.io.Serial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/** Appends to the rows of a partition the vectors of their texts, a batch of rows at a time. */
final class PartitionEmbedder implements MapPartitionsFunction<Row, Row> {
  @Serial private static final long serialVersionUID = 1;

  /** Batches of an engine that are computed in one call: enough to sort texts by length. */
  private static final int ENGINE_BATCHES = 4;

  /** Characters after which a batch of rows is full. Both are where an encoder would cut too. */
  private static final int BATCH_CHARACTERS = 1 << 20;

  private final ModelSource model;
  private final EncoderSettings settings;
  private final ExecutorCores cores;
  private final int input;

  /**
   * What is sent to the executors.
   *
   * @param input index of the column of texts
   */
  PartitionEmbedder(ModelSource model, EncoderSettings settings, ExecutorCores cores, int input) {
    this.model = model;
    this.settings = settings;
    this.cores = cores;
    this.input = input;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    // A partition without rows, of which there may be many, opens no model.
    return rows.hasNext()
        ? new EmbeddedRows(rows, ProcessEncoders.get(model, cores.share(settings)))
        : Collections.emptyIterator();
  }

  private final class EmbeddedRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Encoder encoder;
    private final List<Row> batch = new ArrayList<>();
    private float[][] vectors;
    private int nextRow;
    private int nextVector;

    private EmbeddedRows(Iterator<Row> rows, Encoder encoder) {
      this.rows = rows;
      this.encoder = encoder;
    }

    @Override
    public boolean hasNext() {
      return nextRow < batch.size() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (nextRow == batch.size()) {
        if (!rows.hasNext()) {
          throw new NoSuchElementException();
        }
        embedBatch();
      }
      Row row = batch.get(nextRow++);
      Object[] values = new Object[row.size() + 1];
      for (int i = 0; i < row.size(); i++) {
        values[i] = row.get(i);
      }
      values[row.size()] = row.isNullAt(input) ? null : vectors[nextVector++];
      return RowFactory.create(values);
    }

    private void embedBatch() {
      batch.clear();
      List<String> texts = new ArrayList<>();
      int characters = 0;
      while (batch.size() < ENGINE_BATCHES * settings.batchSize()
          && characters < BATCH_CHARACTERS
          && rows.hasNext()) {
        Row row = rows.next();
        batch.add(row);
        if (!row.isNullAt(input)) {
          texts.add(row.getString(input));
          characters += texts.getLast().length();
        }
      }
      vectors = encoder.embed(texts);
      nextRow = 0;
      nextVector = 0;
    }
  }
}
