package org.mirror4j.file;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * The checksum of LevelDB and TensorFlow: CRC-32C, rotated and shifted, {@code (crc >>> 15 | crc <<
 * 17) + 0xa282ead8}, as checksums of bytes that hold checksums would be weak (crc32c.h of LevelDB).
 */
public final class MaskedChecksum {
  private static final long MOST_AT_ONCE = 1 << 30;

  private MaskedChecksum() {}

  /** The checksum of bytes. */
  public static int of(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < bytes.byteSize(); at += MOST_AT_ONCE) {
      long length = Math.min(MOST_AT_ONCE, bytes.byteSize() - at);
      crc.update(bytes.asSlice(at, length).asByteBuffer());
    }
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }
}
