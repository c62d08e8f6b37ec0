package org.mirror4j.research.cases;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/** Embedding, LayerNorm, activation: what a layer is made of besides attention. */
final class EncoderCases {
  private static final float EPSILON = 1e-12f;
  static final int LAYER = 3;
  static final int SEED = 77;
  private static final String MATRIX = "tokens=1800,hidden=768";
  private static final String EMBEDDING = "tokens=1800,hidden=768,vocabulary=30522,positions=512";

  private static final List<String> EMBEDDINGS =
      List.of(
          "tokens=0,hidden=64,vocabulary=5,positions=3",
          "tokens=1,hidden=1,vocabulary=1,positions=1",
          "tokens=33,hidden=31,vocabulary=7,positions=5",
          "tokens=127,hidden=34,vocabulary=300,positions=31",
          "tokens=2,hidden=8,vocabulary=3,positions=2",
          "tokens=5,hidden=769,vocabulary=9,positions=4");

  private EncoderCases() {}

  /** A dropout of the rates of the sentence recipes, at a step beyond the first. */
  static Dropout dropout(double headRate, long seed) {
    Dropout dropout = new Dropout(0.1, headRate, seed);
    dropout.step(5);
    return dropout;
  }

  /**
   * One of which an element of the first row draws the threshold itself, which few do: a kernel
   * that drops it is wrong. Which of the first four it is depends on the number of rows.
   */
  private static Dropout dropoutAtThreshold(int site, int rows) {
    int[] words = new int[4];
    long seed = SEED;
    Dropout dropout = dropout(0, seed);
    while (dropout.half(words, site, rows / 2 % 4) != dropout.threshold()) {
      dropout = dropout(0, ++seed);
    }
    return dropout;
  }

  static List<OperationCase> all() {
    List<OperationCase> cases = new ArrayList<>(dropping("", true));
    cases.addAll(
        List.of(
            OperationCase.of("layerNorm", MATRIX, OperationCases.MATRICES, EncoderCases::layerNorm),
            OperationCase.of(
                "layerNormBackward",
                MATRIX,
                OperationCases.MATRICES,
                EncoderCases::layerNormBackward),
            gelu("biasGelu", GeluForm.ERF, EncoderCases::biasGelu),
            gelu("biasGelu tanh", GeluForm.TANH, EncoderCases::biasGelu),
            gelu("biasGeluBackward", GeluForm.ERF, EncoderCases::biasGeluBackward),
            gelu("biasGeluBackward tanh", GeluForm.TANH, EncoderCases::biasGeluBackward)));
    cases.addAll(dropping(" without dropout", false));
    return cases;
  }

  /** A case that drops or does not. */
  interface DroppingBody {
    void run(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops);
  }

  private static List<OperationCase> dropping(String suffix, boolean drops) {
    List<String> matrices = OperationCases.MATRICES;
    return List.of(
        dropping("embed" + suffix, EMBEDDING, EMBEDDINGS, drops, EncoderCases::embed),
        dropping(
            "embedBackward" + suffix, EMBEDDING, EMBEDDINGS, drops, EncoderCases::embedBackward),
        dropping(
            "residualLayerNorm" + suffix, MATRIX, matrices, drops, EncoderCases::residualLayerNorm),
        dropping(
            "residualLayerNormBackward" + suffix,
            MATRIX,
            matrices,
            drops,
            EncoderCases::residualLayerNormBackward));
  }

  static OperationCase dropping(
      String name, String base, List<String> awkward, boolean drops, DroppingBody body) {
    return OperationCase.of(
        name, base, awkward, (kernels, tensors, sizes) -> body.run(kernels, tensors, sizes, drops));
  }

  private interface GeluBody {
    void run(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form);
  }

  private static OperationCase gelu(String name, GeluForm form, GeluBody body) {
    return OperationCase.of(
        name,
        "tokens=1800,intermediate=3072",
        OperationCases.MATRICES.stream().map(s -> s.replace("hidden", "intermediate")).toList(),
        (kernels, tensors, sizes) -> body.run(kernels, tensors, sizes, form));
  }

  private static void embed(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor y = t.activation("y", n, h);
    Tensor z = t.activation("z", n, h);
    Tensor mean = t.f32("mean", n);
    Tensor rstd = t.f32("rstd", n);
    kernels
        .embedding()
        .embed(
            y,
            z,
            mean,
            rstd,
            t.indices("token_ids", n, sizes.get("vocabulary")),
            t.indices("position_ids", n, sizes.get("positions")),
            t.drawn("word", 0, 1, sizes.get("vocabulary"), h),
            t.drawn("position", 0, 1, sizes.get("positions"), h),
            t.drawn("token_type", 0, 1, 2, h),
            t.drawn("gamma", 1, 0.1, h),
            t.drawn("beta", 0, 0.1, h),
            EPSILON,
            drops ? dropoutAtThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE);
    normResults(t, y, z, mean, rstd, h);
  }

  /** Sums of a row, of deviations that are small where the row is one element. */
  private static void normResults(
      CaseTensors t, Tensor y, Tensor z, Tensor mean, Tensor rstd, int hidden) {
    if (hidden > 1) {
      // With one column y is a rounding error over a rounding error.
      t.result(y, 4 * hidden + 64);
      t.result(rstd, 4 * hidden + 64);
    }
    t.result(z, 8);
    t.result(mean, hidden + 8);
  }

