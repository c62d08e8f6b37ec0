package org.mirror4j.research.cases;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mirror4j.tensor.DType;

/**
 * One result of a case.
 *
 * @param name of the tensor
 * @param roundings units of roundoff of the largest result that it may be off by on either device
 * @param magnitude the least that counts as the largest result
 */
public record CaseResult(String name, float[] values, double roundings, double magnitude) {
  /** Unit roundoff of f32. */
  private static final double F32 = 0x1p-24;

  /**
   * Intermediate results that are stored (qkv with its bias, z before LayerNorm, probabilities) and
   * the result itself, each off by one unit of the storage type, and their effect on one another.
   */
  private static final int STORED_ROUNDINGS = 8;

  private static double roundoff(DType storage) {
    return switch (storage) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0;
    };
  }

  /**
   * Where this is not what the processor computed, if anywhere.
   *
   * @param reference in f32, from the same inputs
   */
  public Optional<String> difference(CaseResult reference, DType storage) {
    double largest = magnitude;
    for (float value : reference.values) {
      // An infinity as the largest would allow everything.
      largest = Float.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    // Both devices round, so twice.
    double bound =
        largest * (2 * roundings * F32 + STORED_ROUNDINGS * roundoff(storage)) + Float.MIN_NORMAL;
    for (int i = 0; i < values.length; i++) {
      double error = Math.abs((double) values[i] - reference.values[i]);
      if (!(error <= bound)) {
        return Optional.of(
            "%s[%d] is %s, expected %s: off by %.3g, allowed %.3g"
                .formatted(name, i, values[i], reference.values[i], error, bound));
      }
    }
    return Optional.empty();
  }

  /** The first {@link #difference} of any of a case's results. */
  public static Optional<String> difference(
      List<CaseResult> results, List<CaseResult> reference, DType storage) {
    for (int i = 0; i < results.size(); i++) {
      Optional<String> difference = results.get(i).difference(reference.get(i), storage);
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  /** Where this is not bit for bit another run's, if anywhere; NaNs are all alike. */
  public Optional<String> inequality(CaseResult first) {
    int i = Arrays.mismatch(values, first.values);
    return i < 0
        ? Optional.empty()
        : Optional.of(
            "%s[%d] is %s, with the first order it was %s"
                .formatted(name, i, values[i], first.values[i]));
  }
}
