package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.Row.WeightedSpansBackward;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/** Rows of a matrix: pooled, selected, added up and scaled, and the gradients. */
final class RowCases {
  private static final String POOLING = "tokens=1800,sequences=400,hidden=768";

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

  private static final List<String> SUMS =
      List.of(
          "tokens=0,positions=3,hidden=32",
          "tokens=1,positions=1,hidden=1",
          "tokens=33,positions=5,hidden=34",
          "tokens=127,positions=40,hidden=769");

  private static final List<String> SPANS =
      List.of(
          "tokens=3,spans=0,hidden=32,longest=1",
          "tokens=1,spans=1,hidden=1,longest=1",
          "tokens=33,spans=70,hidden=34,longest=5",
          "tokens=127,spans=33,hidden=127,longest=70",
          "tokens=40,spans=130,hidden=769,longest=10");

  private RowCases() {}

  static List<OperationCase> all() {
    return List.of(
        pool("pool cls", RowPooling.FIRST, false),
        pool("pool mean", RowPooling.MEAN, false),
        pool("poolBackward cls", RowPooling.FIRST, true),
        pool("poolBackward mean", RowPooling.MEAN, true),
        pool("pool padded mean", RowPooling.MEAN_PADDED, false),
        pool("poolBackward padded mean", RowPooling.MEAN_PADDED, true),
        selection("gatherRows", false, RowCases::gatherRows),
        selection("scatterRows", false, RowCases::scatterRows),
        selection("gatherRows, some of no row", true, RowCases::gatherRows),
        selection("scatterRows, some of no row", true, RowCases::scatterRows),
        OperationCase.of(
            "addRows", "tokens=1800,positions=512,hidden=768", SUMS, RowCases::addRows),
        pairs("multiplyRows", RowCases::multiplyRows),
        pairs("addRowProducts", RowCases::addRowProducts),
        spans("weightedSpanSum", RowCases::weightedSpanSum),
        spans("weightedSpanSumBackward", RowCases::weightedSpanSumBackward),
        OperationCase.of(
            "copyColumns", "tokens=64,hidden=768", OperationCases.MATRICES, RowCases::copyColumns),
        OperationCase.of(
            "normalizeRows",
            "tokens=400,hidden=768",
            OperationCases.MATRICES,
            RowCases::normalizeRows),
        OperationCase.of(
            "normalizeRowsBackward",
            "tokens=400,hidden=768",
            OperationCases.MATRICES,
            RowCases::normalizeRowsBackward));
  }

  private static OperationCase pool(String name, RowPooling pooling, boolean backward) {
    return OperationCase.of(
        name,
        POOLING,
        POOLINGS,
        (kernels, tensors, sizes) ->
            backward
                ? poolBackward(kernels, tensors, sizes, pooling)
                : pool(kernels, tensors, sizes, pooling));
  }

  private interface Selection {
    Runnable prepare(Kernels kernels, CaseTensors t, Sizes sizes, boolean some);
  }

