package org.mirror4j.convert;

import static org.mirror4j.file.FileException.quote;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.convert.Pickled.Global;
import org.mirror4j.convert.Pickled.None;
import org.mirror4j.convert.Pickled.Storage;
import org.mirror4j.convert.Pickled.Tuple;
import org.mirror4j.file.FileException;

/**
 * Reader of the pickles that {@code torch.save} makes of a dictionary of tensors (protocol 2). A
 * pickle is a program for a stack machine that may name any function to be called; this machine
 * knows only the instructions that tensors need and only the names in {@link TorchCalls}, which it
 * never looks up but imitates. Any other instruction or name ends the reading.
 */
final class Unpickler {
  /** Longest pickle that is read; one of a large model takes under 100 kB. */
  static final long MAX_BYTES = 64L << 20;

  /**
   * Most work that is done: an instruction is one, and so is each value that it takes from a
   * container or puts into one, however often the same values are recalled. A large model takes
   * 30,000. A unit makes a hundred bytes at most.
   */
  static final int MAX_WORK = 1 << 20;

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

  private final PickleBytes in;
  private final Map<String, Storage> storages = new LinkedHashMap<>();
  private PickleStack stack;
  private long work;

  /**
   * A reader of pickles that lie one behind the other.
   *
   * @param file names the file in messages
   */
  Unpickler(MemorySegment bytes, String file) {
    in = new PickleBytes(bytes.asSlice(0, Math.min(bytes.byteSize(), MAX_BYTES)), file);
  }

  /** Where the next pickle begins, or what else follows the last. */
  long position() {
    return in.position();
  }

  /** The storages that the pickles read so far refer to, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /**
   * Reads one pickle.
   *
   * @return String, Long, BigInteger, Double, Boolean, List, Map or {@link Pickled}
   * @throws FileException if it does anything that a dictionary of tensors does not need
   */
  Object read() {
    stack = new PickleStack(in::fail);
    while (true) {
      work(1);
      long at = in.position();
      int opcode = in.unsignedByte();
      if (opcode == '.') {
        return stack.result();
      }
      step(opcode, at);
    }
  }

  private void work(long units) {
    work += units;
    if (work > MAX_WORK) {
      throw in.fail(
          "takes more than %d steps, expected the tensors of a model".formatted(MAX_WORK));
    }
  }

  private void step(int opcode, long at) {
    switch (opcode) {
      case 0x80 -> protocol();
      case '(' -> stack.mark();
      case 'N' -> stack.push(None.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'K' -> stack.push((long) in.unsignedByte());
      case 'M' -> stack.push((long) in.unsignedShort());
      case 'J' -> stack.push((long) in.fixed32());
      case 0x8a -> stack.push(in.longInteger());
      case 'G' -> stack.push(in.bigEndianDouble());
      case 'X' -> stack.push(in.string(in.unsignedInt()));
      case 'T' -> stack.push(in.string(in.unsignedInt()));
      case 'U' -> stack.push(in.string(in.unsignedByte()));
      case '}' -> stack.push(new LinkedHashMap<Object, Object>());
      case ']' -> stack.push(new ArrayList<Object>());
      case ')' -> stack.push(new Tuple(List.of()));
      case 't' -> tuple(stack.popToMark());
      case 0x85 -> stack.push(new Tuple(stack.popLast(1)));
      case 0x86 -> stack.push(new Tuple(stack.popLast(2)));
      case 0x87 -> stack.push(new Tuple(stack.popLast(3)));
      case 'a' -> append(stack.popLast(1));
      case 'e' -> append(stack.popToMark());
      case 's' -> setItems(stack.popLast(2));
      case 'u' -> setItems(stack.popToMark());
      case 'q' -> stack.remember(in.unsignedByte());
      case 'r' -> stack.remember(in.unsignedInt());
      case 'h' -> stack.recall(in.unsignedByte());
      case 'j' -> stack.recall(in.unsignedInt());
      case 'c' -> stack.push(TorchCalls.global(in.line(), in.line(), in::fail));
      case 'Q' -> persistent();
      case 'R' -> reduce();
      case 'b' -> build();
      default ->
          throw in.fail(
              "instruction 0x%02x%s at byte %d is not one that tensors need"
                  .formatted(
                      opcode,
                      REFUSED.containsKey(opcode) ? " (" + REFUSED.get(opcode) + ")" : "",
                      at));
    }
  }

  private void protocol() {
    int version = in.unsignedByte();
    if (version > 5) {
      throw in.fail("protocol is " + version + ", expected 2");
    }
  }

  private void tuple(List<Object> items) {
    work(items.size());
    stack.push(new Tuple(items));
  }

  private void append(List<Object> added) {
    if (!(stack.peek() instanceof List<?> target)) {
      throw in.fail("appends to " + Pickled.describe(stack.peek()) + ", expected a list");
    }
    @SuppressWarnings("unchecked") // only lists of objects are ever pushed
    List<Object> list = (List<Object>) target;
    work(added.size());
    list.addAll(added);
  }

  private void setItems(List<Object> keysAndValues) {
    Map<Object, Object> map = dictionary(stack.peek());
    if (keysAndValues.size() % 2 != 0) {
      throw in.fail("sets a key without a value");
    }
    work(keysAndValues.size());
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      TorchCalls.put(map, keysAndValues.get(i), keysAndValues.get(i + 1), in::fail);
    }
  }

  private void persistent() {
    Storage storage = TorchCalls.storage(stack.pop(), in::fail);
    Storage before = storages.putIfAbsent(storage.key(), storage);
    if (before != null && !before.equals(storage)) {
      throw in.fail("describes storage " + quote(storage.key()) + " in two ways");
    }
    stack.push(storage);
  }

  private void reduce() {
    Object arguments = stack.pop();
    Object callable = stack.pop();
    if (!(callable instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw in.fail(
          "calls %s with %s".formatted(Pickled.describe(callable), Pickled.describe(arguments)));
    }
    for (Object argument : tuple.items()) {
      work(argument instanceof List<?> list ? list.size() : 1);
      work(argument instanceof Tuple numbers ? numbers.items().size() : 0);
    }
    stack.push(TorchCalls.call(global, tuple.items(), in::fail));
  }

  /** Attributes of a dictionary ({@code _metadata}: versions of modules) are passed over. */
  private void build() {
    stack.pop();
    dictionary(stack.peek());
  }

  private Map<Object, Object> dictionary(Object value) {
    if (!(value instanceof Map<?, ?> target)) {
      throw in.fail("expected a dictionary, found " + Pickled.describe(value));
    }
    @SuppressWarnings("unchecked") // only maps of objects are ever pushed
    Map<Object, Object> map = (Map<Object, Object>) target;
    return map;
  }
}
