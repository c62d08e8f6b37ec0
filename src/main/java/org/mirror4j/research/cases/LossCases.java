package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/** Losses with their gradients. */
final class LossCases {
  private static final float TEMPERATURE = 0.04f;

  private static final List<String> VIEWS =
      List.of("views=2", "views=6", "views=32", "views=34", "views=66", "views=130", "views=256");

  private static final List<String> LOGITS =
      List.of(
          "selected=0,vocabulary=32",
          "selected=1,vocabulary=1",
          "selected=3,vocabulary=31",
          "selected=33,vocabulary=127",
          "selected=2,vocabulary=1026",
          "selected=2,vocabulary=6144",
          "selected=2,vocabulary=6659");

  private static final List<String> SEGMENTS =
      List.of(
          "tokens=0,sequences=0,columns=2",
          "tokens=1,sequences=1,columns=1",
          "tokens=33,sequences=31,columns=2",
          "tokens=127,sequences=1,columns=3",
          "tokens=129,sequences=1,columns=2",
          "tokens=300,sequences=2,columns=4",
          "tokens=700,sequences=3,columns=33");

  private static final List<String> ROWS =
      List.of("rows=0", "rows=1", "rows=31", "rows=33", "rows=255", "rows=257", "rows=1025");

  private LossCases() {}

  static List<OperationCase> all() {
    return List.of(
        OperationCase.of("contrastiveLoss", "views=400", VIEWS, LossCases::contrastiveLoss),
        softmaxCrossEntropy("softmaxCrossEntropy", false),
        softmaxCrossEntropy("softmaxCrossEntropy, some labels", true),
        segmentCrossEntropy("segmentCrossEntropy", false),
        segmentCrossEntropy("segmentCrossEntropy, some labels", true),
        marginalCrossEntropy("marginalCrossEntropy", false),
        marginalCrossEntropy("marginalCrossEntropy, some predicted", true),
        OperationCase.of("squaredError", "rows=256", ROWS, LossCases::squaredError));
  }

  private static OperationCase softmaxCrossEntropy(String name, boolean some) {
    return OperationCase.of(
        name,
        "selected=270,vocabulary=30522",
        LOGITS,
        (kernels, tensors, sizes) -> softmaxCrossEntropy(kernels, tensors, sizes, some));
  }

  private static OperationCase segmentCrossEntropy(String name, boolean some) {
    return OperationCase.of(
        name,
        "tokens=4096,sequences=16,columns=2",
        SEGMENTS,
        (kernels, tensors, sizes) -> segmentCrossEntropy(kernels, tensors, sizes, some));
  }

  private static OperationCase marginalCrossEntropy(String name, boolean some) {
    return OperationCase.of(
        name,
        "tokens=28000,sequences=560",
        SEGMENTS.stream().map(sizes -> sizes.replaceAll(",columns=.*", "")).toList(),
        (kernels, tensors, sizes) -> marginalCrossEntropy(kernels, tensors, sizes, some));
  }

