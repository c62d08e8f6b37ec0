package org.mirror4j.predict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.mirror4j.search.BoundedHeap;
import org.mirror4j.text.Tokenizer;

/** The likeliest tokens of rows of logits; {@code p = exp(logit) / sum of exp(logits)}, in f64. */
final class Softmax {
  private static final Comparator<Mask.Token> LIKELIEST_FIRST =
      Comparator.comparingDouble(Mask.Token::probability)
          .reversed()
          .thenComparingInt(Mask.Token::id);

  private final Tokenizer tokenizer;
  private final int vocabulary;
  private final BoundedHeap heap;

  /**
   * For rows of one model.
   *
   * @param vocabulary elements of a row
   * @param top tokens of a row that are wanted
   */
  Softmax(Tokenizer tokenizer, int vocabulary, int top) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    heap = new BoundedHeap(Math.min(top, vocabulary));
  }

  /**
   * The likeliest tokens of a row, or all where there are fewer. Rows of the embeddings that the
   * tokenizer has no token for take part in the sum and are not among them.
   *
   * @throws IllegalStateException if a logit is not finite
   */
  List<Mask.Token> top(float[] logits, int row) {
    int from = row * vocabulary;
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      max = Math.max(max, logits[from + id]);
    }
    double sum = 0;
    heap.clear();
    for (int id = 0; id < vocabulary; id++) {
      float logit = logits[from + id];
      sum += Math.exp(logit - max);
      if (logit > heap.threshold() && id < tokenizer.vocabSize()) {
        heap.add(id, logit);
      }
    }
    if (!Double.isFinite(sum)) {
      throw new IllegalStateException(
          "the model gives logits that are not finite; --precision f32 has the widest range");
    }
    List<Mask.Token> tokens = new ArrayList<>(heap.size());
    for (int i = 0; i < heap.size(); i++) {
      int id = heap.row(i);
      tokens.add(new Mask.Token(id, tokenizer.token(id), Math.exp(heap.value(i) - max) / sum));
    }
    tokens.sort(LIKELIEST_FIRST);
    return List.copyOf(tokens);
  }
}
