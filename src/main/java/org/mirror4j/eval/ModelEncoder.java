package org.mirror4j.eval;

import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.text.TokenLimit;
import org.mirror4j.text.Tokenizer;

/** A model as evaluations see it; long lists of texts are told of on the way. */
public final class ModelEncoder implements MeasuredEncoder {
  /** Texts encoded between two looks at the clock: some full batches. */
  private static final int CHUNK = 1024;

  private static final long NANOS_BETWEEN = 5_000_000_000L;

  private final TextEncoder encoder;
  private final Tokenizer tokenizer;
  private final int roomForText;
  private final Progress progress;

  /** Is told how many of the texts are done, at most every few seconds. */
  @FunctionalInterface
  public interface Progress {
    /** So many are done. */
    void at(long done, long of);
  }

  /**
   * An encoder for evaluations.
   *
   * @param options those of the encoder
   */
  public ModelEncoder(
      TextEncoder encoder, Tokenizer tokenizer, TextEncoder.Options options, Progress progress) {
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    roomForText = new TokenLimit(tokenizer, options.maxLength(), options.template()).roomForText();
    this.progress = progress;
  }

  @Override
  public void encode(List<String> texts, Consumer<float[]> vectors) {
    long told = System.nanoTime();
    for (int from = 0; from < texts.size(); from += CHUNK) {
      int to = Math.min(texts.size(), from + CHUNK);
      for (float[] vector : encoder.encode(texts.subList(from, to))) {
        vectors.accept(vector);
      }
      if (to < texts.size() && System.nanoTime() - told > NANOS_BETWEEN) {
        told = System.nanoTime();
        progress.at(to, texts.size());
      }
    }
  }

  /** Of WordPiece an unknown word is one unknown piece, which continues none. */
  @Override
  public Coverage coverage(List<String> texts) {
    int cut = 0;
    long words = 0;
    long unknown = 0;
    for (int[] pieces : tokenizer.encodeAll(texts, Integer.MAX_VALUE)) {
      cut += pieces.length > roomForText ? 1 : 0;
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
