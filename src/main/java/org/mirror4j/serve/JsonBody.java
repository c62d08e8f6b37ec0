package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.file.FileException;

/**
 * The JSON object of a request, read a field at a time as its bytes come: no tree is made, so that
 * what a client sends takes no more memory than its texts do. What is no JSON, or goes beyond the
 * limits, is a {@link Refusal}.
 */
final class JsonBody {
  /** Deepest nesting of a field that is passed over. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_NAME = 256;

  /** Digits of a number, also of one that is passed over. */
  private static final int MAX_NUMBER = 1_000;

  /** Brackets, names and values beside the texts. */
  private static final int MORE_TOKENS = 10_000;

  private static final String TOKEN_IDS =
      "'%s' holds token ids, which are of another model's vocabulary, expected text";

  private final JsonParser parser;
  private final Limits limits;
  private boolean begun;

  private JsonBody(JsonParser parser, Limits limits) {
    this.parser = parser;
    this.limits = limits;
  }

  /** What makes parsers that keep to limits. */
  static JsonFactory factory(Limits limits) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxNameLength(MAX_NAME)
                .maxNumberLength(MAX_NUMBER)
                .maxStringLength(limits.bodyBytes())
                .maxTokenCount(limits.texts() + MORE_TOKENS)
                .build())
        .build();
  }

  /** Takes the fields of the one object in a stream. */
  @FunctionalInterface
  interface Fields<R> {
    R read(JsonBody body) throws IOException;
  }

  /**
   * Reads a stream to its end, and leaves it open.
   *
   * @param factory made with the same limits
   * @throws Refusal if it is not one object of JSON
   * @throws IOException if the stream fails
   */
  static <R> R read(JsonFactory factory, Limits limits, InputStream in, Fields<R> fields)
      throws IOException {
    try (JsonParser parser = factory.createParser(in)) {
      JsonBody body = new JsonBody(parser, limits);
      R result = fields.read(body);
      if (parser.nextToken() != null) {
        throw new Refusal(Refusal.Kind.MALFORMED, "not valid JSON: more follows the first value");
      }
      return result;
    } catch (JsonProcessingException | CharConversionException e) {
      throw new Refusal(Refusal.Kind.MALFORMED, message(e));
    }
  }

  private static String message(IOException failure) {
    return switch (failure) {
      case StreamConstraintsException e ->
          "JSON beyond what is read: nesting of %d, names of %d characters, numbers of %,d digits, %,d values beside texts"
              .formatted(MAX_DEPTH, MAX_NAME, MAX_NUMBER, MORE_TOKENS);
      case JsonProcessingException e ->
          "not valid JSON: %s (line %d, column %d)"
              .formatted(
                  FileException.clean(
                      e.getOriginalMessage().replaceAll("\\s*\\[Source: .*?\\]", "")),
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr());
      default -> "not valid JSON: not UTF-8 text";
    };
  }

  /** The name of the next field, whose value is to be read or passed over; null after the last. */
  String next() throws IOException {
    if (!begun) {
      begun = true;
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new Refusal(Refusal.Kind.MALFORMED, "the body is empty, expected a JSON object");
      }
      if (first != JsonToken.START_OBJECT) {
        throw new Refusal(
            Refusal.Kind.WRONG, "the body is %s, expected a JSON object".formatted(found(first)));
      }
    }
    if (parser.nextToken() == JsonToken.END_OBJECT) {
      return null;
    }
    String name = parser.currentName();
    parser.nextToken();
    return name;
  }

  /** Passes over a value. */
  void skip() throws IOException {
    parser.skipChildren();
  }

  /** Whether the value is null, which asks for nothing. */
  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** A text, or an array of them. */
  List<String> texts() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return List.of(parser.getText());
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("a string or an array of strings");
    }
    String name = parser.currentName();
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonToken token = parser.currentToken();
      // One list of ids, or one for each text.
      JsonToken first = token == JsonToken.START_ARRAY ? parser.nextToken() : token;
      if (first == JsonToken.VALUE_NUMBER_INT) {
        throw new Refusal(Refusal.Kind.WRONG, name, TOKEN_IDS.formatted(name));
      }
      if (token != JsonToken.VALUE_STRING) {
        throw new Refusal(
            Refusal.Kind.WRONG,
            name,
            "'%s' holds %s at %d, expected strings".formatted(name, found(token), texts.size()));
      }
      if (texts.size() == limits.texts()) {
        throw new Refusal(
            Refusal.Kind.TOO_MANY,
            name,
            "'%s' holds more than %,d texts, expected at most as many"
                .formatted(name, limits.texts()));
      }
      texts.add(parser.getText());
    }
    return texts;
  }

  boolean truth() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong("true or false");
    };
  }

  String string() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong("a string");
    }
    return parser.getText();
  }

  /** An integer within bounds. */
  int integer(int least, int most) throws IOException {
    String expected = "an integer from %d to %d".formatted(least, most);
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(expected);
    }
    String digits = parser.getText();
    // What is longer has too many digits for an int, or as many zeros as no client writes.
    if (digits.length() > 9 || parser.getIntValue() < least || parser.getIntValue() > most) {
      throw new Refusal(
          Refusal.Kind.WRONG,
          parser.currentName(),
          "'%s' is %s, expected %s"
              .formatted(parser.currentName(), FileException.clean(digits), expected));
    }
    return parser.getIntValue();
  }

  private Refusal wrong(String expected) throws IOException {
    return new Refusal(
        Refusal.Kind.WRONG,
        parser.currentName(),
        "'%s' is %s, expected %s"
            .formatted(
                FileException.clean(parser.currentName()), found(parser.currentToken()), expected));
  }

  private static String found(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "an array";
      case START_OBJECT -> "an object";
      case VALUE_STRING -> "a string";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      default -> "a number";
    };
  }
}
