package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Directories of many makes give the ids that transformers gave for them, read and written again.
 * Made by {@code weights-converter/golden/make_tokenizers.py}.
 */
class TokenizerGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_LENGTH = 64;

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesTheIdsOfTransformers(String name, JsonNode directory, JsonNode golden)
      throws IOException {
    Path read = Files.createDirectory(folder.resolve("read"));
    write(directory, read);
    Path written = Files.createDirectory(folder.resolve("written"));
    try (Tokenizer tokenizer = Tokenizer.open(read)) {
      check(tokenizer, golden);
      tokenizer.save(written);
    }
    try (Tokenizer again = Tokenizer.open(written)) {
      check(again, golden);
    }
    // What slow tokenizers read.
    if (Files.exists(written.resolve("vocab.txt")) || Files.exists(written.resolve("merges.txt"))) {
      Files.delete(written.resolve("tokenizer.json"));
      try (Tokenizer again = Tokenizer.open(written)) {
        check(again, golden);
      }
    }
  }

  /** Writes the files of a directory. */
  static void write(JsonNode directory, Path folder) throws IOException {
    for (Map.Entry<String, JsonNode> file : directory.properties()) {
      JsonNode content = file.getValue();
      Files.writeString(
          folder.resolve(file.getKey()),
          content.isTextual() ? content.textValue() : content.toString());
    }
  }

  private static void check(Tokenizer tokenizer, JsonNode golden) {
    List<String> texts = members(golden.path("texts")).map(JsonNode::textValue).toList();
    int[][] together = tokenizer.encodeAll(texts, MAX_LENGTH);
    for (int i = 0; i < texts.size(); i++) {
      int[] expected = members(golden.path("ids").path(i)).mapToInt(JsonNode::intValue).toArray();
      assertThat(tokenizer.encode(texts.get(i), MAX_LENGTH))
          .as("'%s'", texts.get(i))
          .containsExactly(expected);
      assertThat(together[i]).containsExactly(expected);
      assertThat(tokenizer.encodePieces(texts.get(i)))
          .containsExactly(IntStream.of(expected).skip(1).limit(expected.length - 2).toArray());
    }
  }

  /** Name of each case, files of its directory and all that is said of it. */
  static Stream<Arguments> cases() throws IOException {
    JsonNode golden = read("tokenizers.json");
    JsonNode shared = golden.path("files");
    return members(golden.path("cases"))
        .map(
            made -> {
              ObjectNode directory = JSON.createObjectNode();
              made.path("files")
                  .properties()
                  .forEach(
                      file ->
                          directory.set(
                              file.getKey(),
                              shared.has(file.getValue().asText())
                                  ? shared.get(file.getValue().asText())
                                  : file.getValue()));
              return Arguments.of(made.path("name").asText(), directory, made);
            });
  }

  /** What one of the scripts has made. */
  static JsonNode read(String file) throws IOException {
    try (InputStream resource = TokenizerGoldenTest.class.getResourceAsStream("/golden/" + file)) {
      return JSON.readTree(resource);
    }
  }

  static Stream<JsonNode> members(JsonNode list) {
    return IntStream.range(0, list.size()).mapToObj(list::get);
  }
}
