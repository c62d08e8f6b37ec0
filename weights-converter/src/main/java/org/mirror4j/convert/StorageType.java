package org.mirror4j.convert;

import java.util.Optional;
import org.mirror4j.tensor.DType;

/** Element types of PyTorch's storages. */
enum StorageType {
  FLOAT("FloatStorage", 4, DType.F32),
  HALF("HalfStorage", 2, DType.F16),
  BFLOAT16("BFloat16Storage", 2, DType.BF16),
  DOUBLE("DoubleStorage", 8, DType.F64),
  LONG("LongStorage", 8, DType.I64),
  INT("IntStorage", 4, DType.I32),
  BYTE("ByteStorage", 1, null),
  BOOL("BoolStorage", 1, null);

  private final String className;
  private final int bytes;
  private final DType dtype;

  StorageType(String className, int bytes, DType dtype) {
    this.className = className;
    this.bytes = bytes;
    this.dtype = dtype;
  }

  /** The type whose class in module {@code torch} has that name. */
  static Optional<StorageType> ofClass(String className) {
    for (StorageType type : values()) {
      if (type.className.equals(className)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Size of one element. */
  int bytes() {
    return bytes;
  }

  /** The type in this project, if it has one. */
  Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }
}
