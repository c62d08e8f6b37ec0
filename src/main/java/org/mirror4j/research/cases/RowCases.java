package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.tensor.Tensor;

/** Pooling, selection and normalisation of rows, and the losses. */
final class RowCases {
  private static final String POOLING = "tokens=1800,sequences=400,hidden=768";
  private static final float TEMPERATURE = 0.04f;

  private static final List<String> POOLINGS =
      List.of(
          "tokens=0,sequences=0,hidden=32",
          "tokens=1,sequences=1,hidden=1",
          "tokens=33,sequences=31,hidden=34",
          "tokens=127,sequences=3,hidden=127",
          "tokens=40,sequences=7,hidden=769");

  private static final List<String> SELECTIONS =
      List.of(
          "tokens=3,selected=0,hidden=32",
          "tokens=1,selected=1,hidden=1",
          "tokens=33,selected=31,hidden=34",
          "tokens=127,selected=33,hidden=769");

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

  private RowCases() {}

  static List<OperationCase> all() {
    return List.of(
        OperationCase.of(
            "biasGradient",
            "tokens=1800,hidden=768",
            OperationCases.MATRICES,
            RowCases::biasGradient),
        pool("pool cls", Pooling.CLS, false),
        pool("pool mean", Pooling.MEAN, false),
        pool("poolBackward cls", Pooling.CLS, true),
        pool("poolBackward mean", Pooling.MEAN, true),
        pool("pool padded mean", Pooling.MEAN_PADDED, false),
        pool("poolBackward padded mean", Pooling.MEAN_PADDED, true),
        OperationCase.of(
            "gatherRows", "tokens=1800,selected=270,hidden=768", SELECTIONS, RowCases::gatherRows),
        OperationCase.of(
            "scatterRows",
            "tokens=1800,selected=270,hidden=768",
            SELECTIONS,
            RowCases::scatterRows),
        OperationCase.of(
            "normalizeRows",
            "tokens=400,hidden=768",
            OperationCases.MATRICES,
            RowCases::normalizeRows),
        OperationCase.of(
            "normalizeRowsBackward",
            "tokens=400,hidden=768",
            OperationCases.MATRICES,
            RowCases::normalizeRowsBackward),
        OperationCase.of("contrastiveLoss", "views=400", VIEWS, RowCases::contrastiveLoss),
        OperationCase.of(
            "softmaxCrossEntropy",
            "selected=270,vocabulary=30522",
            LOGITS,
            RowCases::softmaxCrossEntropy));
  }

  private static OperationCase pool(String name, Pooling pooling, boolean backward) {
    return OperationCase.of(
        name,
        POOLING,
        POOLINGS,
        (kernels, tensors, sizes) ->
            backward
                ? poolBackward(kernels, tensors, sizes, pooling)
                : pool(kernels, tensors, sizes, pooling));
  }

  private static Runnable biasGradient(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor dBias = t.drawn("d_bias", 0, 1, sizes.get("hidden"));
    Tensor dY = t.normal("d_y", sizes.get("tokens"), sizes.get("hidden"));
    t.sum(dBias, sizes.get("tokens") + 8);
    return () -> kernels.activation().biasGradient(dBias, dY);
  }

  private static SequenceLengths lengths(CaseTensors t, Sizes sizes) {
    return SequenceLengths.of(sizes.get("tokens"), sizes.get("sequences"), t.random());
  }

  private static Runnable pool(Kernels kernels, CaseTensors t, Sizes sizes, Pooling pooling) {
    SequenceLengths lengths = lengths(t, sizes);
    Tensor pooled = t.f32("pooled", sizes.get("sequences"), sizes.get("hidden"));
    Tensor x = t.normal("x", sizes.get("tokens"), sizes.get("hidden"));
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    Tensor keyLengths = t.i32("key_lengths", lengths.keyLengths());
    t.result(pooled, lengths.longest() + 8);
    return () -> kernels.row().pool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  private static Runnable poolBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, Pooling pooling) {
    SequenceLengths lengths = lengths(t, sizes);
    Tensor dX = t.activation("d_x", sizes.get("tokens"), sizes.get("hidden"));
    Tensor dPooled = t.drawn("d_pooled", 0, 1, sizes.get("sequences"), sizes.get("hidden"));
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    Tensor keyLengths = t.i32("key_lengths", lengths.keyLengths());
    t.result(dX, 8);
    return () -> kernels.row().poolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  /** Rows without repetition, in an order that is drawn. */
  private static Tensor rows(CaseTensors t, int selected, int of) {
    int[] rows = new int[of];
    Arrays.setAll(rows, i -> i);
    for (int i = 0; i < selected; i++) {
      int j = i + t.random().nextInt(of - i);
      int kept = rows[i];
      rows[i] = rows[j];
      rows[j] = kept;
    }
    return t.i32("rows", Arrays.copyOf(rows, selected));
  }

  private static Runnable gatherRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    Tensor y = t.activation("y", sizes.get("selected"), sizes.get("hidden"));
    Tensor x = t.normal("x", n, sizes.get("hidden"));
    Tensor rows = rows(t, sizes.get("selected"), n);
    t.result(y, 0);
    return () -> kernels.row().gatherRows(y, x, rows);
  }

  private static Runnable scatterRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    Tensor dX = t.activation("d_x", n, sizes.get("hidden"));
    Tensor dY = t.normal("d_y", sizes.get("selected"), sizes.get("hidden"));
    Tensor rows = rows(t, sizes.get("selected"), n);
    t.result(dX, 0);
    return () -> kernels.row().scatterRows(dX, dY, rows);
  }

  private static Runnable normalizeRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor u = t.f32("u", n, h);
    Tensor norm = t.f32("norm", n);
    Tensor x = t.drawn("h", 0, 1, n, h);
    t.result(u, h + 16);
    t.result(norm, h + 16);
    return () -> kernels.row().normalizeRows(u, norm, x);
  }

  private static Runnable normalizeRowsBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dH = t.f32("dh", n, h);
    Tensor dU = t.drawn("du", 0, 1, n, h);
    Tensor u = t.drawn("u", 0, 1 / Math.sqrt(h), n, h);
    Tensor norm = t.drawn("norm", 2, 0.1, n);
    t.result(dH, h + 16);
    return () -> kernels.row().normalizeRowsBackward(dH, dU, u, norm);
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

  private static Runnable softmaxCrossEntropy(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("selected");
    int vocabulary = sizes.get("vocabulary");
    Tensor loss = t.f32("loss", n);
    Tensor logits = t.normal("logits", n, vocabulary);
    Tensor bias = t.drawn("bias", 0, 1, vocabulary);
    Tensor labels = t.indices("labels", n, vocabulary);
    float scale = n == 0 ? 1 : 1f / n;
    t.result(loss, vocabulary + 64);
    t.result(logits, vocabulary + 64);
    return () -> kernels.loss().softmaxCrossEntropy(loss, logits, bias, labels, scale);
  }
}
