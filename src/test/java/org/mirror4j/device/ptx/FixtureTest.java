package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * One instruction a file: the header holds a column of bits for each operand, {@code in} and {@code
 * out}, one case a thread. Outputs must be equal bit by bit; a NaN may be any NaN.
 */
class FixtureTest {
  private static final String FOLDER = "/ptx";

  /** The cases of one operand. */
  private record Column(String name, Type type, List<Long> bits) {
    int bytes() {
      return type == Type.PRED ? Integer.BYTES : type.bytes();
    }
  }

  static Stream<Path> fixtures() throws IOException, URISyntaxException {
    Path folder = Path.of(FixtureTest.class.getResource(FOLDER).toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }

  @Test
  void thereAreFixtures() throws IOException, URISyntaxException {
    assertThat(fixtures().count()).isGreaterThan(200);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void givesTheBitsOfItsHeader(Path file) {
    for (PtxEngine engine : PtxEngine.values()) {
      requireBits(file, engine);
    }
  }

  private static void requireBits(Path file, PtxEngine engine) {
    String text = read(file);
    List<Column> outputs = columns(text, "out", "xy");
    List<Column> inputs = columns(text, "in", "abcd");
    int cases = outputs.getFirst().bits().size();
    Findings findings = new Findings();
    try (GlobalMemory memory = new GlobalMemory(CheckLevel.ALL, findings)) {
      List<Slice> results = new ArrayList<>();
      List<KernelArgument> arguments = new ArrayList<>();
      for (Column column : outputs) {
        Slice slice = buffer(memory, column);
        results.add(slice);
        arguments.add(KernelArgument.of(slice));
      }
      for (Column column : inputs) {
        Slice slice = buffer(memory, column);
        memory.upload(slice.address(), bytes(column));
        arguments.add(KernelArgument.of(slice.readOnly()));
      }
      arguments.add(KernelArgument.of(cases));
      PtxProgram program = PtxModule.parse(file.getFileName().toString(), text).program("fixture");
      new Interpreter(memory)
          .launch(
              program,
              new Dim3(1, 1, 1),
              new Dim3(32, 1, 1),
              0,
              arguments,
              LaunchOptions.defaults().withEngine(engine));
      assertThat(findings.list()).isEmpty();
      for (int i = 0; i < results.size(); i++) {
        requireEqual(memory, results.get(i), outputs.get(i));
      }
    }
  }

  private static void requireEqual(GlobalMemory memory, Slice slice, Column column) {
    byte[] got = new byte[(int) slice.bytes()];
    memory.download(slice.address(), MemorySegment.ofArray(got));
    for (int i = 0; i < column.bits().size(); i++) {
      long expected = column.bits().get(i);
      long bits = LittleEndian.get(got, i * column.bytes(), column.bytes());
      long unsigned = column.bytes() == 8 ? bits : bits & (1L << 8 * column.bytes()) - 1;
      if (isNan(expected, column.type())) {
        assertThat(isNan(unsigned, column.type())).as("case %d is NaN", i).isTrue();
      } else {
        assertThat(Long.toHexString(unsigned))
            .as("%s of case %d", column.name(), i)
            .isEqualTo(Long.toHexString(expected));
      }
    }
  }

  private static boolean isNan(long bits, Type type) {
    return switch (type) {
      case F32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
      case F64 -> Double.isNaN(Double.longBitsToDouble(bits));
      default -> false;
    };
  }

  private static Slice buffer(GlobalMemory memory, Column column) {
    long size = (long) column.bytes() * column.bits().size();
    long address = memory.allocate(column.name(), size).address();
    return memory.slice(
        column.name(),
        address,
        size,
        column.type().toString(),
        column.bytes(),
        "[" + column.bits().size() + "]");
  }

  private static MemorySegment bytes(Column column) {
    byte[] bytes = new byte[column.bytes() * column.bits().size()];
    for (int i = 0; i < column.bits().size(); i++) {
      LittleEndian.put(bytes, i * column.bytes(), column.bytes(), column.bits().get(i));
    }
    return MemorySegment.ofArray(bytes);
  }

  private static List<Column> columns(String text, String kind, String names) {
    List<Column> columns = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split("\\s+");
      if (words.length > 2 && words[0].equals("//") && words[1].equals(kind)) {
        List<Long> bits = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
          bits.add(Long.parseUnsignedLong(words[i].substring(2), 16));
        }
        String name = names.substring(columns.size(), columns.size() + 1);
        columns.add(new Column(name, Type.named(words[2]), bits));
      }
    }
    return columns;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
