package org.mirror4j.eval;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.text.Tokenizer;

/**
 * An encoder as evaluations see it, wherever its model comes from.
 *
 * @param progress is told how many texts of a list are done, but for the last
 */
public record MeasuredTextEncoder(TextEncoder encoder, IntConsumer progress)
    implements MeasuredEncoder {
  /** Texts encoded at once: some full batches. */
  private static final int CHUNK = 1024;

  @Override
  public void encode(List<String> texts, Consumer<float[]> vectors) {
    for (int from = 0; from < texts.size(); from += CHUNK) {
      int to = Math.min(texts.size(), from + CHUNK);
      for (float[] vector : encoder.encode(texts.subList(from, to))) {
        vectors.accept(vector);
      }
      if (to < texts.size()) {
        progress.accept(to);
      }
    }
  }

  /** Of WordPiece an unknown word is one unknown piece, which continues none. */
  @Override
  public Coverage coverage(List<String> texts) {
    Tokenizer tokenizer = encoder.tokenizer();
    int cut = 0;
    long words = 0;
    long unknown = 0;
    for (int[] pieces : tokenizer.encodeAll(texts, Integer.MAX_VALUE)) {
      cut += pieces.length > encoder.roomForText() ? 1 : 0;
      // Between the two special tokens.
      for (int i = 1; i < pieces.length - 1; i++) {
        boolean isUnknown = pieces[i] == tokenizer.unknownId();
        unknown += isUnknown ? 1 : 0;
        words += isUnknown || i == 1 || !tokenizer.continuesWord(pieces[i]) ? 1 : 0;
      }
    }
    return new Coverage(texts.size(), cut, words, unknown);
  }
}
