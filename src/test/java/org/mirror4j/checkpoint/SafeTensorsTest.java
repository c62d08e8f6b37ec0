package org.mirror4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class SafeTensorsTest {
  @TempDir Path directory;

  @Test
  void theSameBitsComeBack() throws IOException {
    float[] awkward = {0f, -0f, 1f, Float.MIN_VALUE, Float.MAX_VALUE, 1e-40f, -3.5f};
    int nanWithPayload = 0x7FC01234;
    MemorySegment values = floats(awkward);
    values.setAtIndex(ValueLayout.JAVA_INT, 2, nanWithPayload);
    Path file =
        write(
            Map.of("format", "pt"),
            List.of(
                new TensorEntry("z", DType.F32, Shape.of(7), values),
                new TensorEntry("empty", DType.F32, Shape.of(3, 0), floats()),
                new TensorEntry("scalar", DType.F32, Shape.of(), floats(4f)),
                new TensorEntry(
                    "ids",
                    DType.I64,
                    Shape.of(2),
                    MemorySegment.ofArray(new long[] {Long.MIN_VALUE, 7})),
                new TensorEntry(
                    "counts", DType.I32, Shape.of(1), MemorySegment.ofArray(new int[] {-5}))));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertThat(read.names()).containsExactly("z", "empty", "scalar", "ids", "counts");
      assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(read.shape("empty")).isEqualTo(Shape.of(3, 0));
      assertThat(read.shape("scalar")).isEqualTo(Shape.of());
      assertThat(read.dtype("ids")).isEqualTo(DType.I64);
      MemorySegment back = MemorySegment.ofArray(new float[7]);
      read.readFloats("z", back);
      assertThat(back.mismatch(values)).isEqualTo(-1);
      read.readFloats("empty", MemorySegment.ofArray(new float[0]));
      ByteBuffer ids = ByteBuffer.wrap(read.data("ids")).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(ids.getLong(0)).isEqualTo(Long.MIN_VALUE);
      assertThatThrownBy(() -> read.readFloats("ids", MemorySegment.ofArray(new float[2])))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("'ids' has elements I64");
      assertThatThrownBy(() -> read.readFloats("z", MemorySegment.ofArray(new float[6])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("needs 28 bytes, was given 24");
      assertThatThrownBy(() -> read.shape("y"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("no tensor 'y'");
    }
  }

  @Test
  void bytesAreTheFormatAndRepeat() throws IOException {
    List<TensorEntry> entries =
        List.of(
            new TensorEntry("b", DType.F16, Shape.of(1), floats(1f)),
            new TensorEntry("a", DType.F32, Shape.of(1, 1), floats(1f)));
    byte[] bytes = Files.readAllBytes(write(Map.of(), entries));
    String header =
        "{\"b\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[2,6]}}";
    String padded = header + " ".repeat(Math.ceilDiv(header.length(), 8) * 8 - header.length());
    assertThat(bytes)
        .isEqualTo(
            concatenate(
                littleEndian(padded.length()),
                padded.getBytes(StandardCharsets.UTF_8),
                new byte[] {0x00, 0x3C, 0, 0, (byte) 0x80, 0x3F}));
    assertThat(Files.readAllBytes(write(Map.of(), entries))).isEqualTo(bytes);
    // f32 after one f16 lies at an odd place; it is read all the same.
    try (SafeTensors read = SafeTensors.open(write(Map.of(), entries))) {
      MemorySegment one = MemorySegment.ofArray(new float[1]);
      read.readFloats("a", one);
      assertThat(one.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(1f);
    }
  }

  @Test
  void tensorsLargerThanTheBufferAreWrittenWhole() throws IOException {
    int count = (1 << 19) + 3; // three elements of f16 past a buffer of 2^20 bytes
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % 2048; // integers up to 2048 are exact in f16
    }
    for (DType dtype : new DType[] {DType.F32, DType.F16}) {
      Path file =
          write(Map.of(), List.of(new TensorEntry("x", dtype, Shape.of(count), floats(values))));
      try (SafeTensors read = SafeTensors.open(file)) {
        float[] back = new float[count];
        read.readFloats("x", MemorySegment.ofArray(back));
        assertThat(back).isEqualTo(values);
      }
    }
  }

  @Test
  void writerRefusesWhatItCannotStore() {
    assertThatThrownBy(() -> new TensorEntry("x", DType.F16, Shape.of(2), floats(1f)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected values of 8 bytes, found 4");
    TensorEntry x = new TensorEntry("x", DType.F32, Shape.of(1), floats(1f));
    assertThatThrownBy(() -> write(Map.of(), List.of(x, x)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'x' is reserved or used twice");
    TensorEntry reserved = new TensorEntry("__metadata__", DType.F32, Shape.of(1), floats(1f));
    assertThatThrownBy(() -> write(Map.of(), List.of(reserved)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Each line: a header, and what the message must say. The data part is 8 bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          [1]                                                             | does not start with '{'
          {"a":                                                           | not valid JSON
          {} x                                                            | not valid JSON
          {"a":1}                                                         | 'a' is malformed
          {"a":{"dtype":"F32","shape":[2]}}                               | 'a' is malformed
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}        | 'a' is malformed
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}    | 'a' has 'x'
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}          | ascending pair
          {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}         | within the 8 data bytes
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}         | is -8, expected an integer
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}}        | is 8.0, expected an integer
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}} | expected an integer
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}          | F32[3] in 8 bytes, expected 12
          {"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}          | F4[15] in 8 bytes
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}         | dimension 0 is -2
          {"a":{"dtype":"F32","shape":[4294967298],"data_offsets":[0,8]}} | dimension 0 is 4294967298
          {"a":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,8]}} | more elements than fit
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}          | trailing bytes
          {}                                                              | trailing bytes
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}          | there is a hole before it
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | 'b' begins at byte 4, expected 8: it overlaps
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | not valid JSON: Duplicate
          {"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | __metadata__ is JSON ARRAY
          {"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | __metadata__ 'k' is JSON NUMBER
          """)
  void hostileHeadersEndInOneLine(String header, String expected) throws IOException {
    Path file = file(header, new byte[8]);
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void hostileLengthsEndInOneLine() throws IOException {
    expectFailure(new byte[7], "7 bytes, expected a safetensors file of 8 or more");
    expectFailure(new byte[8], "header does not start with '{'");
    expectFailure(
        concatenate(littleEndian(3), "{}".getBytes(StandardCharsets.UTF_8)),
        "header length is 3, expected at most 2");
    expectFailure(
        concatenate(littleEndian(-1), new byte[9]), "header length is 18446744073709551615");
    expectFailure(concatenate(littleEndian(Long.MAX_VALUE), new byte[9]), "expected at most 9");
    assertThatThrownBy(() -> SafeTensors.open(directory.resolve("absent")).close())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> SafeTensors.open(directory).close())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void aHeaderOverTheLimitIsRefusedThoughTheFileIsLongEnough() throws IOException {
    Path file = directory.resolve("sparse");
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(littleEndian(SafeTensors.MAX_HEADER_BYTES + 1)));
      channel.write(ByteBuffer.allocate(1), SafeTensors.MAX_HEADER_BYTES + 100); // a sparse file
    }
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("header length is 100000001, expected at most 100000000");
  }

  @Test
  void deepJsonAndLineBreaksInNamesEndInOneLine() throws IOException {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    expectFailure(
        concatenate(littleEndian(deep.length()), deep.getBytes(StandardCharsets.UTF_8)), "nesting");
    String lines = "{\"a\\nb\\u2028" + "x".repeat(1000) + "\":1}";
    Path file = file(lines, new byte[0]);
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(FileException.class)
        .hasMessageContaining("'a?b?xxx")
        .message()
        .hasSizeLessThan(400)
        .doesNotContain("\n");
  }

  @Test
  void typesThatAreNotUnderstoodFailOnlyWhenRead() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F8_NEW\",\"shape\":[9],\"data_offsets\":[4,8]}}";
    try (SafeTensors read = SafeTensors.open(file(header, new byte[8]))) {
      assertThat(read.shape("a")).isEqualTo(Shape.of(4));
      assertThatThrownBy(() -> read.dtype("a"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining(
              "'a' has elements 'BOOL', expected F32, F16, BF16, F64, I32 or I64");
      assertThatThrownBy(() -> read.readFloats("b", MemorySegment.ofArray(new float[9])))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("'b' has elements 'F8_NEW'");
    }
  }

  @Test
  void headerOrderNeedNotBeTheOrderOfTheData() throws IOException {
    String header =
        "{\"second\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[4,8]},"
            + "\"empty\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},"
            + "\"first\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}   ";
    try (SafeTensors read = SafeTensors.open(file(header, new byte[] {1, 0, 0, 0, 2, 0, 0, 0}))) {
      assertThat(read.data("second")).startsWith(2);
    }
  }

  @Test
  void shardsReadAsOne() throws IOException {
    shard("m-1.safetensors", "a", 1f);
    shard("m-2.safetensors", "b", 2f);
    Path index = index("{\"b\":\"m-2.safetensors\",\"a\":\"m-1.safetensors\"}");
    try (SafeTensors read = SafeTensors.openSharded(index)) {
      assertThat(read.names()).containsExactly("b", "a");
      MemorySegment value = MemorySegment.ofArray(new float[1]);
      read.readFloats("b", value);
      assertThat(value.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(2f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"a":"../m-1.safetensors"}                         | is in "../m-1.safetensors", expected the plain name
          {"a":"/etc/passwd"}                                | expected the plain name
          {"a":".."}                                         | expected the plain name
          {"a":"x\\\\m-1.safetensors"}                       | expected the plain name
          {"a":7}                                            | expected the plain name
          {"a":"absent.safetensors"}                         | absent.safetensors: no such file
          {"c":"m-1.safetensors"}                            | no tensor 'c', though model.safetensors.index.json places it there
          {"a":"m-1.safetensors","b":"m-1.safetensors"}      | no tensor 'b'
          {"a":"m-1.safetensors","a":"m-2.safetensors"}      | Duplicate
          {"a":"m-3.safetensors"}                            | holds tensor 'b'
          [3]                                                | no object 'weight_map'
          """)
  void hostileIndicesEndInOneLine(String weightMap, String expected) throws IOException {
    shard("m-1.safetensors", "a", 1f);
    TensorEntry a = new TensorEntry("a", DType.F32, Shape.of(1), floats(1f));
    TensorEntry b = new TensorEntry("b", DType.F32, Shape.of(1), floats(1f));
    Files.move(write(Map.of(), List.of(a, b)), directory.resolve("m-3.safetensors"));
    Path index = index(weightMap);
    assertThatThrownBy(() -> SafeTensors.openSharded(index).close())
        .isInstanceOf(FileException.class)
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }

  private void expectFailure(byte[] content, String expected) throws IOException {
    Path file = Files.write(directory.resolve("hostile"), content);
    assertThatThrownBy(() -> SafeTensors.open(file).close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(expected);
  }

  private Path index(String weightMap) throws IOException {
    return Files.writeString(
        directory.resolve("model.safetensors.index.json"), "{\"weight_map\":" + weightMap + "}");
  }

  private void shard(String file, String tensor, float value) throws IOException {
    TensorEntry entry = new TensorEntry(tensor, DType.F32, Shape.of(1), floats(value));
    Files.move(write(Map.of("format", "pt"), List.of(entry)), directory.resolve(file));
  }

  private Path write(Map<String, String> metadata, List<TensorEntry> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SafeTensorsWriter.write(Channels.newChannel(bytes), metadata, entries);
    return Files.write(directory.resolve("written.safetensors"), bytes.toByteArray());
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return Files.write(
        directory.resolve("made.safetensors"), concatenate(littleEndian(json.length), json, data));
  }

  private static MemorySegment floats(float... values) {
    MemorySegment segment = Arena.ofAuto().allocate(4L * values.length, 4);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return segment;
  }

  private static byte[] littleEndian(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static byte[] concatenate(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
