package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/**
 * Rows of a matrix: pooled, selected, added up, weighted and scaled, and the gradients. See {@link
 * Kernels}.
 */
public abstract class Row {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Row(OperandCheck check) {
    this.check = check;
  }

  /**
   * One vector a sequence. Rows after the last sequence are in none and are not read.
   *
   * @param pooled f32[sequences, hidden]
   * @param x [tokens, hidden]
   */
  public final void pool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    sequences("pool", x, cuSeqlens, keyLengths, pooling);
    check
        .output("pooled", pooled, keyLengths.rows(), x.columns(), "[sequences, hidden]")
        .operand("x", x, false);
    computePool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  /** What the device does for {@link #pool}; the operands fit. */
  protected abstract void computePool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling);

  /**
   * Gradient of {@link #pool}.
   *
   * @param dX [tokens, hidden], zero in rows that the pooling does not read, rows after the last
   *     sequence included
   */
  public final void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    sequences("poolBackward", dX, cuSeqlens, keyLengths, pooling);
    check
        .matrix("dPooled", dPooled, "[sequences, hidden]")
        .storedOutput("dX", dX, dX.rows(), dPooled.columns(), "[tokens, hidden]")
        .input("dPooled", dPooled, keyLengths.rows(), dPooled.columns(), "[sequences, hidden]");
    computePoolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  /** What the device does for {@link #poolBackward}; the operands fit. */
  protected abstract void computePoolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling);

  /**
   * {@code y[r] = x[rows[r]]}, and 0 where {@code rows[r]} is -1.
   *
   * @param y [selected, columns]
   * @param x [n, columns]
   * @param rows i32[selected], in [0, n), or -1 for no row
   */
  public final void gatherRows(Tensor y, Tensor x, Tensor rows) {
    check
        .of("gatherRows")
        .storedMatrix("x", x, "[n, columns]")
        .storedOutput("y", y, rows.rows(), x.columns(), "[selected, columns]")
        .operand("x", x, false)
        .indices("rows", rows, rows.rows(), "[selected]");
    computeGatherRows(y, x, rows);
  }

  /** What the device does for {@link #gatherRows}; the operands fit. */
  protected abstract void computeGatherRows(Tensor y, Tensor x, Tensor rows);

  /**
   * Gradient of {@link #gatherRows}: {@code dX = 0, dX[rows[r]] = dY[r]} where {@code rows[r]} is a
   * row. Rows that were gathered several times take {@link #addRows}.
   *
   * @param rows i32[selected], in [0, n) without repetition, or -1 for no row
   */
  public final void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    check
        .of("scatterRows")
        .storedMatrix("dX", dX, "[n, columns]")
        .operand("dX", dX, true)
        .storedInput("dY", dY, rows.rows(), dX.columns(), "[selected, columns]")
        .indices("rows", rows, rows.rows(), "[selected]");
    computeScatterRows(dX, dY, rows);
  }

  /** What the device does for {@link #scatterRows}; the operands fit. */
  protected abstract void computeScatterRows(Tensor dX, Tensor dY, Tensor rows);

  /**
   * Adds rows to those of a table by groups, the rows of a group one after another:
   *
   * <pre>  table[keys[g]] += sum of x[order[i]] over starts[g] &lt;= i &lt; starts[g + 1]  </pre>
   *
   * @param table f32[n, columns], added to; rows without a group, or with an empty one, stay
   * @param x [rows, columns]
   * @param segments of the rows of x, with keys in [0, n)
   */
  public final void addRows(Tensor table, Tensor x, RowSegments segments) {
    check
        .of("addRows")
        .storedMatrix("x", x, "[rows, columns]")
        .matrix("table", table, "[n, columns]")
        .output("table", table, table.rows(), x.columns(), "[n, columns]")
        .operand("x", x, false)
        .segments("segments", segments, x.rows());
    computeAddRows(table, x, segments);
  }

  /** What the device does for {@link #addRows}; the operands fit. */
  protected abstract void computeAddRows(Tensor table, Tensor x, RowSegments segments);

  /**
   * {@code y[r, c] = x[first[r], c] x[second[r], c]}: what two rows have in common, as the pairs of
   * spans of coreference (Lee et al. 2017, section 3.1).
   *
   * @param y [pairs, columns]
   * @param x [n, columns]
   * @param first i32[pairs], in [0, n), as often as one likes
   * @param second i32[pairs], likewise
   */
  public final void multiplyRows(Tensor y, Tensor x, Tensor first, Tensor second) {
    int pairs = first.rows();
    check
        .of("multiplyRows")
        .storedMatrix("x", x, "[n, columns]")
        .storedOutput("y", y, pairs, x.columns(), "[pairs, columns]")
        .operand("x", x, false)
        .indices("first", first, pairs, "[pairs]")
        .indices("second", second, pairs, "[pairs]");
    computeMultiplyRows(y, x, first, second);
  }

  /** What the device does for {@link #multiplyRows}; the operands fit. */
  protected abstract void computeMultiplyRows(Tensor y, Tensor x, Tensor first, Tensor second);

  /**
   * Adds products of rows to those of a table by groups, the rows of a group one after another:
   *
   * <pre>
   *   table[keys[g]] += sum of x[i] factors[partners[i]], by elements,
   *     over i = order[j], starts[g] &lt;= j &lt; starts[g + 1]
   * </pre>
   *
   * <p>The gradient of {@link #multiplyRows} is two of these: x is dY both times and factors are
   * the rows that were multiplied; the groups are those of first with the partners second, then
   * those of second with the partners first.
   *
   * @param table f32[n, columns], added to; rows without a group, or with an empty one, stay
   * @param x [rows, columns]
   * @param factors [m, columns]
   * @param partners i32[rows], in [0, m)
   * @param segments of the rows of x, with keys in [0, n)
   */
  public final void addRowProducts(
      Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
    check
        .of("addRowProducts")
        .storedMatrix("x", x, "[rows, columns]")
        .storedMatrix("factors", factors, "[m, columns]")
        .matrix("table", table, "[n, columns]")
        .output("table", table, table.rows(), x.columns(), "[n, columns]")
        .operand("x", x, false)
        .storedInput("factors", factors, factors.rows(), x.columns(), "[m, columns]")
        .indices("partners", partners, x.rows(), "[rows]")
        .segments("segments", segments, x.rows());
    computeAddRowProducts(table, x, factors, partners, segments);
  }

  /** What the device does for {@link #addRowProducts}; the operands fit. */
  protected abstract void computeAddRowProducts(
      Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments);

  /**
   * Operands of {@link #weightedSpanSum}.
   *
   * @param y [spans, columns]
   * @param logSumExp [spans], saved
   * @param x [tokens, columns]
   * @param scores [tokens, 1], with or without a bias, which cancels
   * @param from i32[spans], the first token of each, ascending
   * @param to i32[spans], the token after the last one of each, at most tokens; {@code from} for an
   *     empty span, as padding is
   * @param longest most tokens of a span
   */
  public record WeightedSpans(
      Tensor y, Tensor logSumExp, Tensor x, Tensor scores, Tensor from, Tensor to, int longest) {}

  /**
   * Operands of {@link #weightedSpanSumBackward}.
   *
   * @param forward those of the forward pass
   * @param dX f32[tokens, columns], added to
   * @param dScores [tokens, 1]
   * @param dY [spans, columns]
   */
  public record WeightedSpansBackward(
      WeightedSpans forward, Tensor dX, Tensor dScores, Tensor dY) {}

  /**
   * One vector a span, spans overlapping as they like: the sum of its rows, weighted by attention
   * to its tokens alone (Lee et al. 2017, section 3.1, the head of a span).
   *
   * <pre>
   *   logSumExp[s] = log sum of exp(scores[i]),   y[s] = sum of exp(scores[i] - logSumExp[s]) x[i]
   * </pre>
   *
   * both over {@code from[s] <= i < to[s]}. Of an empty span both are 0. Rows of no span are not
   * read.
   */
  public final void weightedSpanSum(WeightedSpans operands) {
    check.of("weightedSpanSum");
    spans(operands, true);
    computeWeightedSpanSum(operands);
  }

  /** What the device does for {@link #weightedSpanSum}; the operands fit. */
  protected abstract void computeWeightedSpanSum(WeightedSpans operands);

  /**
   * Gradient of {@link #weightedSpanSum}. With p[s, i] for the weights, sums over the spans that
   * have token i, in their order:
   *
   * <pre>
   *   g[i] = sum p[s, i] dY[s],   dX[i] += g[i]
   *   dScores[i] = x[i] . g[i] - sum p[s, i] (dY[s] . y[s])
   * </pre>
   *
   * Of a token in no span dX stays and dScores is 0.
   */
  public final void weightedSpanSumBackward(WeightedSpansBackward operands) {
    check.of("weightedSpanSumBackward");
    WeightedSpans forward = operands.forward;
    spans(forward, false);
    int tokens = forward.x.rows();
    int columns = forward.x.columns();
    check
        .output("dX", operands.dX, tokens, columns, "[tokens, columns]")
        .storedOutput("dScores", operands.dScores, tokens, 1, "[tokens, 1]")
        .storedInput("dY", operands.dY, forward.y.rows(), columns, "[spans, columns]");
    computeWeightedSpanSumBackward(operands);
  }

  /** What the device does for {@link #weightedSpanSumBackward}; the operands fit. */
  protected abstract void computeWeightedSpanSumBackward(WeightedSpansBackward operands);

  private void spans(WeightedSpans operands, boolean forward) {
    int spans = operands.from.rows();
    int tokens = operands.x.rows();
    int columns = operands.x.columns();
    check
        .storedMatrix("x", operands.x, "[tokens, columns]")
        .operand("x", operands.x, false)
        .storedInput("scores", operands.scores, tokens, 1, "[tokens, 1]")
        .indices("from", operands.from, spans, "[spans]")
        .indices("to", operands.to, spans, "[spans]")
        .require(operands.longest >= 0, "longest", operands.longest, "at least 0");
    if (forward) {
      check
          .storedOutput("y", operands.y, spans, columns, "[spans, columns]")
          .output("logSumExp", operands.logSumExp, spans, "[spans]");
    } else {
      check
          .storedInput("y", operands.y, spans, columns, "[spans, columns]")
          .input("logSumExp", operands.logSumExp, spans, "[spans]");
    }
  }

  /**
   * {@code y[r, to + c] = x[r, from + c], 0 <= c < columns}; the other columns of y stay.
   *
   * @param y [rows, at least to + columns]
   * @param x [rows, at least from + columns]
   */
  public final void copyColumns(Tensor y, int to, Tensor x, int from, int columns) {
    check
        .of("copyColumns")
        .storedMatrix("x", x, "[rows, columns]")
        .storedMatrix("y", y, "[rows, columns]")
        .require(y.rows() == x.rows(), "rows of y", y.rows(), "those of x")
        .require(columns >= 0, "columns", columns, "at least 0")
        .require(to >= 0 && columns <= y.columns() - to, "to", to, "columns that y has, from 0 on")
        .require(
            from >= 0 && columns <= x.columns() - from, "from", from, "columns that x has, from 0")
        .operand("y", y, true)
        .operand("x", x, false);
    computeCopyColumns(y, to, x, from, columns);
  }

  /** What the device does for {@link #copyColumns}; the operands fit. */
  protected abstract void computeCopyColumns(Tensor y, int to, Tensor x, int from, int columns);

  /**
   * {@code u = h / max(||h||_2, 1e-12)} by rows.
   *
   * @param norm [rows], the clamped norms, saved
   */
  public final void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    check
        .of("normalizeRows")
        .matrix("h", h, "[rows, columns]")
        .output("u", u, h.rows(), h.columns(), "[rows, columns]")
        .output("norm", norm, h.rows(), "[rows]")
        .operand("h", h, false);
    computeNormalizeRows(u, norm, h);
  }

  /** What the device does for {@link #normalizeRows}; the operands fit. */
  protected abstract void computeNormalizeRows(Tensor u, Tensor norm, Tensor h);

  /**
   * {@code dH = (dU - u (u . dU)) / norm} by rows; {@code dU / norm} where the norm was clamped.
   */
  public final void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    check
        .of("normalizeRowsBackward")
        .matrix("u", u, "[rows, columns]")
        .output("dH", dH, u.rows(), u.columns(), "[rows, columns]")
        .input("dU", dU, u.rows(), u.columns(), "[rows, columns]")
        .operand("u", u, false)
        .input("norm", norm, u.rows(), "[rows]");
    computeNormalizeRowsBackward(dH, dU, u, norm);
  }

  /** What the device does for {@link #normalizeRowsBackward}; the operands fit. */
  protected abstract void computeNormalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm);

  private void sequences(
      String operation, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    int sequences = keyLengths.rows();
    check
        .of(operation)
        .storedMatrix(operation.equals("pool") ? "x" : "dX", x, "[tokens, hidden]")
        .indices("cuSeqlens", cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, sequences, "[sequences]")
        .present("pooling", pooling);
  }
}
