package org.mirror4j.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.mirror4j.file.FileException;
import org.mirror4j.file.TemporaryDirectory;

/**
 * Byte strings that are written once and read back by number, in memory that does not grow with
 * them. They lie in temporary files that lose their names as soon as they are open, so that nothing
 * is left however the program ends: the strings end to end in one, in the other where each begins.
 *
 * <p>Strings may be read by several threads once all are written.
 */
public final class Spool implements AutoCloseable {
  private static final int BUFFERED_BYTES = 1 << 16;

  private final Appended strings;
  private final Appended starts;
  private final ByteBuffer start = ByteBuffer.allocate(Long.BYTES);
  private int size;

  /**
   * An empty spool.
   *
   * @throws FileException if there is no temporary folder to write to
   */
  public Spool() {
    strings = new Appended();
    try {
      starts = new Appended();
    } catch (RuntimeException e) {
      strings.close();
      throw e;
    }
    appendStart();
  }

  /**
   * Appends a string.
   *
   * @throws FileException if it cannot be written
   */
  public void append(byte[] bytes) {
    strings.append(ByteBuffer.wrap(bytes));
    appendStart();
    size = Math.incrementExact(size);
  }

  private void appendStart() {
    starts.append(start.putLong(0, strings.bytes()).rewind());
  }

  /** Number of strings. */
  public int size() {
    return size;
  }

  /**
   * The {@code index}-th string.
   *
   * @throws FileException if it cannot be read
   */
  public byte[] get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("string %d of %d".formatted(index, size));
    }
    ByteBuffer range = starts.read((long) index * Long.BYTES, 2 * Long.BYTES);
    long from = range.getLong();
    return strings.read(from, Math.toIntExact(range.getLong() - from)).array();
  }

  @Override
  public void close() {
    strings.close();
    starts.close();
  }

  /** A file without a name, written at its end and read anywhere. */
  static final class Appended implements AutoCloseable {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFERED_BYTES);
    private long written;

    Appended() {
      // Of a program that is killed before the name is gone, the next one takes it away.
      try (TemporaryDirectory directory = TemporaryDirectory.create()) {
        channel =
            FileChannel.open(
                directory.path().resolve("spool"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw TemporaryDirectory.failure(e);
      }
    }

    /** Bytes appended so far. */
    long bytes() {
      return written + buffer.position();
    }

    void append(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        if (!buffer.hasRemaining()) {
          flush();
        }
        int count = Math.min(bytes.remaining(), buffer.remaining());
        buffer.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
      }
    }

    /** By the first of several threads that read what is written. */
    private synchronized void flush() {
      try {
        buffer.flip();
        while (buffer.hasRemaining()) {
          written += channel.write(buffer, written);
        }
        buffer.clear();
      } catch (IOException e) {
        throw TemporaryDirectory.failure(e);
      }
    }

    /** The bytes of a range, from position 0 of an array of that size. */
    ByteBuffer read(long from, int count) {
      flush();
      ByteBuffer bytes = ByteBuffer.allocate(count);
      try {
        while (bytes.hasRemaining()) {
          if (channel.read(bytes, from + bytes.position()) < 0) {
            throw new IOException("%d bytes are gone".formatted(bytes.remaining()));
          }
        }
      } catch (IOException e) {
        throw TemporaryDirectory.failure(e);
      }
      return bytes.flip();
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw TemporaryDirectory.failure(e);
      }
    }
  }
}
