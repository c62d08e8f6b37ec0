package org.mirror4j.device;

import java.util.Locale;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.tensor.DType;

/**
 * What a model is computed in: the type of its activations and of its weights in matrix products,
 * and what these multiply. Sums, parameters, gradients of parameters and moments are f32 in each.
 */
public enum Precision {
  /** 32 bits, on every device. */
  F32(DType.F32, DType.F32, Factors.AS_STORED),
  /** Kept in 32 bits and multiplied in TF32. */
  TF32(DType.F32, DType.F32, Factors.TF32),
  /** 16 bits of IEEE 754. */
  F16(DType.F16, DType.F16, Factors.AS_STORED),
  /** 16 bits of bfloat16. */
  BF16(DType.BF16, DType.BF16, Factors.AS_STORED),
  /**
   * Weights of the layers packed in 8 bits, and what they are multiplied with rounded to 8 bits
   * when it comes; all else in 32 bits. Models only go forward in it.
   */
  INT8(DType.F32, DType.INT8, Factors.AS_STORED);

  private final DType storage;
  private final DType packing;
  private final Factors factors;

  Precision(DType storage, DType packing, Factors factors) {
    this.storage = storage;
    this.packing = packing;
    this.factors = factors;
  }

  /** Type of activations, and of weights that are not packed. */
  public DType storage() {
    return storage;
  }

  /** Type of weights that a device packs, see {@link Device#packed}. */
  public DType packing() {
    return packing;
  }

  /** What matrix products multiply. */
  public Factors factors() {
    return factors;
  }

  /** Whether nothing is computed in it but with weights that are packed. */
  boolean needsPacking() {
    return packing != storage;
  }

  /** The name in options, files and messages: {@code tf32}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
