package org.mirror4j.research.cases;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/** Embedding, LayerNorm, activation: what a layer is made of besides attention. */
final class EncoderCases {
  private static final float EPSILON = 1e-12f;
  static final int LAYER = 3;
  static final int SEED = 77;

  /** Types of tokens where there are several. */
  private static final int TYPES = 3;

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
            gelu("biasGeluBackward tanh", GeluForm.TANH, EncoderCases::biasGeluBackward),
            OperationCase.of(
                "tanh", "tokens=400,hidden=768", OperationCases.MATRICES, EncoderCases::tanh),
            OperationCase.of(
                "tanhBackward",
                "tokens=400,hidden=768",
                OperationCases.MATRICES,
                EncoderCases::tanhBackward)));
    cases.addAll(dropping(" without dropout", false));
    cases.add(embedding("embed, several token types", true, TYPES, EncoderCases::embed));
    cases.add(
        embedding("embedBackward, several token types", true, TYPES, EncoderCases::embedBackward));
    return cases;
  }

  /** A case that drops or does not. */
  interface DroppingBody {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops);
  }

  private static List<OperationCase> dropping(String suffix, boolean drops) {
    List<String> matrices = OperationCases.MATRICES;
    return List.of(
        embedding("embed" + suffix, drops, 1, EncoderCases::embed),
        embedding("embedBackward" + suffix, drops, 1, EncoderCases::embedBackward),
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
        name,
        base,
        awkward,
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, drops));
  }

  private interface EmbeddingBody {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int types);
  }

  private static OperationCase embedding(
      String name, boolean drops, int types, EmbeddingBody body) {
    return OperationCase.of(
        name,
        EMBEDDING,
        EMBEDDINGS,
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, drops, types));
  }

  private interface GeluBody {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form);
  }

  private static OperationCase gelu(String name, GeluForm form, GeluBody body) {
    return OperationCase.of(
        name,
        "tokens=1800,intermediate=3072",
        OperationCases.MATRICES.stream().map(s -> s.replace("hidden", "intermediate")).toList(),
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, form));
  }

  /**
   * @param types that tokens are of
   */
  private static Runnable embed(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int types) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int vocabulary = sizes.get("vocabulary");
    int positions = sizes.get("positions");
    LayerNorm norm = norm(t, t.activation("z", n, h));
    Embedding.Forward operands =
        new Embedding.Forward(
            norm,
            t.indices("token_ids", n, vocabulary),
            t.indices("position_ids", n, positions),
            t.i32("token_type_ids", tokenTypes(t, n, types)),
            t.drawn("word", 0, 1, vocabulary, h),
            t.drawn("position", 0, 1, positions, h),
            t.drawn("token_type", 0, 1, Math.max(2, types), h));
    normResults(t, norm);
    Dropout dropout = drops ? dropoutAtThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE;
    return () -> kernels.embedding().embed(operands, dropout);
  }

  /** A norm before its forward pass. */
  private static LayerNorm norm(CaseTensors t, Tensor x) {
    int n = x.rows();
    int h = x.columns();
    return new LayerNorm(
        t.activation("y", n, h),
        x,
        t.f32("mean", n),
        t.f32("rstd", n),
        t.drawn("gamma", 1, 0.1, h),
        t.drawn("beta", 0, 0.1, h),
        EPSILON);
  }

  /** A norm after its forward pass; what a backward pass does not read is not written. */
  private static LayerNorm normalized(CaseTensors t, Tensor x) {
    int n = x.rows();
    int h = x.columns();
    return new LayerNorm(
        t.activation("y", n, h),
        x,
        t.drawn("mean", 0, 0.1, n),
        t.drawn("rstd", 1, 0.1, n),
        t.drawn("gamma", 1, 0.1, h),
        t.f32("beta", h),
        EPSILON);
  }

  /** Sums of a row, of deviations that are small where the row is one element. */
  private static void normResults(CaseTensors t, LayerNorm norm) {
    int hidden = norm.x().columns();
    if (hidden > 1) {
      // With one column y is a rounding error over a rounding error.
      t.result(norm.y(), 4 * hidden + 64);
      t.result(norm.rstd(), 4 * hidden + 64);
    }
    t.result(norm.x(), 8);
    t.result(norm.mean(), hidden + 8);
  }

  private static Runnable embedBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int types) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int vocabulary = sizes.get("vocabulary");
    int positions = sizes.get("positions");
    Tensor dWord = t.drawn("d_word", 0, 1, vocabulary, h);
    Tensor dPosition = t.drawn("d_position", 0, 1, positions, h);
    Tensor dTokenType = t.drawn("d_token_type", 0, 1, Math.max(2, types), h);
    Tensor dGamma = t.drawn("d_gamma", 0, 1, h);
    Tensor dBeta = t.drawn("d_beta", 0, 1, h);
    Tensor dY = t.normal("d_y", n, h);
    int[] tokenTypes = tokenTypes(t, n, types);
    Embedding.Forward forward =
        new Embedding.Forward(
            normalized(t, t.normal("z", n, h)),
            t.i32("token_ids", Shape.of(n)),
            t.i32("position_ids", Shape.of(n)),
            t.i32("token_type_ids", tokenTypes),
            t.f32("word", vocabulary, h),
            t.f32("position", positions, h),
            t.f32("token_type", Math.max(2, types), h));
    Embedding.Backward operands =
        new Embedding.Backward(
            forward,
            dY,
            dWord,
            dPosition,
            dTokenType,
            dGamma,
            dBeta,
            segments(t, "word", n, vocabulary),
            segments(t, "position", n, positions),
            segments(t, "token_type", Groups.ofOthers(tokenTypes)));
    for (Tensor sum : List.of(dWord, dPosition, dTokenType, dGamma, dBeta)) {
      t.sum(sum, n + h + 64);
    }
    t.result(dY, h + 64);
    Dropout dropout = drops ? dropoutAtThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE;
    return () -> kernels.embedding().embedBackward(operands, dropout);
  }

  /** Of each row, drawn where there is more than one. */
  private static int[] tokenTypes(CaseTensors t, int rows, int types) {
    int[] ids = new int[rows];
    Arrays.setAll(ids, row -> types == 1 ? 0 : t.random().nextInt(types));
    return ids;
  }

  /** Rows by an id that is drawn for each. */
  private static RowSegments segments(CaseTensors t, String name, int rows, int ids) {
    int[] id = new int[rows];
    Arrays.setAll(id, row -> t.random().nextInt(ids));
    return segments(t, name, Groups.of(id));
  }

  private static RowSegments segments(CaseTensors t, String name, Groups groups) {
    return new RowSegments(
        t.i32(name + "_order", groups.order()),
        t.i32(name + "_keys", groups.keys()),
        t.i32(name + "_starts", groups.starts()));
  }

  private static Runnable residualLayerNorm(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int site = DropoutSite.ATTENTION_OUTPUT.in(LAYER);
    LayerNorm norm = norm(t, t.normal("z", n, h));
    ResidualLayerNorm operands =
        new ResidualLayerNorm(norm, t.normal("residual", n, h), t.drawn("bias", 0, 1, h), site);
    normResults(t, norm);
    Dropout dropout = drops ? dropoutAtThreshold(site, n) : Dropout.NONE;
    return () -> kernels.norm().residualLayerNorm(operands, dropout);
  }

  private static Runnable residualLayerNormBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int site = DropoutSite.ATTENTION_OUTPUT.in(LAYER);
    LayerNorm norm = normalized(t, t.normal("z", n, h));
    ResidualLayerNormBackward operands =
        new ResidualLayerNormBackward(
            new ResidualLayerNorm(norm, t.activation("residual", n, h), t.f32("bias", h), site),
            t.activation("d_residual", n, h),
            t.activation("d_x", n, h),
            t.normal("d_y", n, h),
            t.drawn("d_gamma", 0, 1, h),
            t.drawn("d_beta", 0, 1, h),
            t.drawn("d_bias", 0, 1, h));
    t.result(operands.dResidual(), h + 64);
    t.result(operands.dX(), h + 64);
    for (Tensor sum : List.of(operands.dGamma(), operands.dBeta(), operands.dBias())) {
      t.sum(sum, n + h + 64);
    }
    Dropout dropout = drops ? dropoutAtThreshold(site, n) : Dropout.NONE;
    return () -> kernels.norm().residualLayerNormBackward(operands, dropout);
  }

  private static Runnable layerNorm(Kernels kernels, CaseTensors t, Sizes sizes) {
    LayerNorm operands = norm(t, t.normal("x", sizes.get("tokens"), sizes.get("hidden")));
    normResults(t, operands);
    return () -> kernels.norm().layerNorm(operands);
  }

  private static Runnable layerNormBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    LayerNormBackward operands =
        new LayerNormBackward(
            normalized(t, t.normal("x", n, h)),
            t.activation("d_x", n, h),
            t.normal("d_y", n, h),
            t.drawn("d_gamma", 0, 1, h),
            t.drawn("d_beta", 0, 1, h));
    t.result(operands.dX(), h + 64);
    t.sum(operands.dGamma(), n + h + 64);
    t.sum(operands.dBeta(), n + h + 64);
    return () -> kernels.norm().layerNormBackward(operands);
  }

  private static Runnable biasGelu(Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor y = t.activation("y", n, c);
    Tensor x = t.normal("x", n, c);
    Tensor bias = t.drawn("bias", 0, 1, c);
    t.result(y, 32);
    return () -> kernels.activation().biasGelu(y, x, bias, form);
  }

  private static Runnable biasGeluBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, GeluForm form) {
    int n = sizes.get("tokens");
    int c = sizes.get("intermediate");
    Tensor dX = t.activation("d_x", n, c);
    Tensor dBias = t.drawn("d_bias", 0, 1, c);
    Tensor dY = t.normal("d_y", n, c);
    Tensor x = t.normal("x", n, c);
    Tensor bias = t.drawn("bias", 0, 1, c);
    t.result(dX, 64);
    t.sum(dBias, n + 64);
    return () -> kernels.activation().biasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  private static Runnable tanh(Kernels kernels, CaseTensors t, Sizes sizes) {
    Tensor y = t.activation("y", sizes.get("tokens"), sizes.get("hidden"));
    Tensor x = t.normal("x", sizes.get("tokens"), sizes.get("hidden"));
    t.result(y, 16);
    return () -> kernels.activation().tanh(y, x);
  }

  private static Runnable tanhBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor dX = t.activation("dx", n, h);
    Tensor dY = t.normal("dy", n, h);
    Tensor y = t.normal("y", n, h);
    t.result(dX, 4);
    return () -> kernels.activation().tanhBackward(dX, dY, y);
  }
}
