package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyArrayTest {
  private static final long MOST = 1000;

  @TempDir Path folder;

  private Path file(String dictionary, int bytes) throws IOException {
    byte[] header = (dictionary + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer all = ByteBuffer.allocate(10 + header.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    all.put((byte) 1).put((byte) 0).putShort((short) header.length).put(header);
    return Files.write(folder.resolve("a.npy"), all.array());
  }

  private static String dictionary(String type, String order, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }".formatted(type, order, shape);
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> NpyArray.read(file, MOST))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void whatIsWrittenIsRead() {
    for (List<Long> shape :
        List.of(
            List.<Long>of(), List.of(6L), List.of(2L, 3L), List.of(3L, 0L), List.of(1L, 2L, 3L))) {
      int elements = (int) shape.stream().mapToLong(size -> size).reduce(1, (a, b) -> a * b);
      ByteBuffer values = ByteBuffer.allocate(2 * elements).order(ByteOrder.LITTLE_ENDIAN);
      while (values.hasRemaining()) {
        values.putShort((short) values.position());
      }
      Path file = folder.resolve("w.npy");
      new NpyArray("w", "<u2", shape, values.flip()).write(file);
      NpyArray read = NpyArray.read(file, MOST);
      assertThat(read.shape()).isEqualTo(shape);
      assertThat(read.type()).isEqualTo("<u2");
      assertThat(read.elements()).isEqualTo(elements);
      assertThat(read.values()).isEqualTo(values);
    }
  }

  /** A header of many dimensions is longer than the usual one, and still a multiple of 64. */
  @Test
  void headersGrowWithTheirDimensions() {
    ByteBuffer header =
        NpyHeader.write("<f4", List.of(1L << 40, 1L << 41, 1L << 42, 1L << 43, 1L << 44, 1L << 45));
    assertThat(header.remaining()).isEqualTo(192);
    String text = StandardCharsets.ISO_8859_1.decode(header).toString();
    assertThat(text).endsWith("\n").contains("35184372088832), }");
    assertThat(NpyHeader.write("<f4", List.of(7L)).remaining()).isEqualTo(128);
  }

  @Test
  void orderOfColumnsMattersInMatricesAlone() throws IOException {
    assertThat(NpyArray.read(file(dictionary("<f4", "True", "(2,)"), 8), MOST).elements())
        .isEqualTo(2);
    assertRefused(
        file(dictionary("<f4", "True", "(2, 1)"), 8), "'fortran_order' is True, expected False");
  }

  @Test
  void whatIsNoArrayOfNumbersIsRefused() throws IOException {
    assertRefused(folder.resolve("none.npy"), "no such file or directory");
    assertRefused(folder, "");
    assertRefused(Files.createFile(folder.resolve("e")), "it ends in the header");
    assertRefused(Files.writeString(folder.resolve("t"), "PK\3\4 a zip file"), "no NumPy file");
    for (String type : List.of(">f4", "<c8", "|O", "<f16", "|S4", "f4", "", "<M8[ns]")) {
      assertRefused(file(dictionary(type, "False", "(2,)"), 8), "expected little-endian numbers");
    }
    for (String dictionary :
        List.of(
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}",
            dictionary("<f4", "Maybe", "(2,)"),
            dictionary("<f4", "False", "(2"),
            dictionary("<f4", "False", "(2,,2)"),
            dictionary("<f4", "False", "(-1, 2)"),
            dictionary("<f4", "False", "(1 2)"),
            dictionary("<f4", "False", "(9999999999999999999,)"),
            "{'descr': '<f4', 'shape': (2,)}",
            "")) {
      assertRefused(file(dictionary, 8), "header '");
    }
  }

  @Test
  void sizesThatDoNotMatchTheFileAreRefused() throws IOException {
    String shape = "(2, 3)";
    Path file = file(dictionary("<f4", "False", shape), 23);
    assertRefused(file, "bytes, expected ");
    assertRefused(file(dictionary("<f4", "False", shape), 25), " for [2, 3] values of type <f4");
    // As many as a product of 64 bits does not hold, and more than is allowed.
    for (String huge :
        List.of("(999999999999999999, 999999999999999999)", "(251,)", "(4294967296, 4294967296)")) {
      assertRefused(file(dictionary("<f4", "False", huge), 8), "expected at most 1,000 bytes");
    }
    assertThat(
            NpyArray.read(file(dictionary("<f4", "False", "(4294967296, 4294967296, 0)"), 0), MOST)
                .elements())
        .isZero();
  }

  /** Not in time that grows with the square of its length. */
  @Test
  void aHeaderOfBlanksOrCommasIsRefusedAtOnce() throws IOException {
    for (char c : new char[] {' ', ',', '1', '('}) {
      char[] many = new char[60_000];
      Arrays.fill(many, c);
      byte[] header =
          ("{'descr': '<f4', 'fortran_order': False, 'shape': (" + new String(many))
              .getBytes(StandardCharsets.US_ASCII);
      ByteBuffer all = ByteBuffer.allocate(10 + header.length).order(ByteOrder.LITTLE_ENDIAN);
      all.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
      all.put((byte) 1).put((byte) 0).putShort((short) header.length).put(header);
      assertRefused(Files.write(folder.resolve("m.npy"), all.array()), "header '");
    }
  }
}
