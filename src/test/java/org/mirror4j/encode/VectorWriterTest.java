package org.mirror4j.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;

class VectorWriterTest {
  @TempDir Path folder;

  private VectorWriter open(String name, int columns) {
    Path path = folder.resolve(name);
    return name.endsWith(".npy") ? new NpyWriter(path, columns) : new TsvVectors(path, columns);
  }

  private List<String> content() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void npyBytes() throws IOException {
    try (VectorWriter writer = open("a.npy", 2)) {
      writer.write("left out", new float[] {1, -2});
      writer.finish();
    }
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
    byte[] expected = new byte[128 + 8];
    ByteBuffer.wrap(expected)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(HexFormat.of().parseHex("934e554d5059" + "0100" + "7600"))
        .put(
            (header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII))
        .putFloat(1)
        .putFloat(-2);
    assertThat(Files.readAllBytes(folder.resolve("a.npy"))).isEqualTo(expected);
  }

  /** Rounded to nearest and even; int8 by the largest of each vector; a bit a value above 0. */
  @Test
  void npyTypes() throws IOException {
    float[] first = {1, -2, 0, 0.5f, 1 + 0x1p-11f, -0.75f, 1e-9f, -0.0f, 0.01f};
    float[] second = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    assertThat(bytesOf(VectorType.F16, first))
        .isEqualTo("'<f2' (1, 9) 003c 00c0 0000 0038 003c 00ba 0000 0080 1f21");
    assertThat(bytesOf(VectorType.INT8, first, second))
        .isEqualTo("'|i1' (2, 9) 40 81 00 20 40 d0 00 00 01 00 00 00 00 00 00 00 00 00");
    assertThat(bytesOf(VectorType.BINARY, first, second)).isEqualTo("'|u1' (2, 2) 9a 80 00 00");
    assertThatThrownBy(() -> bytesOf(VectorType.F16, new float[] {65_536}))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage(
            "line 1: a value of 65536.0, expected at most 65,504 for f16; its file is not written");
  }