  private static void embedBackward(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int vocabulary = sizes.get("vocabulary");
    int positions = sizes.get("positions");
    Tensor dWord = t.drawn("d_word", 0, 1, vocabulary, h);
    Tensor dPosition = t.drawn("d_position", 0, 1, positions, h);
    Tensor dTokenType = t.drawn("d_token_type", 0, 1, 2, h);
    Tensor dGamma = t.drawn("d_gamma", 0, 1, h);
    Tensor dBeta = t.drawn("d_beta", 0, 1, h);
    Tensor dY = t.normal("d_y", n, h);
    kernels
        .embedding()
        .embedBackward(
            dWord,
            dPosition,
            dTokenType,
            dGamma,
            dBeta,
            dY,
            t.normal("z", n, h),
            t.drawn("mean", 0, 0.1, n),
            t.drawn("rstd", 1, 0.1, n),
            t.drawn("gamma", 1, 0.1, h),
            segments(t, "word", n, vocabulary),
            segments(t, "position", n, positions),
            drops ? dropoutAtThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE);
    for (Tensor sum : List.of(dWord, dPosition, dTokenType, dGamma, dBeta)) {
      t.sum(sum, n + h + 64);
    }
    t.result(dY, h + 64);
  }

  /** Rows by an id that is drawn for each. */
  private static RowSegments segments(CaseTensors t, String name, int rows, int ids) {
    int[] id = new int[rows];
    for (int r = 0; r < rows; r++) {
      id[r] = t.random().nextInt(ids);
    }
    int[] order = new int[rows];
    int[] keys = new int[rows];
    int[] starts = new int[rows + 1];
    int groups = 0;
    int at = 0;
    for (int key : Arrays.stream(id).distinct().sorted().toArray()) {
      keys[groups] = key;
      for (int r = 0; r < rows; r++) {
        if (id[r] == key) {
          order[at++] = r;
        }
      }
      starts[++groups] = at;
    }
    return new RowSegments(
        t.i32(name + "_order", order),
        t.i32(name + "_keys", Arrays.copyOf(keys, groups)),
        t.i32(name + "_starts", Arrays.copyOf(starts, groups + 1)));
  }

  private static void residualLayerNorm(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor y = t.activation("y", n, h);
    Tensor z = t.normal("z", n, h);
    Tensor mean = t.f32("mean", n);
    Tensor rstd = t.f32("rstd", n);
    kernels
        .norm()
        .residualLayerNorm(
            y,
            z,
            mean,
            rstd,
            t.normal("residual", n, h),
            t.drawn("bias", 0, 1, h),
            t.drawn("gamma", 1, 0.1, h),
            t.drawn("beta", 0, 0.1, h),
            EPSILON,
            drops ? dropoutAtThreshold(DropoutSite.ATTENTION_OUTPUT.in(LAYER), n) : Dropout.NONE,
            DropoutSite.ATTENTION_OUTPUT.in(LAYER));
    normResults(t, y, z, mean, rstd, h);
  }

  private static void residualLayerNormBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dResidual = t.activation("d_residual", n, h);
    Tensor dX = t.activation("d_x", n, h);
    Tensor dGamma = t.drawn("d_gamma", 0, 1, h);
    Tensor dBeta = t.drawn("d_beta", 0, 1, h);
    Tensor dBias = t.drawn("d_bias", 0, 1, h);
    kernels
        .norm()
        .residualLayerNormBackward(
            dResidual,
            dX,
            dGamma,
            dBeta,
            dBias,
            t.normal("d_y", n, h),
            t.normal("z", n, h),
            t.drawn("mean", 0, 0.1, n),
            t.drawn("rstd", 1, 0.1, n),
            t.drawn("gamma", 1, 0.1, h),
            drops ? dropoutAtThreshold(DropoutSite.ATTENTION_OUTPUT.in(LAYER), n) : Dropout.NONE,
            DropoutSite.ATTENTION_OUTPUT.in(LAYER));
    t.result(dResidual, h + 64);
    t.result(dX, h + 64);
    for (Tensor sum : List.of(dGamma, dBeta, dBias)) {
      t.sum(sum, n + h + 64);
    }
  }

  private static void layerNorm(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor y = t.activation("y", n, h);
    Tensor mean = t.f32("mean", n);
    Tensor rstd = t.f32("rstd", n);
    Tensor x = t.normal("x", n, h);
    kernels
        .norm()
        .layerNorm(
            y, mean, rstd, x, t.drawn("gamma", 1, 0.1, h), t.drawn("beta", 0, 0.1, h), EPSILON);
    normResults(t, y, x, mean, rstd, h);
  }

  private static void layerNormBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dX = t.activation("d_x", n, h);
    Tensor dGamma = t.drawn("d_gamma", 0, 1, h);
    Tensor dBeta = t.drawn("d_beta", 0, 1, h);
    kernels
        .norm()
        .layerNormBackward(
            dX,
            dGamma,
            dBeta,
            t.normal("d_y", n, h),
            t.normal("x", n, h),
            t.drawn("mean", 0, 0.1, n),
            t.drawn("rstd", 1, 0.1, n),
            t.drawn("gamma", 1, 0.1, h));
    t.result(dX, h + 64);
    t.sum(dGamma, n + h + 64);
    t.sum(dBeta, n + h + 64);
  }

  private static void biasGelu(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor y = t.activation("y", n, c);
    kernels.activation().biasGelu(y, t.normal("x", n, c), t.drawn("bias", 0, 1, c), form);
    t.result(y, 32);
  }

  private static void biasGeluBackward(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor dX = t.activation("d_x", n, c);
    Tensor dBias = t.drawn("d_bias", 0, 1, c);
    kernels
        .activation()
        .biasGeluBackward(
            dX, dBias, t.normal("d_y", n, c), t.normal("x", n, c), t.drawn("bias", 0, 1, c), form);
    t.result(dX, 64);
    t.sum(dBias, n + 64);
  }
}
