package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.text.TokenizerGoldenTest.members;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tokens stand in their texts where transformers says, and two texts are put together and cut as it
 * does. Made by {@code weights-converter/golden/make_token_places.py}.
 */
class TokenPlacesGoldenTest {
  /**
   * Where transformers counts blanks that a token swallows: those beside added tokens with {@code
   * lstrip} or {@code rstrip}, the blank of the first word where one would be added, and those of
   * SentencePiece. Here they never count.
   */
  private static final Set<String> COUNT_BLANKS =
      Set.of(
          "decoder: strips",
          "mask with flags",
          "byte-level, space first",
          "configuration adds a space",
          "unigram");

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void agreesWithTransformers(String name, JsonNode directory, JsonNode golden) throws IOException {
    TokenizerGoldenTest.write(directory, folder);
    List<String> texts = members(golden.path("texts")).map(JsonNode::textValue).toList();
    boolean countsBlanks = COUNT_BLANKS.contains(name);
    int trimmed = 0;
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        JsonNode expected = golden.path("single").path(i);
        TokenizedText encoded = tokenizer.encodeText(text, 512);
        assertThat(encoded.ids()).as(text).isEqualTo(ints(expected.path("ids")));
        assertThat(encoded.typeIds()).containsOnly(0);
        int[] ofText = encoded.texts();
        assertThat(places(encoded))
            .as(text)
            .isEqualTo(expectedPlaces(tokenizer, expected, ofText, countsBlanks, text));
        if (countsBlanks) {
          int[] asWritten = expectedPlaces(tokenizer, expected, ofText, false, text);
          trimmed += Arrays.equals(places(encoded), asWritten) ? 0 : 1;
        }
      }
      assertThat(trimmed > 0).as("counts blanks").isEqualTo(countsBlanks);
      for (JsonNode pair : golden.path("pairs")) {
        checkPair(tokenizer, pair, texts, countsBlanks);
      }
    }
  }

  private static void checkPair(
      Tokenizer tokenizer, JsonNode pair, List<String> texts, boolean countsBlanks) {
    String first = texts.get(pair.path("first").intValue());
    String second = texts.get(pair.path("second").intValue());
    int maxLength = pair.path("max_length").intValue();
    String as = "%s | %s, %d".formatted(first, second, maxLength);
    TokenizedText encoded = tokenizer.encodePair(first, second, maxLength);
    assertThat(encoded.ids()).as(as).isEqualTo(ints(pair.path("ids")));
    assertThat(encoded.typeIds()).as(as).isEqualTo(ints(pair.path("types")));
    assertThat(encoded.texts()).as(as).isEqualTo(ints(pair.path("texts")));
    assertThat(places(encoded))
        .as(as)
        .isEqualTo(expectedPlaces(tokenizer, pair, encoded.texts(), countsBlanks, first, second));
  }

  /** Start and end of each token, in UTF-16 units. */
  private static int[] expectedPlaces(
      Tokenizer tokenizer,
      JsonNode golden,
      int[] textOfToken,
      boolean countsBlanks,
      String... texts) {
    int[] places = ints(golden.path("places"));
    int[] ids = ints(golden.path("ids"));
    for (int token = 0; token < textOfToken.length; token++) {
      String text = textOfToken[token] < 0 ? "" : texts[textOfToken[token]];
      int start = text.offsetByCodePoints(0, places[2 * token]);
      int end = text.offsetByCodePoints(0, places[2 * token + 1]);
      if (countsBlanks && tokenizer.token(ids[token]).matches("[\u0120\u2581]+")) {
        start = text.substring(start, end).isBlank() ? end : start;
        end = start;
      } else if (countsBlanks) {
        start = end - text.substring(start, end).stripLeading().length();
        end = start + text.substring(start, end).stripTrailing().length();
      }
      places[2 * token] = start;
      places[2 * token + 1] = end;
    }
    return places;
  }

  private static int[] places(TokenizedText encoded) {
    return IntStream.range(0, encoded.length())
        .flatMap(i -> IntStream.of(encoded.starts()[i], encoded.ends()[i]))
        .toArray();
  }

  private static int[] ints(JsonNode list) {
    return members(list).mapToInt(JsonNode::intValue).toArray();
  }

  static Stream<Arguments> cases() throws IOException {
    Map<String, JsonNode> directories = new HashMap<>();
    TokenizerGoldenTest.cases()
        .forEach(known -> directories.put((String) known.get()[0], (JsonNode) known.get()[1]));
    return members(TokenizerGoldenTest.read("token-places.json").path("cases"))
        .map(
            made -> {
              String name = made.path("name").textValue();
              return Arguments.of(name, directories.getOrDefault(name, made.path("files")), made);
            });
  }
}
