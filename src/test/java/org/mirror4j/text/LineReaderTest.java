package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.file.FileException;

class LineReaderTest {
  @TempDir Path folder;

  @Test
  void endsLinesAtEveryKindOfLineEnd() throws Exception {
    assertThat(lines("a\nb\r\nc\rd\r\r\n\n e \u2028\u0085\u000b\f\n"))
        .containsExactly("a", "b", "c", "d", "", "", " e \u2028\u0085\u000b\f");
    assertThat(lines("a\nlast")).containsExactly("a", "last");
    assertThat(lines("\n")).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(ints = {65_533, 65_534, 65_535, 65_536, 65_537})
  void seesLineEndsAndCharactersAcrossReads(int length) throws Exception {
    String first = "x".repeat(length);
    assertThat(lines(first + "\r\ny\n")).containsExactly(first, "y");
    assertThat(lines(first + "\ry\n")).containsExactly(first, "y");
    assertThat(lines(first + "\r")).containsExactly(first);
    assertThat(lines(first + "😀\ny")).containsExactly(first + "😀", "y");
  }

  @Test
  void unpacksGzipOfSeveralMembersAndHashesTheFile() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(gzip("one\ntwo\nth"));
    bytes.write(gzip("ree\n"));
    Path file = write(bytes.toByteArray());
    try (LineReader reader = new LineReader(List.of(file), 100)) {
      assertThat(drain(reader)).containsExactly("one", "two", "three");
      assertThat(reader.sha256())
          .isEqualTo(
              HexFormat.of()
                  .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray())));
    }
  }

  @Test
  void reportsABrokenGzipFile() throws Exception {
    byte[] whole = gzip("text that is long enough to be broken in the middle\n".repeat(50));
    Path file = write(Arrays.copyOf(whole, whole.length / 2));
    try (LineReader reader = new LineReader(List.of(file), 100)) {
      assertThatThrownBy(() -> drain(reader))
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith("cannot read " + file);
    }
  }

  @Test
  void replacesAndCountsWhatIsNotUtf8() throws Exception {
    // A lone continuation byte, an overlong encoding, half a character at the end of the line.
    byte[] bytes = HexFormat.of().parseHex("6f6b0a" + "6180620a" + "c0af0a" + "61e2820a");
    Path file = write(bytes);
    try (LineReader reader = new LineReader(List.of(file), 100)) {
      assertThat(reader.next()).isEqualTo("ok");
      assertThat(reader.invalidLines()).isZero();
      assertThat(reader.next()).isEqualTo("a\uFFFDb");
      assertThat(reader.next()).isEqualTo("\uFFFD\uFFFD");
      assertThat(reader.next()).isEqualTo("a\uFFFD");
      assertThat(reader.next()).isNull();
      assertThat(reader.invalidLines()).isEqualTo(3);
      assertThat(reader.firstInvalidLine()).isEqualTo(2);
    }
  }

  /** Among them a script without zero bytes, a pair of surrogates, and a line end across reads. */
  static Stream<Arguments> wideTexts() {
    List<String> texts =
        List.of(
            "a cat\r\na dog\n",
            "старый новый\nздоровый больной\n",
            "一只猫在桌子上\n一条狗\n",
            "😀 é\n\nlast",
            "x".repeat(40_000) + "\n" + "猫".repeat(40_000));
    return Stream.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)
        .flatMap(charset -> texts.stream().map(text -> Arguments.of(charset, text)));
  }

  @ParameterizedTest
  @MethodSource("wideTexts")
  void decodesUtf16AndTells(Charset charset, String text) throws Exception {
    List<String> expected = text.lines().toList();
    for (String mark : List.of("", "\uFEFF")) {
      Path file = write((mark + text).getBytes(charset));
      try (LineReader reader = new LineReader(List.of(file), 100_000)) {
        assertThat(drain(reader)).isEqualTo(expected);
        assertThat(reader.invalidLines()).isZero();
        assertThat(reader.notices())
            .containsExactly(file + " is " + charset + ", not UTF-8: decoded");
        assertThat(reader.sha256())
            .isEqualTo(
                HexFormat.of()
                    .formatHex(
                        MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
      }
    }
  }

  /** Half a surrogate pair before a letter and at the end, and half a code unit. */
  @Test
  void countsWhatIsNoUtf16() throws Exception {
    byte[] bytes =
        HexFormat.of().parseHex("fffe" + "3dd8" + "6100" + "0a00" + "3dd8" + "0a00" + "62");
    try (LineReader reader = new LineReader(List.of(write(bytes)), 100)) {
      assertThat(drain(reader)).containsExactly("\uFFFDa", "\uFFFD", "\uFFFD");
      assertThat(reader.invalidLines()).isEqualTo(3);
    }
  }

  @Test
  void tellsNothingOfUtf8() throws Exception {
    try (LineReader reader = new LineReader(List.of(write("\uFEFFa 猫\n")), 100)) {
      drain(reader);
      assertThat(reader.notices()).isEmpty();
    }
  }

  @Test
  void refusesMoreThanAFewLinesOfAnotherEncoding() throws Exception {
    byte[] latin = "caf\u00e9\n".repeat(11).getBytes(StandardCharsets.ISO_8859_1);
    Path file = write(concat("ok\n".getBytes(StandardCharsets.UTF_8), latin));
    try (LineReader reader = new LineReader(List.of(file), 100)) {
      assertThatThrownBy(() -> drain(reader))
          .isInstanceOf(TextException.class)
          .hasMessage(
              file
                  + ": more than 10 in 10,000 lines are not UTF-8, the first is line 2: convert it,"
                  + " as with iconv -f ENCODING -t UTF-8");
    }
  }

  /** Ten in each ten thousand are damage. */
  @Test
  void readsPastDamageInALongFile() throws Exception {
    byte[] damaged = "caf\u00e9\n".repeat(10).getBytes(StandardCharsets.ISO_8859_1);
    byte[] block = concat(damaged, "ok\n".repeat(9_990).getBytes(StandardCharsets.UTF_8));
    try (LineReader reader = new LineReader(List.of(write(concat(block, block))), 100)) {
      assertThat(drain(reader)).hasSize(20_000);
      assertThat(reader.invalidLines()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "504b030414000000, a zip archive",
    "89504e470d0a1a0a0000, a PNG picture",
    "fffe000061000000, UTF-32 text",
    "000102000304, a binary file (a zero byte at 0)",
    "61620063640a, a binary file (a zero byte at 2)"
  })
  void refusesBinaryFilesByName(String bytes, String what) throws Exception {
    Path file = write(HexFormat.of().parseHex(bytes));
    try (LineReader reader = new LineReader(List.of(file), 100)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(TextException.class)
          .hasMessage(file + " is " + what + ", expected lines of UTF-8 text");
    }
    // The same within gzip.
    Path zipped = folder.resolve("zipped");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(HexFormat.of().parseHex(bytes));
    }
    try (LineReader reader = new LineReader(List.of(zipped), 100)) {
      assertThatThrownBy(reader::next).hasMessageStartingWith(zipped + " is " + what);
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void keepsAReplacementCharacterThatIsThere() throws Exception {
    try (LineReader reader = new LineReader(List.of(write("a\uFFFDb\n")), 100)) {
      assertThat(drain(reader)).containsExactly("a\uFFFDb");
      assertThat(reader.invalidLines()).isZero();
    }
  }

  @Test
  void dropsOneByteOrderMarkAtTheStart() throws Exception {
    assertThat(lines("\uFEFFa\n\uFEFFb\n")).containsExactly("a", "\uFEFFb");
    assertThat(lines("\uFEFF\uFEFFa")).containsExactly("\uFEFFa");
    assertThat(lines("\uFEFF\na")).containsExactly("", "a");
  }

  @Test
  void cutsLongLinesBetweenCharacters() throws Exception {
    String text = "abcdefghij\n" + "😀".repeat(10) + "\n" + "é".repeat(11) + "\n" + "😀".repeat(99);
    try (LineReader reader = new LineReader(List.of(write(text)), 10)) {
      assertThat(drain(reader))
          .containsExactly("abcdefghij", "😀".repeat(10), "é".repeat(10), "😀".repeat(10));
      assertThat(reader.cutLines()).isEqualTo(2);
      assertThat(reader.invalidLines()).isZero();
    }
  }

  @Test
  void holdsOnlyTheKeptPartOfALine() throws Exception {
    Path file = write("x".repeat(5_000_000) + "\nshort");
    try (LineReader reader = new LineReader(List.of(file), 3)) {
      assertThat(drain(reader)).containsExactly("xxx", "sho");
      assertThat(reader.cutLines()).isEqualTo(2);
      assertThat(reader.lines()).isEqualTo(2);
    }
  }

  @Test
  void separatesFilesByAnEmptyLine() throws Exception {
    Path first = Files.writeString(folder.resolve("first"), "a\n\nb");
    Path second = Files.write(folder.resolve("second.gz"), gzip("\uFEFFc\n"));
    try (LineReader reader = new LineReader(List.of(first, second), 100)) {
      assertThatThrownBy(reader::sha256).isInstanceOf(IllegalStateException.class);
      assertThat(drain(reader)).containsExactly("a", "", "b", "", "c");
      assertThat(reader.lines()).isEqualTo(4);
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void namesFilesThatCannotBeRead() throws Exception {
    Path missing = folder.resolve("missing");
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(() -> new LineReader(List.of(missing), 9).close())
        .isInstanceOf(TextException.class)
        .hasMessage(missing + " does not exist");
    assertThatThrownBy(() -> new LineReader(List.of(folder), 9).close())
        .hasMessage(folder + " is a directory, expected a text file");
    assertThatThrownBy(() -> new LineReader(List.of(empty), 9).close())
        .hasMessage(empty + " is empty");
    assertThatThrownBy(() -> new LineReader(List.of(), 9).close()).hasMessage("no files to read");
  }

  private List<String> lines(String text) throws IOException {
    try (LineReader reader = new LineReader(List.of(write(text)), 1_000_000)) {
      return drain(reader);
    }
  }

  private static List<String> drain(LineReader reader) {
    List<String> lines = new ArrayList<>();
    for (String line = reader.next(); line != null; line = reader.next()) {
      lines.add(line);
    }
    return lines;
  }

  private Path write(String text) throws IOException {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("text"), bytes);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