  private static Runnable contrastiveLoss(Kernels kernels, CaseTensors t, Sizes sizes) {
    int views = sizes.get("views");
    if (views % 2 != 0) {
      throw new IllegalArgumentException("views is " + views + ", expected an even number");
    }
    float[] cosines = new float[views * views];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = (float) t.random().nextDouble(-1, 1);
    }
    int[] ids = new int[views];
    // The first two pairs are of one group where there are more than two.
    Arrays.setAll(ids, i -> views > 4 ? Math.max(1, i % (views / 2)) : i % (views / 2));
    Tensor loss = t.f32("loss", views);
    Tensor similarities = t.f32("similarities", cosines, views, views);
    Tensor groups = t.i32("groups", ids);
    // A difference of cosines over the temperature, exponentiated, and sums of it.
    t.result(loss, 4 / TEMPERATURE + views + 16);
    t.result(similarities, 8 / TEMPERATURE + 2 * views + 32);
    return () -> kernels.loss().contrastiveLoss(loss, similarities, groups, TEMPERATURE);
  }

  /**
   * @param some whether each third row is not predicted
   */
  private static Runnable softmaxCrossEntropy(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean some) {
    int n = sizes.get("selected");
    int vocabulary = sizes.get("vocabulary");
    Tensor loss = t.f32("loss", n);
    Tensor logits = t.normal("logits", n, vocabulary);
    Tensor bias = t.drawn("bias", 0, 1, vocabulary);
    int[] ids = new int[n];
    Arrays.setAll(ids, row -> some && row % 3 == 0 ? -1 : t.random().nextInt(vocabulary));
    Tensor labels = t.i32("labels", ids);
    Tensor scale = t.f32("gradientScale", new float[] {n == 0 ? 1 : 1f / n}, 1);
    t.result(loss, vocabulary + 64);
    t.result(logits, vocabulary + 64);
    return () -> kernels.loss().softmaxCrossEntropy(loss, logits, bias, labels, scale);
  }

  /**
   * @param some whether each third label is none, and a row in eight is of no sequence
   */
  private static Runnable segmentCrossEntropy(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean some) {
    int tokens = sizes.get("tokens");
    int sequences = sizes.get("sequences");
    int columns = sizes.get("columns");
    int inSequences = some ? Math.max(sequences, tokens - tokens / 8) : tokens;
    SequenceLengths lengths = SequenceLengths.of(inSequences, sequences, t.random());
    Tensor loss = t.f32("loss", sequences, columns);
    Tensor logits = t.normal("logits", tokens, columns);
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    int[] rows = new int[sequences * columns];
    Arrays.setAll(
        rows, i -> some && i % 3 == 0 ? -1 : t.random().nextInt(lengths.length(i / columns)));
    Tensor labels = t.i32("labels", rows, sequences, columns);
    Tensor scale = t.f32("gradientScale", new float[] {1f / Math.max(1, sequences)}, 1);
    t.result(loss, lengths.longest() + 64);
    t.result(logits, lengths.longest() + 64);
    return () -> kernels.loss().segmentCrossEntropy(loss, logits, cuSeqlens, labels, scale);
  }

  /**
   * @param some whether each third sequence has no mark, and a row in eight is of no sequence
   */
  private static Runnable marginalCrossEntropy(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean some) {
    int rows = sizes.get("tokens");
    int sequences = sizes.get("sequences");
    int inSequences = some ? Math.max(sequences, rows - rows / 8) : rows;
    SequenceLengths lengths = SequenceLengths.of(inSequences, sequences, t.random());
    Tensor loss = t.f32("loss", sequences);
    Tensor logits = t.normal("logits", rows, 1);
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    int[] right = new int[rows];
    for (int s = 0; s < sequences; s++) {
      int first = lengths.starts()[s];
      for (int r = first; r < lengths.starts()[s + 1]; r++) {
        right[r] = some && s % 3 == 0 ? 0 : r == first ? 1 : t.random().nextInt(2);
      }
    }
    Tensor marks = t.i32("marks", right);
    Tensor scale = t.f32("gradientScale", new float[] {1f / Math.max(1, sequences)}, 1);
    t.result(loss, 2 * lengths.longest() + 128);
    t.result(logits, 2 * lengths.longest() + 128);
    return () -> kernels.loss().marginalCrossEntropy(loss, logits, cuSeqlens, marks, scale);
  }

  /** One row in eight is padding. */
  private static Runnable squaredError(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("rows");
    Tensor loss = t.f32("loss", n);
    Tensor x = t.normal("x", n, 1);
    Tensor bias = t.drawn("bias", 0, 1, 1);
    Tensor targets = t.drawn("targets", 2, 1, n);
    float[] ones = new float[n];
    for (int row = 0; row < n; row++) {
      ones[row] = row % 8 == 5 ? 0 : 1;
    }
    Tensor weights = t.f32("weights", ones, n);
    Tensor scale = t.f32("gradientScale", new float[] {1f / Math.max(1, n)}, 1);
    t.result(loss, 8);
    t.result(x, 8);
    return () -> kernels.loss().squaredError(loss, x, bias, targets, weights, scale);
  }
}
