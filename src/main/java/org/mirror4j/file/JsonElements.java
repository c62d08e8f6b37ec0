package org.mirror4j.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * The elements of an array in a JSON file, one at a time, so that memory grows with the largest
 * element and not with the file. The file may be gzipped. The array is all of the file, or stands
 * under a key of the one object in it, whose other keys are passed over. As strict as {@link
 * JsonFiles}, whose limits hold for each element.
 */
public final class JsonElements implements AutoCloseable {
  private static final JsonFactory FACTORY = JsonFiles.factory(false);

  private static final ObjectReader READER =
      JsonFiles.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path file;

  /** Of the array; null where the array is the file. */
  private final String key;

  private final InputStream in;
  private final CountingParser parser;
  private boolean begun;
  private boolean ended;

  /** Counts tokens, which the parser itself could only do over the whole file. */
  private static final class CountingParser extends JsonParserDelegate {
    private final Path file;
    private int tokens;

    CountingParser(JsonParser parser, Path file) {
      super(parser);
      this.file = file;
    }

    @Override
    public JsonToken nextToken() throws IOException {
      if (++tokens > JsonFiles.MAX_TOKENS) {
        throw new FileException(
            "%s: JSON beyond what is read: an element of more than %d tokens"
                .formatted(file, JsonFiles.MAX_TOKENS));
      }
      return super.nextToken();
    }
  }

  private JsonElements(Path file, String key) {
    this.file = file;
    this.key = key;
    JsonFiles.requireFile(file);
    try {
      in = PackedFile.open(file);
      parser = new CountingParser(FACTORY.createParser(in), file);
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /**
   * Opens a file that is an array.
   *
   * @throws FileException if it is absent or cannot be read
   */
  public static JsonElements of(Path file) {
    return new JsonElements(file, null);
  }

  /**
   * Opens a file that is an object with an array under a key.
   *
   * @throws FileException if it is absent or cannot be read
   */
  public static JsonElements of(Path file, String key) {
    return new JsonElements(file, key);
  }

  /**
   * The next element; null after the last, when the rest of the file has been looked at.
   *
   * @throws FileException if the file is not JSON or holds no such array
   */
  public JsonNode next() {
    try {
      if (ended) {
        return null;
      }
      if (!begun) {
        begin();
        begun = true;
      }
      parser.tokens = 0;
      if (parser.nextToken() != JsonToken.END_ARRAY) {
        return READER.readTree(parser);
      }
      end();
      return null;
    } catch (JsonProcessingException e) {
      throw JsonFiles.failure(file.toString(), e);
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  private void begin() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new FileException(file + ": is empty, expected JSON");
    }
    if (key != null) {
      if (first != JsonToken.START_OBJECT) {
        throw new FileException(
            "%s: %s at the top, expected an object with '%s'".formatted(file, found(first), key));
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME && !parser.currentName().equals(key)) {
        skipValue();
      }
      if (parser.currentToken() != JsonToken.FIELD_NAME) {
        throw new FileException(file + ": '" + key + "' missing, expected an array");
      }
      parser.nextToken();
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new FileException(
          "%s: %s %s, expected an array"
              .formatted(
                  file, found(parser.currentToken()), key == null ? "at the top" : "as " + key));
    }
  }

  /** Passes over a value, whatever its size. */
  private void skipValue() throws IOException {
    int depth = 0;
    do {
      parser.tokens = 0;
      JsonToken token = parser.nextToken();
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    } while (depth > 0);
  }

  private void end() throws IOException {
    ended = true;
    if (key != null) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        skipValue();
      }
    }
    if (parser.nextToken() != null) {
      throw new FileException(file + ": not valid JSON: more follows the first value");
    }
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

  @Override
  public void close() {
    try (in) {
      parser.close();
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }
}
