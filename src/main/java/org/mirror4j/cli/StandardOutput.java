package org.mirror4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.mirror4j.file.FileException;

/**
 * An output whose failures end what writes to it, through the print writers and print streams that
 * pass over those of other streams: results that nobody gets are no success.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream out;
  private boolean failed;

  /** The standard output of this process. */
  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  /** In front of another stream. */
  StandardOutput(OutputStream out) {
    this.out = out;
  }

  /** Whether something could not be written. */
  boolean failed() {
    return failed;
  }

  @Override
  public void write(int value) {
    write(new byte[] {(byte) value}, 0, 1);
  }

  /**
   * Writes bytes; after a failure nothing more, so that what is left in the buffers of others does
   * not fail again.
   *
   * @throws FileException if they cannot be written, the first time
   */
  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (failed) {
      return;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failed = true;
      throw FileException.of("standard output cannot be written", e);
    }
  }
}
