package org.mirror4j.device.launch.source;

import java.util.List;
import org.mirror4j.tensor.DType;

/**
 * The PTX of a product of tensor cores, 16 x 8 x 16, with sums in f32. Turing has it of f16 alone,
 * and half as deep: there the first two words of the left side and the first of the right hold
 * columns and rows 0 to 7, the others 8 to 15, so that two such products are the one.
 */
final class TensorProduct {
  private TensorProduct() {}

  /**
   * Sums += left right.
   *
   * @param sums four f32 registers
   * @param left four words of two halves
   * @param right two words of two halves
   */
  static String ptx(DType storage, List<String> sums, List<String> left, List<String> right) {
    return switch (storage) {
      case F16 ->
          mma("m16n8k8", storage, sums, left.subList(0, 2), right.subList(0, 1))
              + " "
              + mma("m16n8k8", storage, sums, left.subList(2, 4), right.subList(1, 2));
      case BF16 -> mma("m16n8k16", storage, sums, left, right);
      default -> throw new IllegalArgumentException(storage + " is not of half precision");
    };
  }

  private static String mma(
      String shape, DType storage, List<String> sums, List<String> left, List<String> right) {
    String type = storage.label();
    return "mma.sync.aligned.%s.row.col.f32.%s.%s.f32 %s, %s, %s, %s;"
        .formatted(shape, type, type, vector(sums), vector(left), vector(right), vector(sums));
  }

  private static String vector(List<String> registers) {
    return "{" + String.join(",", registers) + "}";
  }
}
