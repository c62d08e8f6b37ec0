package org.mirror4j.convert;

import static org.mirror4j.checkpoint.CheckpointException.quote;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.convert.Pickled.Global;
import org.mirror4j.convert.Pickled.None;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.convert.Pickled.Tuple;

/**
 * Reader of the pickles that {@code torch.save} makes of a dictionary of tensors (protocol 2). A
 * pickle is a program for a stack machine that may name any function to be called; this machine
 * knows only the instructions that tensors need and only the names in {@link TorchCalls}, which it
 * never looks up but imitates. Any other instruction or name ends the reading.
 */
final class Unpickler {
  /** Longest pickle that is read; one of a large model takes under 100 kB. */
  static final long MAX_BYTES = 64L << 20;

  private static final int MAX_MARKS = 256;
  private static final int MAX_MEMO = 1 << 20;
  private static final int MAX_LINE = 256;

  /** A byte can make a value of a hundred; a large model takes some ten thousand values. */
  private static final int MAX_VALUES = 1 << 20;

  /** Instructions that are refused, by the names in Python's module pickletools. */
  private static final Map<Integer, String> REFUSED =
      Map.ofEntries(
          Map.entry((int) 'i', "INST"),
          Map.entry((int) 'o', "OBJ"),
          Map.entry((int) 'P', "PERSID"),
          Map.entry((int) 'I', "INT"),
          Map.entry((int) 'L', "LONG"),
          Map.entry((int) 'S', "STRING"),
          Map.entry((int) 'd', "DICT"),
          Map.entry((int) 'l', "LIST"),
          Map.entry((int) 'p', "PUT"),
          Map.entry((int) 'g', "GET"),
          Map.entry(0x81, "NEWOBJ"),
          Map.entry(0x82, "EXT1"),
          Map.entry(0x83, "EXT2"),
          Map.entry(0x84, "EXT4"),
          Map.entry(0x8b, "LONG4"),
          Map.entry(0x8c, "SHORT_BINUNICODE"),
          Map.entry(0x92, "NEWOBJ_EX"),
          Map.entry(0x93, "STACK_GLOBAL"),
          Map.entry(0x94, "MEMOIZE"),
          Map.entry(0x95, "FRAME"));

  private final MemorySegment bytes;
  private final String file;
  private final Map<String, Storage> storages = new LinkedHashMap<>();
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private long position;
  private int values;

  /**
   * A reader of pickles that lie one behind the other.
   *
   * @param file names the file in messages
   */
  Unpickler(MemorySegment bytes, String file) {
    this.bytes = bytes.asSlice(0, Math.min(bytes.byteSize(), MAX_BYTES));
    this.file = file;
  }

  /** Where the next pickle begins, or what else follows the last. */
  long position() {
    return position;
  }

  /** The storages that the pickles read so far refer to, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /**
   * Reads one pickle.
   *
   * @return String, Long, BigInteger, Double, Boolean, List, Map or {@link Pickled}
   * @throws CheckpointException if it does anything that a dictionary of tensors does not need
   */
  Object read() {
    stack.clear();
    marks.clear();
    memo.clear();
    values = 0;
    while (true) {
      long at = position;
      int opcode = unsignedByte();
      if (opcode == '.') {
        if (stack.size() != 1 || !marks.isEmpty()) {
          throw fail("ends with " + stack.size() + " values, expected one");
        }
        return stack.getFirst();
      }
      step(opcode, at);
    }
  }

