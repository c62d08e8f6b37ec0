package org.mirror4j.research;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.mirror4j.file.NpyArray;
import org.mirror4j.tensor.DType;

/**
 * How far a buffer is from what was expected of it. An element agrees if it is not farther from its
 * expected value than the tolerance times the largest expected value; NaN agrees with NaN, an
 * infinity with itself. Whole numbers agree where they are equal.
 *
 * @param name of the buffer
 * @param elements of it
 * @param differing elements that do not agree
 * @param allowed distance from an expected value
 * @param absolute the element that is farthest from its expected value; null where there is none
 * @param relative the same with the distance as a part of the expected value, of those that are
 *     finite and not 0
 */
public record Agreement(
    String name,
    long elements,
    long differing,
    double allowed,
    Element absolute,
    Element relative) {
  /** A sum of some hundred terms in any order. */
  private static final double ROUNDINGS = 64;

  /** Of a result that is stored, and of what it is made from: as everywhere in checks. */
  private static final double STORED_ROUNDINGS = 8;

  /**
   * An element.
   *
   * @param index along each dimension
   * @param distance infinite where one value alone is NaN or infinite
   */
  public record Element(List<Long> index, double found, double expected, double distance) {}

  /** Whether all elements agree. */
  public boolean holds() {
    return differing == 0;
  }

  /** The tolerance where none is given: a few roundings of the type. */
  static double tolerance(DType dtype) {
    return switch (dtype) {
      case F16 -> STORED_ROUNDINGS * 0x1p-11;
      case BF16 -> STORED_ROUNDINGS * 0x1p-8;
      case F64 -> ROUNDINGS * 0x1p-53;
      default -> ROUNDINGS * 0x1p-24;
    };
  }

  /**
   * Compares two arrays of the same shape.
   *
   * @param dtype of the buffer
   * @param tolerance empty for that of the type
   */
  static Agreement of(
      String name, DType dtype, NpyArray found, NpyArray expected, OptionalDouble tolerance) {
    double largest = 0;
    for (int i = 0; i < expected.elements(); i++) {
      double magnitude = Math.abs(value(expected, expected.type(), i));
      largest = Double.isFinite(magnitude) ? Math.max(largest, magnitude) : largest;
    }
    // What is below the normal numbers may be taken as 0.
    double allowed =
        dtype == DType.I32 ? 0 : tolerance.orElse(tolerance(dtype)) * largest + Float.MIN_NORMAL;
    // Words are unsigned where the expected ones are.
    String type = expected.type().equals("<u4") ? "<u4" : found.type();
    long differing = 0;
    Element absolute = null;
    Element relative = null;
    for (int i = 0; i < found.elements(); i++) {
      double got = value(found, type, i);
      double wanted = value(expected, expected.type(), i);
      double distance = distance(got, wanted);
      differing += distance <= allowed ? 0 : 1;
      if (absolute == null || distance > absolute.distance) {
        absolute = new Element(index(i, found.shape()), got, wanted, distance);
      }
      double part = distance / Math.abs(wanted);
      boolean hasPart = wanted != 0 && Double.isFinite(wanted);
      if (hasPart && (relative == null || part > relative.distance)) {
        relative = new Element(index(i, found.shape()), got, wanted, part);
      }
    }
    return new Agreement(name, found.elements(), differing, allowed, absolute, relative);
  }

  private static double distance(double found, double expected) {
    if (Double.compare(found, expected) == 0 || found == expected) {
      return 0;
    }
    double distance = Math.abs(found - expected);
    return Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
  }

  private static double value(NpyArray array, String type, int index) {
    ByteBuffer values = array.values();
    int at = index * array.elementBytes();
    return switch (type) {
      case "<f4" -> values.getFloat(at);
      case "<f8" -> values.getDouble(at);
      case "<f2" -> Float.float16ToFloat(values.getShort(at));
      // NumPy has no bf16: the upper halves of f32.
      case "<u2" -> Float.intBitsToFloat(values.getShort(at) << Short.SIZE);
      case "<i4" -> values.getInt(at);
      case "<u4" -> Integer.toUnsignedLong(values.getInt(at));
      case "<i8" -> values.getLong(at);
      default -> throw new IllegalArgumentException("values of type " + type);
    };
  }

  private static List<Long> index(long element, List<Long> shape) {
    List<Long> index = new ArrayList<>();
    long rest = element;
    for (long size : shape.reversed()) {
      index.addFirst(rest % size);
      rest /= size;
    }
    return index;
  }
}
