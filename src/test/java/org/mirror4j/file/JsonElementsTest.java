package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonElementsTest {
  @TempDir Path directory;

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("f.json"), content);
  }

  private static List<String> all(JsonElements elements) {
    List<String> all = new ArrayList<>();
    try (elements) {
      for (JsonNode element = elements.next(); element != null; element = elements.next()) {
        all.add(element.toString());
      }
      // It stays at the end.
      assertThat(elements.next()).isNull();
    }
    return all;
  }

  @Test
  void elementsOfAnArray() throws IOException {
    assertThat(all(JsonElements.of(file(" [ {\"a\":[1]}, 2, null, [], \"x\" ]\n"))))
        .containsExactly("{\"a\":[1]}", "2", "null", "[]", "\"x\"");
    assertThat(all(JsonElements.of(file("[]")))).isEmpty();
  }

  @Test
  void elementsUnderAKey() throws IOException {
    String json =
        "{\"version\": {\"data\": [9]}, \"a\": [[], {}], \"data\": [1, [2]], \"b\": {\"c\": 3}}";
    assertThat(all(JsonElements.of(file(json), "data"))).containsExactly("1", "[2]");
    assertThat(all(JsonElements.of(file("{\"data\": []}"), "data"))).isEmpty();
  }

  private Path gzip(String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return Files.write(directory.resolve("f.json.gz"), bytes.toByteArray());
  }

  @Test
  void packedFiles() throws IOException {
    Path packed = gzip("{\"data\": [1, 2]}");
    assertThat(all(JsonElements.of(packed, "data"))).containsExactly("1", "2");
    assertThat(JsonFiles.readPackedObject(packed).size()).isEqualTo(1);
    assertThat(JsonFiles.readPackedObject(file("{\"a\": 1}")).size()).isEqualTo(1);
    byte[] bytes = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(bytes, bytes.length - 12));
    for (Runnable reading :
        List.<Runnable>of(
            () -> all(JsonElements.of(packed, "data")), () -> JsonFiles.readPackedObject(packed))) {
      assertThatThrownBy(reading::run)
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(packed + ": cannot be read: ");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ~~                     | is empty, expected JSON
          {"a": 1}               | an object at the top, expected an array
          3                      | a number at the top, expected an array
          [1, 2                  | not valid JSON: Unexpected end-of-input
          [1] [2]                | not valid JSON: more follows the first value
          [1] x                  | not valid JSON: Unrecognized token
          [{"a": 1, "a": 2}]     | not valid JSON: Duplicate
          [1 2]                  | not valid JSON: Unexpected character
          """)
  void brokenArrays(String content, String expected) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> all(JsonElements.of(file)))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          [1]                    | an array at the top, expected an object with 'data'
          "x"                    | a string at the top, expected an object with 'data'
          {}                     | 'data' missing, expected an array
          {"a": {"data": [1]}}   | 'data' missing, expected an array
          {"data": null}         | null as data, expected an array
          {"data": {}}           | an object as data, expected an array
          {"data": true}         | a truth value as data, expected an array
          {"data": [1], "data": [2]} | not valid JSON: Duplicate
          {"data": [1]           | not valid JSON: Unexpected end-of-input
          {"a": [1               | not valid JSON: Unexpected end-of-input
          {"data": [1]} {}       | not valid JSON: more follows the first value
          """)
  void brokenObjects(String content, String expected) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> all(JsonElements.of(file, "data")))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": " + expected);
  }

  @Test
  void anAbsentFile() {
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> JsonElements.of(absent))
        .hasMessage(absent + ": no such file, expected a JSON file");
    assertThatThrownBy(() -> JsonFiles.readPackedObject(absent))
        .hasMessage(absent + ": no such file, expected a JSON file");
    assertThatThrownBy(() -> JsonFiles.readPackedObject(directory))
        .hasMessage(directory + ": is a directory, expected a JSON file");
    assertThatThrownBy(() -> JsonFiles.readPackedObject(Path.of("/dev/null")))
        .hasMessage("/dev/null: is a pipe or a device, expected a JSON file");
  }

  /** The limit is on an element and not on the file. */
  @Test
  void limits() throws IOException {
    String half = "[" + "1,".repeat(JsonFiles.MAX_TOKENS / 2 + 1) + "1]";
    assertThat(all(JsonElements.of(gzip("[" + half + "," + half + "]")))).hasSize(2);
    Path large = gzip("[[" + "1,".repeat(JsonFiles.MAX_TOKENS) + "1]]");
    assertThatThrownBy(() -> all(JsonElements.of(large)))
        .hasMessage(large + ": JSON beyond what is read: an element of more than 8000000 tokens");
    Path deep = file("[" + "[".repeat(64) + "]".repeat(65));
    assertThatThrownBy(() -> all(JsonElements.of(deep)))
        .hasMessageStartingWith(deep + ": JSON beyond what is read: at most nesting of 64");
  }
}
