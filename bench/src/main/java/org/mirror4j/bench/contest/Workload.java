package org.mirror4j.bench.contest;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.research.LengthStatistics;

/**
 * What all sides of a training measurement compute: one architecture, one recipe, the same batches
 * of real lengths and random ids.
 *
 * @param shape name of the architecture
 * @param items of a batch, each with two views: first views, then second views
 */
public record Workload(
    String shape, BertConfig config, Recipe recipe, int items, List<int[][]> batches) {
  /** Batches that steps take in turn; every iteration of a measurement is a round of them. */
  public static final int BATCHES = 2;

  /**
   * Of the draw of batches: the first two of 200 items are as long as those of an epoch, longest
   * views of 5.5 and 44.5 tokens on average, where an epoch has 5.5 and 44.4.
   */
  private static final long SEED = 11;

  /** Named architectures. */
  public enum Shape {
    /** 12 layers of width 768 with the vocabulary of bert-base-uncased. */
    BASE(ModelSize.BASE, 30_522),
    /** 4 layers of width 256, the bundled model's. */
    MINI(ModelSize.MINI, 8192);

    private final ModelSize size;
    private final int vocabSize;

    Shape(ModelSize size, int vocabSize) {
      this.size = size;
      this.vocabSize = vocabSize;
    }

    /** The architecture. */
    public BertConfig config() {
      return size.config(vocabSize, 0);
    }
  }

  /**
   * A workload by the names of benchmark parameters.
   *
   * @param shape {@code base} or {@code mini}
   * @param recipe {@code word} or {@code sentence}
   * @param items of a batch, each with two views
   */
  public static Workload of(String shape, String recipe, int items) {
    return of(shape, recipe, items, BATCHES);
  }

  /**
   * A workload of more batches than {@link #BATCHES}.
   *
   * @param batches as many, or as many as an epoch has where those are fewer
   */
  public static Workload of(String shape, String recipe, int items, int batches) {
    BertConfig config = Shape.valueOf(shape.toUpperCase(Locale.ROOT)).config();
    Recipe named = Recipe.valueOf(recipe.toUpperCase(Locale.ROOT));
    LengthStatistics lengths =
        LengthStatistics.read(Checkout.path("bench/gpu/lengths").resolve(recipe + ".json"));
    return new Workload(
        shape, config, named, items, lengths.batches(items, batches, config.vocabSize(), SEED));
  }

  /** What {@link #of(String, String, int)} makes it again from, by the names of its parameters. */
  public Map<String, String> parameters() {
    return Map.of("shape", shape, "recipe", recipe.label(), "items", Integer.toString(items));
  }

  /** The recipe's settings, with dropout or without. */
  public MirrorSettings settings(boolean dropout) {
    MirrorSettings settings = recipe.settings();
    return dropout ? settings : settings.with(Map.of("dropoutRate", 0));
  }

  /** Tokens of text of a batch. */
  public int realTokens(int batch) {
    int tokens = 0;
    for (int[] view : batches.get(batch)) {
      tokens += view.length;
    }
    return tokens;
  }

  /** Tokens of the longest view of a batch. */
  public int longest(int batch) {
    int longest = 0;
    for (int[] view : batches.get(batch)) {
      longest = Math.max(longest, view.length);
    }
    return longest;
  }
}
