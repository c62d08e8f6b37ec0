package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFilesTest {
  @TempDir Path directory;

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("f.json"), content);
  }

  /** One line in words: the library's own name its classes and settings. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "",
      textBlock =
          """
          ~~            | is empty, expected JSON
          {"a":1} {}    | not valid JSON: more follows the first value (line 1, column 9)
          {"a":[1,      | not valid JSON: Unexpected end-of-input
          {"a":1,"a":2} | not valid JSON: Duplicate
          nul           | not valid JSON: Unrecognized token 'nul'
          [1]           | JSON ARRAY at the top, expected an object
          """)
  void brokenFilesEndInWords(String content, String expected) throws IOException {
    Path file = file((content == null ? "" : content).getBytes());
    expect(file, expected);
  }

  @Test
  void bytesThatAreNoText() throws IOException {
    expect(file(new byte[] {'{', '"', (byte) 0xFF, '"'}), "not valid JSON: ");
    expect(file(new byte[] {0, 0, 0, 1, 0, 0}), "not valid JSON: ");
  }

  @Test
  void whatGoesBeyondTheLimits() throws IOException {
    String most =
        "JSON beyond what is read: at most nesting of 64, 8000000 tokens, numbers of 100 digits,"
            + " keys of 50000 and texts of 16777216 characters";
    expect(file(("[".repeat(65) + "]".repeat(65)).getBytes()), most);
    expect(file(("{\"a\":" + "9".repeat(101) + "}").getBytes()), most);
    expect(file(("{\"" + "k".repeat(50_001) + "\":1}").getBytes()), most);
    expect(file(("{\"a\":[" + "1,".repeat(8_000_000) + "1]}").getBytes()), most);
    assertThat(JsonFiles.readObject(file(("{\"a\":" + "9".repeat(100) + "}").getBytes())).size())
        .isEqualTo(1);
  }

  private static void expect(Path file, String expected) {
    assertThatThrownBy(() -> JsonFiles.readObject(file))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n", "fasterxml", "StreamRead", "Feature", "Constraints")
        .hasSizeLessThan(file.toString().length() + 250);
  }
}
