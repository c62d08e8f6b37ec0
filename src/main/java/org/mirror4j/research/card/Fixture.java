package org.mirror4j.research.card;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.Expression;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * One instruction with cases: the header holds a column of bits for each operand, {@code in} and
 * {@code out}, one case a thread, or as many as a thread takes of what a warp does together.
 *
 * @param name of the file, which is the instruction
 * @param source the kernel, with the contract that follows from the columns
 * @param outputs results, the first parameters
 * @param inputs operands
 */
record Fixture(String name, KernelSource source, List<Column> outputs, List<Column> inputs) {
  private static final String ENTRY = "fixture";
  private static final int THREADS = 32;

  /** The cases of one operand: PTX type and bits. */
  record Column(String type, List<Long> bits) {
    /** Bytes of a case; a predicate is stored as a word. */
    int bytes() {
      return type.equals("pred") ? 4 : Integer.parseInt(type.replaceAll("\\D+(\\d+).*", "$1")) / 8;
    }

    /** A type as wide: only bits are copied. */
    DType stored() {
      return switch (bytes()) {
        case 2 -> DType.F16;
        case 4 -> DType.I32;
        default -> DType.I64;
      };
    }

    KernelContract.Buffer buffer(String name, Access access) {
      List<Expression> cases = List.of(new Expression.Number(bits.size()));
      return new KernelContract.Buffer(name, access, stored(), cases);
    }

    boolean isNan(long value) {
      return switch (type) {
        case "f32" -> Float.isNaN(Float.intBitsToFloat((int) value));
        case "f64" -> Double.isNaN(Double.longBitsToDouble(value));
        default -> false;
      };
    }
  }

  /** Reads a file of {@code src/test/resources/ptx}. */
  static Fixture read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
    String name = file.getFileName().toString();
    List<Column> outputs = columns(text, "out");
    List<Column> inputs = columns(text, "in");
    return new Fixture(
        name, new KernelSource(name, text, contract(outputs, inputs)), outputs, inputs);
  }

  private static List<Column> columns(String text, String kind) {
    List<Column> columns = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split("\\s+");
      if (words.length > 2 && words[0].equals("//") && words[1].equals(kind)) {
        List<Long> bits = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
          bits.add(Long.parseUnsignedLong(words[i].substring(2), 16));
        }
        columns.add(new Column(words[2], bits));
      }
    }
    return columns;
  }

  /** The entry's parameters: results x and y, operands a to d, and n, cases of x. */
  private static KernelContract contract(List<Column> outputs, List<Column> inputs) {
    List<KernelContract.Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      buffers.add(outputs.get(i).buffer("xy".substring(i, i + 1), Access.OUT));
    }
    for (int i = 0; i < inputs.size(); i++) {
      buffers.add(inputs.get(i).buffer("abcd".substring(i, i + 1), Access.IN));
    }
    return new KernelContract(
        ENTRY,
        "",
        Set.of(),
        buffers,
        List.of(),
        List.of(new KernelContract.Scalar("n", KernelContract.ScalarType.U32)),
        new Expression.Number(1),
        new Expression.Number(THREADS),
        new Expression.Number(0),
        new Expression.Number(0));
  }

  /** The cases in which the driver gives other bits; a NaN may be any NaN. */
  List<String> differences(Driver driver) {
    int cases = outputs.getFirst().bits().size();
    KernelArguments arguments = new KernelArguments(source.contract(), DType.F32);
    List<Tensor> results = new ArrayList<>();
    List<Long> addresses = new ArrayList<>();
    try {
      for (Column column : outputs) {
        results.add(buffer(driver, column, addresses));
        arguments.add(results.getLast());
      }
      for (Column column : inputs) {
        Tensor tensor = buffer(driver, column, addresses);
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        column.bits().forEach(value -> put(bytes, column.bytes(), value));
        driver.upload(tensor.address(), MemorySegment.ofArray(bytes.array()), tensor.bytes());
        arguments.add(tensor);
      }
      arguments.add(cases);
      driver.launch(driver.load(source, DType.F32), 1, THREADS, 0, arguments);
      List<String> differences = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        compare(driver, results.get(i), outputs.get(i), differences);
      }
      return differences;
    } finally {
      addresses.forEach(driver::free);
    }
  }

  private static Tensor buffer(Driver driver, Column column, List<Long> addresses) {
    Shape shape = Shape.of(column.bits().size());
    long address = driver.allocate((long) column.bits().size() * column.bytes());
    addresses.add(address);
    return Tensor.at(address, "column", column.stored(), shape);
  }

  private static void put(ByteBuffer bytes, int width, long value) {
    for (int i = 0; i < width; i++) {
      bytes.put((byte) (value >>> 8 * i));
    }
  }

  private static void compare(
      Driver driver, Tensor result, Column column, List<String> differences) {
    ByteBuffer bytes = ByteBuffer.allocate((int) result.bytes());
    driver.download(MemorySegment.ofArray(bytes.array()), result.address(), result.bytes());
    int width = column.bytes();
    for (int i = 0; i < column.bits().size(); i++) {
      long got = 0;
      for (int b = 0; b < width; b++) {
        got |= (bytes.get(i * width + b) & 0xFFL) << 8 * b;
      }
      long expected = column.bits().get(i);
      boolean equal = column.isNan(expected) ? column.isNan(got) : got == expected;
      if (!equal) {
        differences.add("case %d: 0x%x, expected 0x%x".formatted(i, got, expected));
      }
    }
  }
}
