package org.mirror4j.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Sizes of the dimensions of a tensor, slowest first. Immutable. */
public final class Shape {
  private final int[] dimensions;

  private Shape(int[] dimensions) {
    this.dimensions = dimensions;
  }

  /**
   * A shape of the given sizes.
   *
   * @throws IllegalArgumentException if a size is negative
   */
  public static Shape of(int... dimensions) {
    for (int size : dimensions) {
      if (size < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(dimensions));
      }
    }
    return new Shape(dimensions.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dimensions.length;
  }

  /** Size of one dimension. */
  public int dimension(int index) {
    return dimensions[index];
  }

  /** Number of elements: the product of all sizes, 1 for rank 0. */
  public long size() {
    long size = 1;
    for (int dimension : dimensions) {
      size = Math.multiplyExact(size, (long) dimension);
    }
    return size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  /** Sizes in brackets, as in {@code [768,3072]}. */
  @Override
  public String toString() {
    return Arrays.stream(dimensions)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
