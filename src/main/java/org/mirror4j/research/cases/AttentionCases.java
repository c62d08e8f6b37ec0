package org.mirror4j.research.cases;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/**
 * Attention forwards and backwards, with the kernels for heads of 64, those for any other and those
 * for long sequences.
 */
final class AttentionCases {
  private static final String BASE = "tokens=1800,sequences=400,heads=12,hidden=768";
  private static final String HEADS_OF_32 = "tokens=1800,sequences=400,heads=24,hidden=768";

  private static final String LENGTH_OF_25 = "tokens=25,sequences=1,heads=12,hidden=768";
  private static final String LENGTH_OF_128 = "tokens=128,sequences=1,heads=12,hidden=768";
  private static final String LENGTH_OF_512 = "tokens=512,sequences=1,heads=12,hidden=768";

  /** Rows of a sequence for which all kernels of any length are launched. */
  private static final int LONG = 65;

  /** What is checked beside {@link #LONG_BATCHES}: few rows, and just one more than a block has. */
  private static final List<String> OF_25 = List.of("tokens=13,sequences=1,heads=6,hidden=384");

  private static final List<String> OF_512 = List.of("tokens=65,sequences=1,heads=1,hidden=64");
  private static final List<String> LONG_BATCHES =
      List.of(
          "tokens=58,sequences=2,heads=5,hidden=320",
          "tokens=130,sequences=3,heads=2,hidden=128",
          "tokens=53,sequences=1,heads=1,hidden=64",
          "tokens=64,sequences=1,heads=3,hidden=192",
          "tokens=200,sequences=1,heads=1,hidden=64",
          "tokens=230,sequences=3,heads=2,hidden=128");

  private static final List<String> BATCHES =
      List.of(
          "tokens=0,sequences=0,heads=2,hidden=32",
          "tokens=1,sequences=1,heads=1,hidden=1",
          "tokens=41,sequences=4,heads=2,hidden=128",
          "tokens=75,sequences=2,heads=3,hidden=192",
          "tokens=74,sequences=9,heads=3,hidden=96",
          "tokens=31,sequences=5,heads=2,hidden=66",
          "tokens=127,sequences=1,heads=1,hidden=10",
          "tokens=33,sequences=7,heads=3,hidden=288");

  private AttentionCases() {}