  /**
   * @param some whether some of the selected rows are none
   */
  private static OperationCase selection(String name, boolean some, Selection body) {
    return OperationCase.of(
        name,
        "tokens=1800,selected=270,hidden=768",
        SELECTIONS,
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, some));
  }

  private static OperationCase spans(String name, OperationCase.Body body) {
    return OperationCase.of(name, "tokens=512,spans=1024,hidden=768,longest=10", SPANS, body);
  }

  private static OperationCase pairs(String name, OperationCase.Body body) {
    return OperationCase.of(name, "tokens=512,selected=4096,hidden=768", SELECTIONS, body);
  }

  private static SequenceLengths lengths(CaseTensors t, Sizes sizes) {
    return SequenceLengths.of(sizes.get("tokens"), sizes.get("sequences"), t.random());
  }

  private static Runnable pool(Kernels kernels, CaseTensors t, Sizes sizes, RowPooling pooling) {
    SequenceLengths lengths = lengths(t, sizes);
    Tensor pooled = t.f32("pooled", sizes.get("sequences"), sizes.get("hidden"));
    Tensor x = t.normal("x", sizes.get("tokens"), sizes.get("hidden"));
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    Tensor keyLengths = t.i32("key_lengths", lengths.keyLengths());
    t.result(pooled, lengths.longest() + 8);
    return () -> kernels.row().pool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  private static Runnable poolBackward(
      Kernels kernels, CaseTensors t, Sizes sizes, RowPooling pooling) {
    SequenceLengths lengths = lengths(t, sizes);
    Tensor dX = t.activation("d_x", sizes.get("tokens"), sizes.get("hidden"));
    Tensor dPooled = t.drawn("d_pooled", 0, 1, sizes.get("sequences"), sizes.get("hidden"));
    Tensor cuSeqlens = t.i32("cu_seqlens", lengths.starts());
    Tensor keyLengths = t.i32("key_lengths", lengths.keyLengths());
    t.result(dX, 8);
    return () -> kernels.row().poolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  /** Rows without repetition, in an order that is drawn; of some cases each third is none. */
  private static Tensor rows(CaseTensors t, int selected, int of, boolean some) {
    int[] rows = new int[of];
    Arrays.setAll(rows, i -> i);
    for (int i = 0; i < selected; i++) {
      int j = i + t.random().nextInt(of - i);
      int kept = rows[i];
      rows[i] = rows[j];
      rows[j] = kept;
    }
    for (int i = 0; some && i < selected; i += 3) {
      rows[i] = -1;
    }
    return t.i32("rows", Arrays.copyOf(rows, selected));
  }

  private static Runnable gatherRows(Kernels kernels, CaseTensors t, Sizes sizes, boolean some) {
    int n = sizes.get("tokens");
    Tensor y = t.activation("y", sizes.get("selected"), sizes.get("hidden"));
    Tensor x = t.normal("x", n, sizes.get("hidden"));
    Tensor rows = rows(t, sizes.get("selected"), n, some);
    t.result(y, 0);
    return () -> kernels.row().gatherRows(y, x, rows);
  }

  private static Runnable scatterRows(Kernels kernels, CaseTensors t, Sizes sizes, boolean some) {
    int n = sizes.get("tokens");
    Tensor dX = t.activation("d_x", n, sizes.get("hidden"));
    Tensor dY = t.normal("d_y", sizes.get("selected"), sizes.get("hidden"));
    Tensor rows = rows(t, sizes.get("selected"), n, some);
    t.result(dX, 0);
    return () -> kernels.row().scatterRows(dX, dY, rows);
  }

  /** Each row to one of the table that is drawn, or to none: those are not in the order. */
  private static Runnable addRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    int[] keys = new int[n];
    Arrays.setAll(keys, row -> t.random().nextInt(-1, sizes.get("positions")));
    Groups groups = Groups.of(keys);
    int ordered = groups.starts()[groups.keys().length];
    Tensor table = t.drawn("table", 0, 1, sizes.get("positions"), h);
    Tensor x = t.normal("x", n, h);
    RowSegments segments =
        t.segments(
            "segments",
            new Groups(Arrays.copyOf(groups.order(), ordered), groups.keys(), groups.starts()));
    t.sum(table, n);
    return () -> kernels.row().addRows(table, x, segments);
  }

  private static Runnable multiplyRows(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int pairs = sizes.get("selected");
    Tensor y = t.activation("y", pairs, sizes.get("hidden"));
    Tensor x = t.normal("x", n, sizes.get("hidden"));
    Tensor first = t.i32("first", t.random().ints(pairs, 0, n).toArray());
    Tensor second = t.i32("second", t.random().ints(pairs, 0, n).toArray());
    t.result(y, 2);
    return () -> kernels.row().multiplyRows(y, x, first, second);
  }

  /** Each product to a row of the table that is drawn, or to none: those are not in the order. */
  private static Runnable addRowProducts(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int pairs = sizes.get("selected");
    int h = sizes.get("hidden");
    Groups groups = Groups.of(t.random().ints(pairs, -1, n).toArray());
    int ordered = groups.starts()[groups.keys().length];
    Tensor table = t.drawn("table", 0, 1, n, h);
    Tensor x = t.normal("x", pairs, h);
    Tensor factors = t.normal("factors", n, h);
    Tensor partners = t.i32("partners", t.random().ints(pairs, 0, n).toArray());
    RowSegments segments =
        t.segments(
            "segments",
            new Groups(Arrays.copyOf(groups.order(), ordered), groups.keys(), groups.starts()));
    t.sum(table, 2 * pairs + 2);
    return () -> kernels.row().addRowProducts(table, x, factors, partners, segments);
  }

  /** Spans that are drawn, one in sixteen of them empty, with what the forward pass reads. */
  private static WeightedSpans weightedSpans(
      CaseTensors t, Sizes sizes, Tensor y, Tensor logSumExp) {
    int n = sizes.get("tokens");
    int longest = sizes.get("longest");
    int[] from = new int[sizes.get("spans")];
    Arrays.setAll(from, span -> t.random().nextInt(n));
    Arrays.sort(from);
    int[] to = new int[from.length];
    Arrays.setAll(
        to,
        span ->
            span % 16 == 7
                ? from[span]
                : Math.min(n, from[span] + 1 + t.random().nextInt(longest)));
    return new WeightedSpans(
        y,
        logSumExp,
        t.normal("x", n, sizes.get("hidden")),
        t.normal("scores", n, 1),
        t.i32("from", from),
        t.i32("to", to),
        longest);
  }

  private static Runnable weightedSpanSum(Kernels kernels, CaseTensors t, Sizes sizes) {
    int spans = sizes.get("spans");
    WeightedSpans operands =
        weightedSpans(
            t, sizes, t.activation("y", spans, sizes.get("hidden")), t.f32("log_sum_exp", spans));
    t.result(operands.y(), sizes.get("longest") + 64);
    t.sum(operands.logSumExp(), sizes.get("longest") + 64);
    return () -> kernels.row().weightedSpanSum(operands);
  }

  private static Runnable weightedSpanSumBackward(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int spans = sizes.get("spans");
    int h = sizes.get("hidden");
    // Some logarithm of some sum: whether it is that of the scores is nothing to the gradient.
    WeightedSpansBackward operands =
        new WeightedSpansBackward(
            weightedSpans(t, sizes, t.normal("y", spans, h), t.drawn("log_sum_exp", 2, 0.5, spans)),
            t.drawn("dx", 0, 1, n, h),
            t.activation("dscores", n, 1),
            t.normal("dy", spans, h));
    t.sum(operands.dX(), spans + 64);
    t.sum(operands.dScores(), h * (spans + 64));
    return () -> kernels.row().weightedSpanSumBackward(operands);
  }

  /** The left half, as that of vectors whose split is put together again. */
  private static Runnable copyColumns(Kernels kernels, CaseTensors t, Sizes sizes) {
    int n = sizes.get("tokens");
    int h = sizes.get("hidden");
    Tensor y = t.normal("y", n, h);
    Tensor x = t.normal("x", n, h);
    t.result(y, 0);
    return () -> kernels.row().copyColumns(y, h - h / 2, x, 0, h / 2);
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
}
