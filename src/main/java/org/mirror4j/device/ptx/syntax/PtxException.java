package org.mirror4j.device.ptx.syntax;

/**
 * What is wrong with a PTX file or with a launch of it, in one line that begins with the place:
 * {@code add_forward_f32.ptx:12: unsupported 'add.f32'}.
 */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one line, place first
   */
  public PtxException(String message) {
    super(message);
  }

  /**
   * @param file name of the PTX file
   * @param line line in it, from 1
   * @param message what was found and what was expected
   */
  public PtxException(String file, int line, String message) {
    super(file + ":" + line + ": " + message);
  }
}