  private String bytesOf(VectorType type, float[]... vectors) throws IOException {
    Path path = folder.resolve(type + ".npy");
    try (VectorWriter writer = new NpyWriter(path, vectors[0].length, type, 0)) {
      for (float[] vector : vectors) {
        writer.write("", vector);
      }
      writer.finish();
    }
    byte[] bytes = Files.readAllBytes(path);
    String header = new String(bytes, 10, 118, StandardCharsets.US_ASCII);
    int size = type == VectorType.F16 ? 2 : 1;
    StringBuilder all = new StringBuilder();
    all.append(header, header.indexOf("'descr': ") + 9, header.indexOf(", 'fortran"));
    all.append(' ').append(header, header.indexOf('('), header.indexOf(')') + 1);
    for (int i = 128; i < bytes.length; i += size) {
      all.append(' ').append(HexFormat.of().formatHex(bytes, i, i + size));
    }
    return all.toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 33, 20_000})
  void npyRoundTrip(int rows) throws IOException {
    for (int columns : new int[] {1, 5}) {
      float[][] vectors = random(rows, columns);
      try (VectorWriter writer = open("b.npy", columns)) {
        for (float[] vector : vectors) {
          writer.write("", vector);
        }
        writer.finish();
      }
      assertThat(NpyReader.read(folder.resolve("b.npy"))).isDeepEqualTo(vectors);
    }
  }

  @Test
  void npyRowsWiderThanTheBuffer() throws IOException {
    float[][] vectors = random(3, 40_001);
    try (VectorWriter writer = open("c.npy", 40_001)) {
      for (float[] vector : vectors) {
        writer.write("", vector);
      }
      writer.finish();
    }
    assertThat(NpyReader.read(folder.resolve("c.npy"))).isDeepEqualTo(vectors);
  }

  @Test
  void tsvText() throws IOException {
    try (VectorWriter writer = open("a.tsv", 2)) {
      writer.write("a\tb\nc\rd\\e", new float[] {1, -2.5f});
      writer.write("żółć", new float[] {1e-10f, 0.1f});
      writer.finish();
    }
    assertThat(folder.resolve("a.tsv"))
        .hasContent("a\\tb\\nc\\rd\\\\e\t1.0\t-2.5\nżółć\t1.0E-10\t0.1\n");
  }

  @Test
  void tsvRoundTrip() throws IOException {
    float[][] vectors = random(3000, 7);
    try (VectorWriter writer = open("b.tsv", 7)) {
      for (int i = 0; i < vectors.length; i++) {
        writer.write("text " + i, vectors[i]);
      }
      writer.finish();
    }
    List<String> lines = Files.readAllLines(folder.resolve("b.tsv"));
    assertThat(lines).hasSize(3000);
    for (int i = 0; i < vectors.length; i++) {
      String[] fields = lines.get(i).split("\t");
      assertThat(fields).hasSize(8).startsWith("text " + i);
      for (int j = 0; j < 7; j++) {
        assertThat(Float.parseFloat(fields[j + 1])).isEqualTo(vectors[i][j]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"d.npy", "d.tsv"})
  void nothingHalfWritten(String name) throws IOException {
    Files.writeString(folder.resolve(name), "old");
    try (VectorWriter writer = open(name, 2)) {
      writer.write("a", new float[] {1, 2});
      assertThat(folder.resolve(name)).hasContent("old");
      assertThatThrownBy(() -> writer.write("b", new float[] {1, 2, 3}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("row 1 has 3 values, expected 2");
    }
    assertThat(content()).containsExactly(name);
    assertThat(folder.resolve(name)).hasContent("old");
    try (VectorWriter writer = open(name, 2)) {
      writer.write("a", new float[] {1, 2});
      writer.finish();
    }
    assertThat(content()).containsExactly(name);
    assertThat(Files.readString(folder.resolve(name), StandardCharsets.ISO_8859_1))
        .isNotEqualTo("old");
  }

  @ParameterizedTest
  @ValueSource(strings = {"d.npy", "d.tsv"})
  void vectorsThatAreNotFiniteAreRefused(String name) throws IOException {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      try (VectorWriter writer = open(name, 2)) {
        writer.write("a", new float[] {1, Float.MAX_VALUE});
        assertThatThrownBy(() -> writer.write("b", new float[] {1, bad}))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("line 2: the vector of the text is not finite, element 1 is %s", bad);
      }
      assertThat(content()).isEmpty();
    }
  }

  @Test
  void printedLines() {
    StringWriter printed = new StringWriter();
    for (boolean json : new boolean[] {false, true}) {
      try (VectorWriter writer = new PrintedVectors(new PrintWriter(printed), json, 2)) {
        writer.write("a\tb\u001b[2J\"", new float[] {1, -2.5f});
        writer.write("żółć", new float[] {1e-10f, 0.1f});
        writer.finish();
      }
    }
    assertThat(printed.toString().lines())
        .containsExactly(
            "a\\tb\\u001b[2J\"\t1.0\t-2.5",
            "żółć\t1.0E-10\t0.1",
            "{\"text\":\"a\\tb\\u001B[2J\\\"\",\"vector\":[1.0,-2.5]}",
            "{\"text\":\"żółć\",\"vector\":[1.0E-10,0.1]}");
  }

  @Test
  void anOutputThatIsClosedIsAFailure() {
    Writer closed =
        new FilterWriter(Writer.nullWriter()) {
          @Override
          public void write(String text, int offset, int length) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (VectorWriter writer = new PrintedVectors(new PrintWriter(closed), false, 1)) {
      writer.write("a", new float[] {1});
      assertThatThrownBy(writer::finish)
          .isInstanceOf(FileException.class)
          .hasMessageContaining("standard output cannot be written");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".npy", ".tsv"})
  void placesThatCannotBeWrittenTo(String ending) throws IOException {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> open("absent/e" + ending, 2))
        .isInstanceOf(FileException.class)
        .hasMessage("%s: no such directory: %s", absent.resolve("e" + ending), absent);
    Path taken = Files.createDirectory(folder.resolve("taken" + ending));
    assertThatThrownBy(() -> open("taken" + ending, 2))
        .hasMessage("%s: is a directory, expected a file or nothing", taken);
    assertThatThrownBy(() -> open("f" + ending, 0))
        .hasMessage(ending.substring(1) + ": 0 columns, expected > 0");
    assertThat(content()).containsExactly("taken" + ending);
  }

  private static float[][] random(int rows, int columns) {
    Random random = new Random(rows + columns);
    float[][] vectors = new float[rows][columns];
    for (float[] vector : vectors) {
      for (int i = 0; i < columns; i++) {
        // Any bits of a finite number.
        do {
          vector[i] = Float.intBitsToFloat(random.nextInt());
        } while (!Float.isFinite(vector[i]));
      }
    }
    return vectors;
  }
}
