package org.mirror4j.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Digest of a file's content that is made on all cores, so that it takes no longer than reading:
 *
 * <pre>  SHA-256( SHA-256(piece 0) SHA-256(piece 1) ... ), pieces of 8 MiB  </pre>
 *
 * A change of any byte, or of the length, changes it.
 */
public final class FileHash {
  private static final int PIECE = 8 << 20;
  private static final int BUFFER = 1 << 18;
  private static final int SAMPLES = 64;
  private static final int SAMPLE = 1 << 20;

  private FileHash() {}

  /**
   * The digest, lower-case hexadecimal.
   *
   * @throws FileException if the file is absent, cannot be read or becomes shorter meanwhile
   */
  public static String of(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      long bytes = channel.size();
      List<byte[]> pieces =
          LongStream.range(0, Math.ceilDiv(bytes, (long) PIECE))
              .parallel()
              .mapToObj(i -> piece(file, channel, i * PIECE, Math.min(PIECE, bytes - i * PIECE)))
              .toList();
      MessageDigest whole = sha256();
      pieces.forEach(whole::update);
      return hex(whole);
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /**
   * A digest of files one after the other, each read whole: {@code SHA-256( SHA-256(file 0)
   * SHA-256(file 1) ... )}. A change of any byte changes it.
   *
   * @throws FileException as {@link #of} does
   */
  public static String whole(List<Path> files) {
    MessageDigest digest = sha256();
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file)) {
        digest.update(piece(file, channel, 0, channel.size()));
      } catch (IOException e) {
        throw FileException.of(file + ": cannot be read", e);
      }
    }
    return hex(digest);
  }

  /**
   * The same for corpora of which large ones are not read whole: of a file of more than 64 MiB it
   * covers the length and {@value #SAMPLES} pieces, evenly spread from its start to its end. A
   * change of the length changes it, one of a few bytes in the middle of a large file may not.
   *
   * @throws FileException as {@link #of} does
   */
  public static String sampled(List<Path> files) {
    MessageDigest digest = sha256();
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file)) {
        long bytes = channel.size();
        if (bytes <= (long) SAMPLES * SAMPLE) {
          digest.update(piece(file, channel, 0, bytes));
        } else {
          digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, bytes));
          for (int i = 0; i < SAMPLES; i++) {
            long from = (long) ((bytes - SAMPLE) * (i / (SAMPLES - 1.0)));
            digest.update(piece(file, channel, from, SAMPLE));
          }
        }
      } catch (IOException e) {
        throw FileException.of(file + ": cannot be read", e);
      }
    }
    return hex(digest);
  }

  private static byte[] piece(Path file, FileChannel channel, long from, long bytes) {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(bytes, BUFFER));
    try {
      for (long done = 0; done < bytes; done += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - done));
        int read = channel.read(buffer, from + done);
        if (read < 0) {
          throw new FileException(file + ": has become shorter while it was read");
        }
        digest.update(buffer.flip());
        buffer.flip();
      }
      return digest.digest();
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /** A new SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The digest, lower-case hexadecimal. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
