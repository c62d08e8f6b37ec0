package org.mirror4j.device.cuda;

/** Turns what calls of the driver return into exceptions. */
final class DriverCheck {
  private DriverCheck() {}

  /**
   * Requires success.
   *
   * @param code what the call returned
   * @param call name of the function
   * @throws CudaException if it is not 0
   */
  static void require(int code, String call) {
    require(code, call, "");
  }

  /**
   * Requires success.
   *
   * @param about what the call was for
   * @throws CudaException if {@code code} is not 0
   */
  static void require(int code, String call, String about) {
    if (code != 0) {
      throw CudaException.ofDriver(call, about, code);
    }
  }
}
