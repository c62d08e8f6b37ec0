package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;

/**
 * A call of the driver or of a library on top of it failed; the message names the call, its object
 * and the code.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  private CudaException(String message, int code) {
    super(message);
    this.code = code;
  }

  /**
   * A failure of the driver.
   *
   * @param call name of the function
   * @param about what it was called for, empty if the name says it
   */
  static CudaException ofDriver(String call, String about, int code) {
    String[] name = {null};
    String[] text = {null};
    cuGetErrorName(code, name);
    cuGetErrorString(code, text);
    String reason =
        name[0] == null ? "error " + code : "%s (%d), %s".formatted(name[0], code, text[0]);
    return new CudaException(message(call, about, reason), code);
  }

  /**
   * A failure of a library on top of the driver, as cuBLAS.
   *
   * @param about what it was called for, empty if the call says it
   * @param name the library's name for the code
   */
  public static CudaException ofLibrary(String call, String about, String name, int code) {
    return new CudaException(message(call, about, "%s (%d)".formatted(name, code)), code);
  }

  /** The same, with what happened before it; empty changes nothing. */
  CudaException after(String before) {
    return before.isEmpty() ? this : new CudaException(getMessage() + "; " + before, code);
  }

  private static String message(String call, String about, String reason) {
    return call + (about.isEmpty() ? "" : " for " + about) + ": " + reason;
  }

  /** What the call returned. */
  public int code() {
    return code;
  }
}
