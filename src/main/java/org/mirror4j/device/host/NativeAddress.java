package org.mirror4j.device.host;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** A native argument that can be pointed at any address again and again without allocating. */
final class NativeAddress extends FloatPointer {
  NativeAddress() {
    super((Pointer) null);
  }

  /** This argument, now at {@code address}. */
  NativeAddress at(long address) {
    this.address = address;
    return this;
  }
}
