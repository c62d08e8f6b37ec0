package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class PyTorchCheckpointTest {
  @TempDir Path directory;

  @Test
  void everyFormGivesTheSameTensors() throws IOException {
    for (byte[] content :
        List.of(example().zip(), example().deflated().zip(), example().legacy())) {
      try (PyTorchCheckpoint read = open(content)) {
        assertThat(read.names())
            .containsExactly("w", "half", "transposed", "brain", "row", "spread", "none", "ids");
        assertThat(floats(read, "w")).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(read.shape("w")).isEqualTo(Shape.of(2, 3));
        assertThat(floats(read, "half")).containsExactly(1, -2);
        assertThat(floats(read, "brain")).containsExactly(1, -2);
        // The same storage seen as its second row, transposed, and with one row repeated.
        assertThat(floats(read, "row")).containsExactly(4, 5, 6);
        assertThat(floats(read, "transposed")).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(floats(read, "spread")).containsExactly(2, 3, 2, 3);
        assertThat(floats(read, "none")).isEmpty();
        assertThat(read.shape("ids")).isEqualTo(Shape.of(1));
        assertThatThrownBy(() -> floats(read, "ids"))
            .isInstanceOf(FileException.class)
            .hasMessageContaining(
                "'ids' has elements LONG, expected FLOAT, HALF, BFLOAT16 or DOUBLE");
        assertThatThrownBy(() -> read.shape("absent"))
            .isInstanceOf(FileException.class)
            .hasMessageContaining("no tensor 'absent'");
        assertThatThrownBy(() -> read.readFloats("w", MemorySegment.ofArray(new float[5])))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("needs 24 bytes, was given 20");
      }
    }
  }

  @Test
  void archivesThatAreNotOfTorchEndInOneLine() throws IOException {
    expectOpenFailure(new byte[0], "neither a zip archive nor an old PyTorch file");
    expectOpenFailure("hello".getBytes(StandardCharsets.UTF_8), "neither a zip archive");
    expectOpenFailure(new PickleWriter().number(5).stop(), "neither a zip archive");
    expectOpenFailure(Arrays.copyOf(example().zip(), 300), "not a readable zip archive");
    expectOpenFailure(
        TorchFile.zip(Map.of("a/b", new byte[1]), false), "0 entries NAME/data.pkl, expected one");
    Map<String, byte[]> two = example().zipEntries();
    two.put("other/data.pkl", new byte[1]);
    expectOpenFailure(TorchFile.zip(two, false), "2 entries NAME/data.pkl");
    Map<String, byte[]> big = example().zipEntries();
    big.put("archive/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    expectOpenFailure(TorchFile.zip(big, false), "byte order is 'big', expected 'little'");
    assertThatThrownBy(() -> PyTorchCheckpoint.open(directory.resolve("absent")))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void whatIsNoDictionaryOfTensorsEndsInOneLine() throws IOException {
    expectOpenFailure(
        withPickle(new PickleWriter().number(3).stop()),
        "holds the number 3, expected a dictionary of tensors");
    expectOpenFailure(
        withPickle(new PickleWriter().code('}').text("epoch").number(3).code('s').stop()),
        "entry 'epoch' is the number 3, expected a tensor");
    expectOpenFailure(
        withPickle(new PickleWriter().global("os", "system").stop()), "names 'os.system'");
  }

  @Test
  void storagesThatAreMissingOrOfAnotherSizeEndInOneLine() throws IOException {
    Map<String, byte[]> missing = example().zipEntries();
    missing.remove("archive/data/0");
    expectReadFailure(TorchFile.zip(missing, false), "no entry 'archive/data/0'");
    for (int bytes : new int[] {0, 23, 25}) {
      Map<String, byte[]> other = example().zipEntries();
      other.put("archive/data/0", new byte[bytes]);
      expectReadFailure(
          TorchFile.zip(other, bytes == 25),
          "'archive/data/0' has %d bytes, expected 6 elements of 4 bytes".formatted(bytes));
    }
  }

  /** Two entries of one name can differ, and readers differ in which they take. */
  @Test
  void twoEntriesOfOneNameAreRefused() throws IOException {
    Map<String, byte[]> files = example().zipEntries();
    files.put("archive/data/X", new byte[24]);
    String zip = new String(TorchFile.zip(files, false), StandardCharsets.ISO_8859_1);
    byte[] twice =
        zip.replace("archive/data/X", "archive/data/0").getBytes(StandardCharsets.ISO_8859_1);
    expectOpenFailure(twice, "two entries 'archive/data/0', expected one");
  }

  /** As long as the right name, and alike in all but one character. */
  @Test
  void anotherNameOfThePickleIsNone() throws IOException {
    String zip = new String(example().zip(), StandardCharsets.ISO_8859_1);
    expectOpenFailure(
        zip.replace("archive/data.pkl", "archive/data>pkl").getBytes(StandardCharsets.ISO_8859_1),
        "zip archive with 0 entries NAME/data.pkl, expected one");
  }

  @Test
  void archivesThatGrowAreRefused() throws IOException {
    Map<String, byte[]> files = example().zipEntries();
    for (int i = 0; i < 5; i++) {
      files.put("archive/data/more" + i, new byte[16 << 20]);
    }
    expectOpenFailure(
        TorchFile.zip(files, true),
        "zip archive that unpacks to more than 67108864 bytes, expected at most 16 times its own");
    Map<String, byte[]> many = example().zipEntries();
    for (int i = 0; i < 1 << 16; i++) {
      many.put("archive/data/x" + i, new byte[0]);
    }
    expectOpenFailure(TorchFile.zip(many, false), "entries, expected at most 65536");
  }

  @Test
  void doublesAreRounded() throws IOException {
    byte[] raw = new byte[16];
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putDouble(1 + 0x1p-30).putDouble(1e300);
    TorchFile file =
        new TorchFile().view("w", "DoubleStorage", "0", raw, 8, 0, List.of(2L), List.of(1L));
    for (byte[] form : List.of(file.zip(), file.legacy())) {
      Path path = Files.write(directory.resolve("doubles.bin"), form);
      try (PyTorchCheckpoint checkpoint = PyTorchCheckpoint.open(path)) {
        float[] values = new float[2];
        assertThat(checkpoint.dtype("w")).isEqualTo(DType.F64);
        assertThat(checkpoint.readFloats("w", MemorySegment.ofArray(values))).isFalse();
        assertThat(values).containsExactly(1f, Float.POSITIVE_INFINITY);
      }
    }
  }

  /** Both forms, cut after they were opened. */
  @Test
  void filesThatAreCutWhileTheyAreRead() throws IOException {
    TorchFile file = new TorchFile().floats("w", List.of(20_000L), new float[20_000]);
    for (byte[] form : List.of(file.zip(), file.legacy())) {
      Path path = Files.write(directory.resolve("cut.bin"), form);
      try (PyTorchCheckpoint checkpoint = PyTorchCheckpoint.open(path)) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          channel.truncate(40_000);
        }
        assertThatThrownBy(
                () -> checkpoint.readFloats("w", MemorySegment.ofArray(new float[20_000])))
            .isInstanceOf(FileException.class)
            .hasMessageStartingWith(path + ": ")
            .message()
            .doesNotEndWith("null");
      }
    }
  }

  /** The directory says what the pickle says, but the deflated data is longer or shorter. */
  @Test
  void deflatedDataOfAnotherLengthThanDeclaredIsRefused() throws IOException {
    for (int actual : new int[] {20, 28, 1 << 20}) {
      Map<String, byte[]> bomb = example().zipEntries();
      bomb.put("archive/data/0", new byte[actual]);
      byte[] zip = declareSize(TorchFile.zip(bomb, true), "archive/data/0", 24);
      expectReadFailure(zip, "'archive/data/0' cannot be read");
    }
    // A pickle said to be small that unpacks to more.
    Map<String, byte[]> pickle = example().zipEntries();
    byte[] small = declareSize(TorchFile.zip(pickle, true), "archive/data.pkl", 10);
    expectOpenFailure(small, "'archive/data.pkl' cannot be read");
    byte[] large = declareSize(TorchFile.zip(pickle, true), "archive/data.pkl", 1 << 30);
    expectOpenFailure(
        large, "unpacks to more than 67108864 bytes, expected at most 16 times its own");
  }

  @Test
  void tensorsSpreadThinlyOverAStorageAreRefused() throws IOException {
    byte[] zip =
        new TorchFile()
            .view("w", "FloatStorage", "0", new byte[400], 4, 0, List.of(2L), List.of(99L))
            .zip();
    expectReadFailure(zip, "'w' spreads 2 elements over 100, expected at most 16 times as many");
  }

  /** Before memory is taken for what the pickle says. */
  @Test
  void tensorsOfMoreThanTheFileHoldsHaveNoType() throws IOException {
    List<Long> size = List.of(1L << 17, 1L << 17);
    byte[] repeated =
        new TorchFile()
            .view("w", "FloatStorage", "0", new byte[4], 4, 0, size, List.of(0L, 0L))
            .zip();
    expectTypeFailure(
        repeated, "'w' has 17179869184 elements out of 1, expected at most 16 times as many");
    TorchFile file = new TorchFile().floats("w", List.of(6L), 1, 2, 3, 4, 5, 6);
    Map<String, byte[]> cut = file.zipEntries();
    cut.put("archive/data/0", new byte[4]);
    expectTypeFailure(
        TorchFile.zip(cut, false), "'archive/data/0' has 4 bytes, expected 6 elements of 4 bytes");
  }

  @Test
  void brokenOldFilesEndInOneLine() throws IOException {
    byte[] good = new TorchFile().floats("w", List.of(2L), 1, 2).legacy();
    expectOpenFailure(Arrays.copyOf(good, good.length - 1), "has 2 elements in 15 bytes");
    expectOpenFailure(Arrays.copyOf(good, good.length - 12), "cut short?");
    expectOpenFailure(Arrays.copyOf(good, good.length + 1), "storages end at byte");
    byte[] lengthLies = good.clone();
    lengthLies[good.length - 16] = 3;
    expectOpenFailure(lengthLies, "has 3 elements in 16 bytes, expected 2");
    byte[] hugeLength = good.clone();
    hugeLength[good.length - 9] = 0x7F;
    expectOpenFailure(hugeLength, "expected 2");
    byte[] bigEndian = good.clone();
    byte[] start = TorchFile.legacyStart(false);
    System.arraycopy(start, 0, bigEndian, 0, start.length);
    expectOpenFailure(bigEndian, "big-endian");
    expectOpenFailure(
        legacyWithKeys(new PickleWriter().code(']').text("9").code('a')),
        "storage '9' is listed but used by no tensor");
    expectOpenFailure(
        legacyWithKeys(new PickleWriter().code(']').number(1).code('a')),
        "storage the number 1 is listed");
    expectOpenFailure(legacyWithKeys(new PickleWriter().code('N')), "no list of storages");
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      Path file = Files.write(directory.resolve("cut.bin"), cut);
      assertThatThrownBy(() -> PyTorchCheckpoint.open(file).close())
          .isInstanceOf(FileException.class);
    }
  }

  /** No single changed byte may lead to anything but tensors or one clear line. */
  @Test
  void anyFlippedByteEndsInTensorsOrOneLine() throws IOException {
    TorchFile file = new TorchFile().floats("w", List.of(2L), 1, 2);
    for (byte[] good : List.of(file.zip(), file.legacy())) {
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) 0x81;
        try (PyTorchCheckpoint read = open(bad)) {
          for (String name : read.names()) {
            floats(read, name);
          }
        } catch (FileException e) {
          assertThat(e.getMessage()).doesNotContain("\n").startsWith(directory.toString());
        }
      }
    }
  }

  private static TorchFile example() {
    byte[] matrix = TorchFile.bytes(1, 2, 3, 4, 5, 6);
    return WeightFiles.pytorch()
        .view(
            "brain",
            "BFloat16Storage",
            "2",
            TorchFile.shorts(0x3F80, 0xC000),
            2,
            0,
            List.of(2L),
            List.of(1L))
        .view("row", "FloatStorage", "0", matrix, 4, 3, List.of(3L), List.of(1L))
        .view("spread", "FloatStorage", "0", matrix, 4, 1, List.of(2L, 2L), List.of(0L, 1L))
        .view("none", "FloatStorage", "0", matrix, 4, 0, List.of(0L, 7L), List.of(7L, 1L))
        .view("ids", "LongStorage", "3", new byte[8], 8, 0, List.of(1L), List.of(1L));
  }

  private static byte[] withPickle(byte[] pickle) {
    Map<String, byte[]> files = example().zipEntries();
    files.put("archive/data.pkl", pickle);
    return TorchFile.zip(files, false);
  }

  private static byte[] legacyWithKeys(PickleWriter keys) {
    byte[] start = TorchFile.legacyStart(true);
    byte[] tensors = new PickleWriter().stateDict(List.of(), true).stop();
    byte[] end = keys.stop();
    return ByteBuffer.allocate(start.length + tensors.length + end.length)
        .put(start)
        .put(tensors)
        .put(end)
        .array();
  }

  /** Changes the unpacked size in the central directory and in the data descriptor. */
  private static byte[] declareSize(byte[] zip, String entry, int size) {
    byte[] changed = zip.clone();
    ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    byte[] name = entry.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i + 46 + name.length <= zip.length; i++) {
      boolean here =
          bytes.getInt(i) == 0x02014b50
              && Arrays.equals(zip, i + 46, i + 46 + name.length, name, 0, name.length);
      if (here) {
        bytes.putInt(i + 24, size);
        return changed;
      }
    }
    throw new IllegalArgumentException(entry);
  }

  private PyTorchCheckpoint open(byte[] content) throws IOException {
    return PyTorchCheckpoint.open(Files.write(directory.resolve("model.bin"), content));
  }

  private static float[] floats(PyTorchCheckpoint from, String name) {
    float[] values = new float[Math.toIntExact(from.shape(name).size())];
    from.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  private void expectOpenFailure(byte[] content, String expected) throws IOException {
    assertThatThrownBy(() -> open(content).close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.toString())
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }

  private void expectTypeFailure(byte[] content, String expected) throws IOException {
    try (PyTorchCheckpoint read = open(content)) {
      assertThatThrownBy(() -> read.dtype("w"))
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(directory.toString())
          .hasMessageContaining(expected);
    }
  }

  private void expectReadFailure(byte[] content, String expected) throws IOException {
    try (PyTorchCheckpoint read = open(content)) {
      assertThatThrownBy(() -> floats(read, "w"))
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(directory.toString())
          .hasMessageContaining(expected)
          .message()
          .doesNotContain("\n");
    }
  }
}
