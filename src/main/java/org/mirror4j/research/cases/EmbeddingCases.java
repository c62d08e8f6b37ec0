package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/** Embeddings of tokens and their gradient. */
final class EmbeddingCases {
  /** Types of tokens where there are several. */
  private static final int TYPES = 3;

  private static final String BASE = "tokens=1800,hidden=768,vocabulary=30522,positions=512";

  private static final List<String> EMBEDDINGS =
      List.of(
          "tokens=0,hidden=64,vocabulary=5,positions=3",
          "tokens=1,hidden=1,vocabulary=1,positions=1",
          "tokens=33,hidden=31,vocabulary=7,positions=5",
          "tokens=127,hidden=34,vocabulary=300,positions=31",
          "tokens=2,hidden=8,vocabulary=3,positions=2",
          "tokens=5,hidden=769,vocabulary=9,positions=4");

  private EmbeddingCases() {}

  static List<OperationCase> all() {
    return List.of(
        of("embed", true, 1, EmbeddingCases::embed),
        of("embedBackward", true, 1, EmbeddingCases::embedBackward),
        of("embed without dropout", false, 1, EmbeddingCases::embed),
        of("embedBackward without dropout", false, 1, EmbeddingCases::embedBackward),
        of("embed, several token types", true, TYPES, EmbeddingCases::embed),
        of("embedBackward, several token types", true, TYPES, EmbeddingCases::embedBackward));
  }

  private interface Body {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int types);
  }

  private static OperationCase of(String name, boolean drops, int types, Body body) {
    return OperationCase.of(
        name,
        BASE,
        EMBEDDINGS,
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, drops, types));
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
    LayerNorm norm = NormCases.norm(t, t.activation("z", n, h));
    Embedding.Forward operands =
        new Embedding.Forward(
            norm,
            t.indices("token_ids", n, vocabulary),
            t.indices("position_ids", n, positions),
            t.i32("token_type_ids", tokenTypes(t, n, types)),
            t.drawn("word", 0, 1, vocabulary, h),
            t.drawn("position", 0, 1, positions, h),
            t.drawn("token_type", 0, 1, Math.max(2, types), h));
    NormCases.results(t, norm);
    Dropout dropout =
        drops ? CaseDropout.atThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE;
    return () -> kernels.embedding().embed(operands, dropout);
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
            NormCases.normalized(t, t.normal("z", n, h)),
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
            t.segments("token_type", Groups.ofOthers(tokenTypes)));
    for (Tensor sum : List.of(dWord, dPosition, dTokenType, dGamma, dBeta)) {
      t.sum(sum, n + h + 64);
    }
    t.result(dY, h + 64);
    Dropout dropout =
        drops ? CaseDropout.atThreshold(DropoutSite.EMBEDDING.in(0), n) : Dropout.NONE;
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
    return t.segments(name, Groups.of(id));
  }
}
