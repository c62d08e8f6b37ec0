package org.mirror4j.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file whose bytes are read by position. It is not mapped into memory: a mapped file that another
 * program cuts is a fault of the machine at any later access, here it is an exception of the read.
 * May be read by several threads at once.
 */
public final class PositionedFile implements AutoCloseable {
  /** More of one read than the system copies at a time gains nothing. */
  private static final int MOST_AT_ONCE = 1 << 30;

  private final Path path;
  private final FileChannel channel;
  private final long bytes;

  private PositionedFile(Path path, FileChannel channel, long bytes) {
    this.path = path;
    this.channel = channel;
    this.bytes = bytes;
  }

  /**
   * Opens a file.
   *
   * @param kind what it should be, for the message: {@code a safetensors file}
   * @throws FileException if it is no regular file or cannot be read
   */
  public static PositionedFile open(Path path, String kind) {
    if (!Files.isRegularFile(path)) {
      throw new FileException(path + ": no such file, expected " + kind);
    }
    try {
      FileChannel channel = FileChannel.open(path);
      try {
        return new PositionedFile(path, channel, channel.size());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be read", e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Its size when it was opened. */
  public long bytes() {
    return bytes;
  }

  /**
   * Reads bytes.
   *
   * @param position of the first; the last must lie within {@link #bytes()}
   * @param to overwritten whole: native memory, or an array of bytes
   * @throws FileException if the file has become shorter or cannot be read
   */
  public void read(long position, MemorySegment to) {
    try {
      for (long done = 0; done < to.byteSize(); ) {
        long most = Math.min(MOST_AT_ONCE, to.byteSize() - done);
        ByteBuffer buffer = to.asSlice(done, most).asByteBuffer();
        int count = channel.read(buffer, position + done);
        if (count < 0) {
          throw new FileException(
              "%s: ends after %d bytes, but had %d when it was opened: changed while it was read"
                  .formatted(path, channel.size(), bytes));
        }
        done += count;
      }
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be read", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be read", e);
    }
  }
}
