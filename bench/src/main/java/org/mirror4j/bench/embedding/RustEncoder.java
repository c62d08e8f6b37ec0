package org.mirror4j.bench.embedding;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * DJL's Rust engine (candle), which reads the model directory; it comes with DJL's tokenizers. Its
 * BERT takes a mask and does not look at it (0.35.1, 0.38.0), so the texts of a batch are of one
 * length.
 */
final class RustEncoder implements SortedBatches.BatchEncoder, AutoCloseable {
  private final Model model = Model.newInstance("MiniLM", "Rust");
  private final Predictor<NDList, NDList> predictor;

  RustEncoder(MiniLm miniLm) {
    try {
      model.load(miniLm.directory());
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    } catch (MalformedModelException problem) {
      throw new IllegalStateException(problem);
    }
    // No batchifier: a list is a batch already.
    predictor = model.newPredictor(new NoopTranslator());
  }

  @Override
  public float[][] encode(int[][] texts) {
    PaddedIds padded = PaddedIds.of(texts);
    Shape shape = new Shape(padded.shape());
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList inputs =
          new NDList(
              manager.create(padded.ids(), shape),
              manager.create(padded.mask(), shape),
              manager.create(new long[padded.ids().length], shape));
      NDList outputs = predictor.predict(inputs);
      outputs.attach(manager);
      return padded.normalizedMeans(outputs.getFirst().toFloatArray());
    } catch (TranslateException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
  }
}