  private void step(int opcode, long at) {
    switch (opcode) {
      case 0x80 -> protocol();
      case '(' -> mark();
      case 'N' -> push(None.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) unsignedByte());
      case 'M' -> push((long) Short.toUnsignedInt(get(ValueLayout.JAVA_SHORT_UNALIGNED)));
      case 'J' -> push((long) int32());
      case 0x8a -> push(longInteger());
      case 'G' -> push(bigEndianDouble());
      case 'X' -> push(string(Integer.toUnsignedLong(int32())));
      case 'T' -> push(string(Integer.toUnsignedLong(int32())));
      case 'U' -> push(string(unsignedByte()));
      case '}' -> push(new LinkedHashMap<Object, Object>());
      case ']' -> push(new ArrayList<Object>());
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(popToMark()));
      case 0x85 -> push(new Tuple(popLast(1)));
      case 0x86 -> push(new Tuple(popLast(2)));
      case 0x87 -> push(new Tuple(popLast(3)));
      case 'a' -> append(popLast(1));
      case 'e' -> append(popToMark());
      case 's' -> setItems(popLast(2));
      case 'u' -> setItems(popToMark());
      case 'q' -> put(unsignedByte());
      case 'r' -> put(Integer.toUnsignedLong(int32()));
      case 'h' -> fetch(unsignedByte());
      case 'j' -> fetch(Integer.toUnsignedLong(int32()));
      case 'c' -> push(TorchCalls.global(line(), line(), this::fail));
      case 'Q' -> persistent();
      case 'R' -> reduce();
      case 'b' -> build();
      default ->
          throw fail(
              "instruction 0x%02x%s at byte %d is not one that tensors need"
                  .formatted(
                      opcode,
                      REFUSED.containsKey(opcode) ? " (" + REFUSED.get(opcode) + ")" : "",
                      at));
    }
  }

  private void protocol() {
    int version = unsignedByte();
    if (version > 5) {
      throw fail("protocol is " + version + ", expected 2");
    }
  }

  private void mark() {
    if (marks.size() == MAX_MARKS) {
      throw fail("nested deeper than " + MAX_MARKS);
    }
    marks.add(stack.size());
  }

  private void put(long key) {
    if (memo.size() == MAX_MEMO) {
      throw fail("remembers more than " + MAX_MEMO + " values");
    }
    memo.put(key, peek());
  }

  private void fetch(long key) {
    Object value = memo.get(key);
    if (value == null) {
      throw fail("recalls value " + key + ", which was never remembered");
    }
    push(value);
  }

  private void append(List<Object> added) {
    if (!(peek() instanceof List<?> target)) {
      throw fail("appends to " + Pickled.describe(peek()) + ", expected a list");
    }
    @SuppressWarnings("unchecked") // only lists of objects are ever pushed
    List<Object> list = (List<Object>) target;
    list.addAll(added);
  }

  private void setItems(List<Object> keysAndValues) {
    Map<Object, Object> map = dictionary(peek());
    if (keysAndValues.size() % 2 != 0) {
      throw fail("sets a key without a value");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      TorchCalls.put(map, keysAndValues.get(i), keysAndValues.get(i + 1), this::fail);
    }
  }

  private void persistent() {
    Storage storage = TorchCalls.storage(pop(), this::fail);
    Storage before = storages.putIfAbsent(storage.key(), storage);
    if (before != null && !before.equals(storage)) {
      throw fail("describes storage " + quote(storage.key()) + " in two ways");
    }
    push(storage);
  }

  private void reduce() {
    Object arguments = pop();
    Object callable = pop();
    if (!(callable instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw fail(
          "calls %s with %s".formatted(Pickled.describe(callable), Pickled.describe(arguments)));
    }
    push(TorchCalls.call(global, tuple.items(), this::fail));
  }

  /** Attributes of a dictionary ({@code _metadata}: versions of modules) are passed over. */
  private void build() {
    pop();
    dictionary(peek());
  }

  private Map<Object, Object> dictionary(Object value) {
    if (!(value instanceof Map<?, ?> target)) {
      throw fail("expected a dictionary, found " + Pickled.describe(value));
    }
    @SuppressWarnings("unchecked") // only maps of objects are ever pushed
    Map<Object, Object> map = (Map<Object, Object>) target;
    return map;
  }

  private void push(Object value) {
    if (++values > MAX_VALUES) {
      throw fail("makes more than " + MAX_VALUES + " values");
    }
    stack.add(value);
  }

  /** Values below a mark belong to what the mark began. */
  private int bottom() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  private Object peek() {
    if (stack.size() <= bottom()) {
      throw fail("takes a value from an empty stack");
    }
    return stack.getLast();
  }

  private Object pop() {
    Object value = peek();
    stack.removeLast();
    return value;
  }

  private List<Object> popLast(int count) {
    if (stack.size() - bottom() < count) {
      throw fail("takes a value from an empty stack");
    }
    return popFrom(stack.size() - count);
  }

  private List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw fail("takes values back to a mark that was never set");
    }
    return popFrom(marks.removeLast());
  }

  private List<Object> popFrom(int first) {
    List<Object> top = stack.subList(first, stack.size());
    List<Object> taken = new ArrayList<>(top);
    top.clear();
    return taken;
  }

  private int unsignedByte() {
    return Byte.toUnsignedInt(get(ValueLayout.JAVA_BYTE));
  }

  private int int32() {
    long at = take(4);
    return bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at);
  }

  private byte get(ValueLayout.OfByte layout) {
    return bytes.get(layout, take(1));
  }

  private short get(ValueLayout.OfShort layout) {
    return bytes.get(layout.withOrder(ByteOrder.LITTLE_ENDIAN), take(2));
  }

  private double bigEndianDouble() {
    return bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), take(8));
  }

  private Number longInteger() {
    byte[] littleEndian = array(unsignedByte());
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    BigInteger value = bigEndian.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
    return value.bitLength() < 64 ? (Number) value.longValue() : value;
  }

  private String string(long length) {
    return new String(array(length), StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
      if (line.length() == MAX_LINE) {
        throw fail("names a class longer than " + MAX_LINE + " letters");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private byte[] array(long length) {
    long at = take(length);
    return bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private long take(long length) {
    if (length > bytes.byteSize() - position) {
      throw fail(
          "needs %d bytes at byte %d, but ends after %d"
              .formatted(length, position, bytes.byteSize()));
    }
    long at = position;
    position += length;
    return at;
  }

  private CheckpointException fail(String problem) {
    return new CheckpointException(file + ": pickle " + problem);
  }
}
