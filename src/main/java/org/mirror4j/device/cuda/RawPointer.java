package org.mirror4j.device.cuda;

import jcuda.Pointer;

/** A plain address, of the device or of the host, as JCuda takes pointers. */
final class RawPointer extends Pointer {
  RawPointer(long address) {
    super(address);
  }
}
