package org.mirror4j.bench.embedding;

import java.util.List;
import org.mirror4j.device.Precision;
import org.mirror4j.statistics.Cosine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What every side of an embedding contest does: all texts in one call, or one text a call, and
 * vectors that are looked at.
 */
@State(Scope.Benchmark)
public abstract class Side {
  /**
   * Least cosine of a vector in f32 with the engine's in f32: sums in another order, and functions
   * that are approximated otherwise, which is 2e-6 with DJL's Rust engine.
   */
  static final double F32 = 1 - 1e-5;

  /** The same in bf16, of 8 significant bits: STS sentences have 0.99995 and more. */
  static final double BF16 = 0.9995;

  /**
   * The same of the engine's int8, where each row of a product's input has 255 steps of its own:
   * STS sentences have 0.997 and more. Those of two sentences are at most 0.65.
   */
  static final double INT8_BY_ROW = 0.99;

  /**
   * The same where a whole input shares 255 steps and a whole matrix 255 others: the few elements
   * that are far larger than all others leave the rest fewer of them. STS sentences have 0.98 and
   * more; without VNNI sums of such products may saturate.
   */
  static final double INT8_BY_TENSOR = 0.95;

  private static final int SAMPLE = 40;

  @Param("10000")
  public int texts;

  private List<String> sentences;
  private int next;

  /** Reads the texts. */
  final void read() {
    sentences = Sentences.read(texts).texts();
  }

  /** All texts. */
  @Benchmark
  public float[][] all() {
    return embed(sentences);
  }

  /** The next text. */
  @Benchmark
  public float[][] one() {
    next = (next + 1) % sentences.size();
    return embed(sentences.get(next));
  }

  abstract float[][] embed(List<String> texts);

  /** The vector of one text; a side that has a call for it takes that. */
  float[][] embed(String text) {
    return embed(List.of(text));
  }

  /**
   * Refuses vectors that point elsewhere than those of the engine in f32.
   *
   * @param leastCosine of one of ours and one of theirs
   */
  final void check(double leastCosine) {
    List<String> sample = sentences.subList(0, Math.min(SAMPLE, sentences.size()));
    float[][] vectors = embed(sample);
    float[][] expected;
    int threads = Runtime.getRuntime().availableProcessors();
    try (EngineEncoder engine = new EngineEncoder(Precision.F32, threads)) {
      expected = engine.encode(sample);
    }
    for (int i = 0; i < vectors.length; i++) {
      double cosine = Cosine.similarity(vectors[i], expected[i]);
      if (!(cosine >= leastCosine)) {
        throw new IllegalStateException(
            "the vector of '%s' has cosine %.6f with the engine's in f32, expected at least %.6f"
                .formatted(sample.get(i), cosine, leastCosine));
      }
    }
  }
}
