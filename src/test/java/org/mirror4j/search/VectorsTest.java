package org.mirror4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.encode.NpyWriter;
import org.mirror4j.file.FileException;

class VectorsTest {
  private static final String DICTIONARY =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

  @TempDir Path folder;

  /** A NumPy file of the values 0, 1, 2 ... behind a header. */
  private Path file(int version, String dictionary, int values) throws IOException {
    byte[] header = (dictionary + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(12 + header.length + 4 * values);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
    bytes.put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
    if (version == 1) {
      bytes.putShort((short) header.length);
    } else {
      bytes.putInt(header.length);
    }
    bytes.put(header);
    for (int i = 0; i < values; i++) {
      bytes.putFloat(i);
    }
    return Files.write(folder.resolve("v.npy"), Arrays.copyOf(bytes.array(), bytes.position()));
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> Vectors.map(file))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ": " + message);
  }

  @Test
  void rowsAreKeptOutsideTheHeap() {
    try (Vectors vectors = Vectors.allocate(3, 2)) {
      assertThat(vectors.get(2)).containsExactly(0, 0);
      vectors.set(1, new float[] {4, 5});
      vectors.set(2, new float[] {6, 7});
      float[] longer = {9, 9, 9};
      vectors.get(1, longer);
      assertThat(longer).containsExactly(4, 5, 9);
      Vectors last = vectors.slice(1, 3);
      assertThat(last.size()).isEqualTo(2);
      vectors.set(2, new float[] {8, 9});
      assertThat(last.get(1)).containsExactly(8, 9);
      try (Vectors selected = vectors.select(2, 0, 2)) {
        assertThat(selected.get(0)).containsExactly(8, 9);
        assertThat(selected.get(1)).containsExactly(0, 0);
        assertThat(selected.get(2)).containsExactly(8, 9);
      }
    }
  }

  @Test
  void whatEmbedWritesIsMapped() {
    Path npy = folder.resolve("vectors.npy");
    try (NpyWriter writer = new NpyWriter(npy, 3)) {
      writer.write("a", new float[] {1, 2, 3});
      writer.write("b", new float[] {-4, 0.5f, 6});
      writer.finish();
    }
    try (Vectors vectors = Vectors.map(npy)) {
      assertThat(vectors.size()).isEqualTo(2);
      assertThat(vectors.dimension()).isEqualTo(3);
      assertThat(vectors.get(1)).containsExactly(-4, 0.5f, 6);
      assertThatThrownBy(() -> vectors.set(0, new float[3]))
          .hasMessage("vectors: those of a file are read only");
    }
  }

  /** Keys in any order, lengths that align nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void headersOfEveryVersion(int version) throws IOException {
    Path npy = file(version, "{'shape':(2,3),'fortran_order': False, 'descr': '<f4'}", 6);
    try (Vectors vectors = Vectors.map(npy)) {
      assertThat(vectors.get(0)).containsExactly(0, 1, 2);
      assertThat(vectors.get(1)).containsExactly(3, 4, 5);
    }
  }

  @Test
  void filesThatAreNoMatrixOfF32() throws IOException {
    assertRefused(folder.resolve("none.npy"), "no such file or directory");
    assertRefused(
        Files.createFile(folder.resolve("e")), "it ends in the header, expected a NumPy file");
    assertRefused(
        Files.writeString(folder.resolve("t"), "something else"),
        "no NumPy file of version 1, 2 or 3");
    assertRefused(file(4, DICTIONARY, 6), "no NumPy file of version 1, 2 or 3");
    assertRefused(file(1, DICTIONARY, 5), "90 bytes, expected 94 for 2 vectors of 3 values");
    assertRefused(file(1, DICTIONARY, 7), "98 bytes, expected 94 for 2 vectors of 3 values");
    assertRefused(file(1, DICTIONARY.replace("3)", "0)"), 0), "vectors of no values");
    for (String other :
        new String[] {
          DICTIONARY.replace("<f4", "<f8"),
          DICTIONARY.replace("<f4", ">f4"),
          DICTIONARY.replace("False", "True"),
          DICTIONARY.replace("(2, 3)", "(6,)"),
          DICTIONARY.replace("(2, 3)", "(1, 2, 3)"),
          DICTIONARY.replace("2, 3", "9999999999, 3")
        }) {
      assertRefused(
          file(1, other, 6),
          "header '%s', expected 'descr' '<f4', 'fortran_order' False and 'shape' (rows, columns)"
              .formatted(other));
    }
  }

  @Test
  void closedVectorsAndWrongRows() {
    Vectors vectors = Vectors.allocate(2, 2);
    assertThatThrownBy(() -> vectors.set(1, new float[3]))
        .hasMessage("vectors: row 1 has 3 values, expected 2");
    assertThatThrownBy(() -> vectors.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> vectors.slice(1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Vectors.of(new float[][] {{1, 2}, {1}}))
        .hasMessage("vectors: row 1 has 1 values, expected 2");
    assertThatThrownBy(Vectors::of).hasMessage("vectors: none, expected at least 1");
    assertThatThrownBy(() -> Vectors.allocate(-1, 0))
        .hasMessage("vectors: -1 of 0 values, expected at least 0 of at least 1");
    vectors.close();
    vectors.close();
    assertThatThrownBy(() -> vectors.get(0)).isInstanceOf(IllegalStateException.class);
  }
}