  /** One of the two passes. */
  private interface Pass {
    /**
     * What is done.
     *
     * @param longest what the longest sequence is said to have at least
     */
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int longest);
  }

  static List<OperationCase> all() {
    List<OperationCase> cases = new ArrayList<>(dropping("", true));
    cases.addAll(dropping(" without dropout", false));
    return cases;
  }

  private static List<OperationCase> dropping(String suffix, boolean drops) {
    return List.of(
        of("attention" + suffix, BASE, drops, AttentionCases::forward),
        of("attentionBackward" + suffix, BASE, drops, AttentionCases::backward),
        of("attention, heads of 32" + suffix, HEADS_OF_32, drops, AttentionCases::forward),
        of("attentionBackward, heads of 32" + suffix, HEADS_OF_32, drops, AttentionCases::backward),
        ofLength(
            "attention, 25 tokens" + suffix, LENGTH_OF_25, OF_25, drops, AttentionCases::forward),
        ofLength(
            "attention, 128 tokens" + suffix,
            LENGTH_OF_128,
            LONG_BATCHES,
            drops,
            AttentionCases::forward),
        ofLength(
            "attention, 512 tokens" + suffix,
            LENGTH_OF_512,
            OF_512,
            drops,
            AttentionCases::forward),
        ofLength(
            "attentionBackward, 25 tokens" + suffix,
            LENGTH_OF_25,
            OF_25,
            drops,
            AttentionCases::backward),
        ofLength(
            "attentionBackward, 128 tokens" + suffix,
            LENGTH_OF_128,
            LONG_BATCHES,
            drops,
            AttentionCases::backward),
        ofLength(
            "attentionBackward, 512 tokens" + suffix,
            LENGTH_OF_512,
            OF_512,
            drops,
            AttentionCases::backward));
  }

  private static OperationCase of(String name, String base, boolean drops, Pass pass) {
    return OperationCase.dropping(
        name,
        base,
        BATCHES,
        drops,
        (kernels, t, sizes, dropping) -> pass.prepare(kernels, t, sizes, dropping, 1));
  }

  /** One that launches the kernels for long sequences whatever the lengths are. */
  private static OperationCase ofLength(
      String name, String base, List<String> batches, boolean drops, Pass pass) {
    return OperationCase.dropping(
        name,
        base,
        batches,
        drops,
        (kernels, t, sizes, dropping) -> pass.prepare(kernels, t, sizes, dropping, LONG));
  }

  private static SequenceLengths lengths(CaseTensors t, Sizes sizes) {
    return SequenceLengths.of(sizes.get("tokens"), sizes.get("sequences"), t.random());
  }

  private static Dropout dropout(boolean drops) {
    return drops ? CaseDropout.of(0.2, CaseDropout.SEED) : Dropout.NONE;
  }

  private static Runnable forward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int longest) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int heads = sizes.get("heads");
    SequenceLengths lengths = lengths(t, sizes);
    Attention.Forward operands =
        new Attention.Forward(
            t.activation("context", n, h),
            t.f32("log_sum_exp", n, heads),
            t.normal("qkv", n, 3 * h),
            t.drawn("bias", 0, 0.5, 3 * h),
            t.i32("cu_seqlens", lengths.starts()),
            t.i32("key_lengths", lengths.keyLengths()),
            heads,
            CaseDropout.LAYER);
    t.result(operands.qkv(), 1);
    t.result(operands.logSumExp(), roundings(h / heads, lengths));
    t.result(operands.context(), roundings(h / heads, lengths));
    Dropout dropout = dropout(drops);
    int maxSeqlen = Math.max(lengths.longest(), longest);
    return () -> kernels.attention().attention(operands, maxSeqlen, dropout);
  }

  /** Dot products of a head, an exponential of up to tens, a sum over keys. */
  private static double roundings(int headSize, SequenceLengths lengths) {
    return 16 * headSize + 2 * lengths.longest() + 256;
  }

  private static Runnable backward(
      Kernels kernels, CaseTensors t, Sizes sizes, boolean drops, int longest) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int heads = sizes.get("heads");
    SequenceLengths lengths = lengths(t, sizes);
    float[] logSumExp = new float[n * heads];
    for (int s = 0; s < lengths.sequences(); s++) {
      int first = lengths.starts()[s] * heads;
      // Of standard normal scores the exponentials have mean exp(1/2).
      Arrays.fill(
          logSumExp,
          first,
          first + lengths.length(s) * heads,
          (float) (Math.log(lengths.length(s)) + 0.5));
    }
    Tensor dBias = t.drawn("d_bias", 0, 1, 3 * h);
    Tensor dContext = t.normal("d_context", n, h);
    Attention.Forward forward =
        new Attention.Forward(
            t.normal("context", n, h),
            t.f32("log_sum_exp", logSumExp, n, heads),
            t.normal("qkv", n, 3 * h),
            t.f32("bias", 3 * h),
            t.i32("cu_seqlens", lengths.starts()),
            t.i32("key_lengths", lengths.keyLengths()),
            heads,
            CaseDropout.LAYER);
    Attention.Backward operands =
        new Attention.Backward(forward, t.activation("d_qkv", n, 3 * h), dBias, dContext);
    t.result(operands.dQkv(), 4 * roundings(h / heads, lengths));
    t.sum(dBias, 4 * roundings(h / heads, lengths) + n);
    Dropout dropout = dropout(drops);
    int maxSeqlen = Math.max(lengths.longest(), longest);
    return () -> kernels.attention().attentionBackward(operands, maxSeqlen, dropout);
  }
}
