package org.mirror4j.research.cases;

import java.util.ArrayList;
import java.util.List;

/** A case of every operation whose kernels are ours: all but the matrix products. */
public final class OperationCases {
  /** Rows and columns around multiples of vectors, warps and blocks of rows, all rests by four. */
  static final List<String> MATRICES =
      List.of(
          "tokens=0,hidden=64",
          "tokens=1,hidden=1",
          "tokens=3,hidden=31",
          "tokens=33,hidden=34",
          "tokens=31,hidden=127",
          "tokens=127,hidden=32",
          "tokens=2,hidden=768",
          "tokens=5,hidden=769");

  /** Flat buffers. */
  static final String FLAT = "elements=1000000";

  static final List<String> ELEMENTS =
      List.of(
          "elements=0",
          "elements=1",
          "elements=3",
          "elements=30",
          "elements=1023",
          "elements=1025",
          "elements=16385");

  private OperationCases() {}

  /** All cases. */
  public static List<OperationCase> all() {
    List<OperationCase> cases = new ArrayList<>(AttentionCases.all());
    cases.addAll(EmbeddingCases.all());
    cases.addAll(NormCases.all());
    cases.addAll(ActivationCases.all());
    cases.addAll(RowCases.all());
    cases.addAll(LossCases.all());
    cases.addAll(MemoryCases.all());
    cases.addAll(OptimizerCases.all());
    cases.addAll(FlowCases.all());
    return cases;
  }

  /**
   * The case of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static OperationCase of(String operation) {
    return all().stream()
        .filter(one -> one.operation().equals(operation))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("no operation " + operation + ", there are " + all()));
  }
}
