package org.mirror4j.device.ptx;

/** Numbers in a byte array, lowest byte first, as the device has them. */
final class LittleEndian {
  private LittleEndian() {}

  /** Reads 1 to 8 bytes, sign-extended. */
  static long get(byte[] bytes, int at, int count) {
    long value = bytes[at + count - 1];
    for (int i = count - 2; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xFF;
    }
    return value;
  }

  /** Writes the lowest bytes of a value. */
  static void put(byte[] bytes, int at, int count, long value) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >>> 8 * i);
    }
  }
}
