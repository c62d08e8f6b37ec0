package org.mirror4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Bits, bytes, chunks, lengths and words of a format, of files of any kind. */
final class ByteMutator implements Mutator {
  /** For formats of no words. */
  static final ByteMutator PLAIN = new ByteMutator(List.of());

  private static final int LARGEST = 1 << 16;

  private static final long[] BOUNDARIES = {
    0,
    1,
    -1,
    2,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    (1L << 32) - 1,
    1L << 32,
    1L << 53,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final List<byte[]> words;

  /**
   * Also puts words of a format where they do not belong.
   *
   * @param words opcodes, signatures
   */
  ByteMutator(List<byte[]> words) {
    this.words = words;
  }

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    int at = random.nextInt(content.length + 1);
    int length = length(content.length - at, random);
    return switch (random.nextInt(words.isEmpty() ? 9 : 11)) {
      case 0 -> flip(content, random);
      case 1 -> overwrite(content, at, new byte[] {(byte) random.nextInt(256)});
      case 2 -> splice(content, at, at + length, new byte[0]);
      case 3 -> splice(content, at, at, Arrays.copyOfRange(content, at, at + length));
      case 4 -> Arrays.copyOf(content, at);
      case 5 -> {
        int from = random.nextInt(other.length + 1);
        int count = length(other.length - from, random);
        yield splice(content, at, at + length, Arrays.copyOfRange(other, from, from + count));
      }
      case 6 -> overwrite(content, at, boundary(random));
      case 7 -> splice(content, at, at, boundary(random));
      case 8 -> splice(content, at, at, varint(BOUNDARIES[random.nextInt(BOUNDARIES.length)]));
      case 9 -> splice(content, at, at, words.get(random.nextInt(words.size())));
      default -> overwrite(content, at, words.get(random.nextInt(words.size())));
    };
  }

  /** Most often a few bytes, at times all that is left. */
  private static int length(int left, SplittableRandom random) {
    int most = random.nextInt(4) == 0 ? left : Math.min(left, 16);
    return most == 0 ? 0 : 1 + random.nextInt(most);
  }

  private static byte[] flip(byte[] content, SplittableRandom random) {
    byte[] changed = content.clone();
    if (changed.length > 0) {
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  private static byte[] overwrite(byte[] content, int at, byte[] by) {
    return splice(content, at, Math.min(content.length, at + by.length), by);
  }

  /** Replaces a range. */
  static byte[] splice(byte[] content, int from, int to, byte[] by) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(content, 0, from);
    bytes.writeBytes(by);
    bytes.write(content, to, content.length - to);
    return bytes.size() > LARGEST
        ? Arrays.copyOf(bytes.toByteArray(), LARGEST)
        : bytes.toByteArray();
  }

  private static byte[] boundary(SplittableRandom random) {
    ByteBuffer buffer =
        ByteBuffer.allocate(8)
            .order(random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    long value = BOUNDARIES[random.nextInt(BOUNDARIES.length)];
    int bytes = 1 << random.nextInt(1, 4);
    switch (bytes) {
      case 2 -> buffer.putShort((short) value);
      case 4 -> buffer.putInt((int) value);
      default -> buffer.putLong(value);
    }
    return Arrays.copyOf(buffer.array(), bytes);
  }

  /** A number as protobuf writes it. */
  static byte[] varint(long value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long rest = value;
    for (; rest >>> 7 != 0; rest >>>= 7) {
      bytes.write((int) (rest & 0x7F | 0x80));
    }
    bytes.write((int) rest);
    return bytes.toByteArray();
  }

  /** A number of those that lie at the end of something. */
  static long number(SplittableRandom random) {
    return BOUNDARIES[random.nextInt(BOUNDARIES.length)];
  }
}
