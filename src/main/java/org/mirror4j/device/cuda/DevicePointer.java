package org.mirror4j.device.cuda;

import jcuda.driver.CUdeviceptr;

/** An address on the device whose number can be read and set, which JCuda's own class hides. */
final class DevicePointer extends CUdeviceptr {
  /** The null pointer, to be filled by the call that allocates. */
  DevicePointer() {}

  private DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  /** A pointer to an address. */
  static DevicePointer to(long address) {
    return new DevicePointer(address);
  }

  /** The address. */
  long address() {
    return getNativePointer() + getByteOffset();
  }
}
