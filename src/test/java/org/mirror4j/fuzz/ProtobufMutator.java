package org.mirror4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes one field of a protobuf message at some depth; lengths around it stay right. */
final class ProtobufMutator implements Mutator {
  /** A field as it is written: its key, and the value with a length where it has one. */
  private record Field(long key, byte[] value) {
    boolean hasLength() {
      return (key & 7) == 2;
    }
  }

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    List<Field> fields = fields(content);
    if (fields == null || fields.isEmpty()) {
      return ByteMutator.PLAIN.mutate(content, other, random);
    }
    int at = random.nextInt(fields.size());
    Field field = fields.get(at);
    boolean inside = field.hasLength() && random.nextInt(8) != 0;
    if (inside) {
      fields.set(at, new Field(field.key(), mutate(field.value(), field.value(), random)));
      return bytes(fields);
    }
    switch (random.nextInt(4)) {
      case 0 -> fields.remove(at);
      case 1 -> fields.add(at, fields.get(random.nextInt(fields.size())));
      case 2 -> fields.set(at, new Field(random.nextInt(256), field.value()));
      default -> {
        byte[] number = ByteMutator.varint(ByteMutator.number(random));
        fields.set(at, new Field(field.key(), field.hasLength() ? new byte[0] : number));
      }
    }
    return bytes(fields);
  }

  /** The fields of a message; null if it is none. */
  private static List<Field> fields(byte[] content) {
    List<Field> fields = new ArrayList<>();
    int at = 0;
    while (at < content.length) {
      long[] key = varint(content, at);
      if (key == null || key[0] >>> 3 == 0) {
        return null;
      }
      at = (int) key[1];
      int end;
      switch ((int) (key[0] & 7)) {
        case 0 -> {
          long[] number = varint(content, at);
          end = number == null ? -1 : (int) number[1];
        }
        case 1 -> end = at + 8;
        case 2 -> {
          long[] length = varint(content, at);
          boolean fits = length != null && length[0] >= 0 && length[0] <= content.length;
          at = fits ? (int) length[1] : at;
          end = fits ? at + (int) length[0] : -1;
        }
        case 5 -> end = at + 4;
        default -> end = -1;
      }
      if (end < 0 || end > content.length) {
        return null;
      }
      fields.add(new Field(key[0], Arrays.copyOfRange(content, at, end)));
      at = end;
    }
    return fields;
  }

  /** A number and where it ends; null if it does not. */
  private static long[] varint(byte[] content, int from) {
    long value = 0;
    for (int at = from; at < content.length && at < from + 10; at++) {
      value |= (long) (content[at] & 0x7F) << 7 * (at - from);
      if (content[at] >= 0) {
        return new long[] {value, at + 1};
      }
    }
    return null;
  }

  private static byte[] bytes(List<Field> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Field field : fields) {
      bytes.writeBytes(ByteMutator.varint(field.key()));
      if (field.hasLength()) {
        bytes.writeBytes(ByteMutator.varint(field.value().length));
      }
      bytes.writeBytes(field.value());
    }
    return bytes.toByteArray();
  }
}
