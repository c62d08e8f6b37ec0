package org.mirror4j.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes the JSON header of a safetensors file and makes its length right again. */
final class SafeTensorsMutator implements Mutator {
  private final JsonMutator json = new JsonMutator();

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    byte[] header = header(content);
    if (header == null) {
      return ByteMutator.PLAIN.mutate(content, other, random);
    }
    byte[] changed = json.mutate(header, header, random);
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length).array();
    byte[] framed = ByteMutator.splice(length, 8, 8, changed);
    return ByteMutator.splice(content, 0, 8 + header.length, framed);
  }

  private static byte[] header(byte[] content) {
    if (content.length < 8) {
      return null;
    }
    long length = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return length < 0 || length > content.length - 8
        ? null
        : Arrays.copyOfRange(content, 8, 8 + (int) length);
  }
}
