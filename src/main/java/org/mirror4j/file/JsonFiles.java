package org.mirror4j.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Strict reading and repeatable writing of JSON. Reading refuses repeated keys, text after the
 * value and what goes beyond the limits below, which bound memory and time whatever the file;
 * writing gives the same bytes for the same tree, indented by two spaces, lines ended by a line
 * feed.
 */
public final class JsonFiles {
  /** Deepest nesting that is read. */
  public static final int MAX_DEPTH = 64;

  /** Longest file that is read. */
  public static final long MAX_FILE_BYTES = 256L << 20;

  /** Most brackets, keys and values of a file; the largest tokenizers have three million. */
  public static final int MAX_TOKENS = 8_000_000;

  /** Longest number, in digits. */
  public static final int MAX_NUMBER = 100;

  /** Longest key, in characters. */
  public static final int MAX_NAME = 50_000;

  /** Longest text, in characters. */
  public static final int MAX_STRING = 16 << 20;

  private static final String LIMITS =
      "nesting of %d, %d tokens, numbers of %d digits, keys of %d and texts of %d characters"
          .formatted(MAX_DEPTH, MAX_TOKENS, MAX_NUMBER, MAX_NAME, MAX_STRING);

  static final ObjectMapper MAPPER =
      new ObjectMapper(factory(true))
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter()
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private JsonFiles() {}

  /**
   * What makes parsers that refuse repeated keys and keep to the limits.
   *
   * @param countsTokens whether {@link #MAX_TOKENS} is one of them
   */
  static JsonFactory factory(boolean countsTokens) {
    StreamReadConstraints.Builder limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER)
            .maxNameLength(MAX_NAME)
            .maxStringLength(MAX_STRING);
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints((countsTokens ? limits.maxTokenCount(MAX_TOKENS) : limits).build())
        .build();
  }

  /** A new empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** A new empty array. */
  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  /**
   * The object in a file.
   *
   * @throws FileException if the file is absent, unreadable or holds anything but one object
   */
  public static ObjectNode readObject(Path file) {
    return objectOf(read(file), file.toString());
  }

  /**
   * The value in a file.
   *
   * @throws FileException if the file is absent, unreadable or not one JSON value
   */
  public static JsonNode read(Path file) {
    requireFile(file);
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new FileException(
            file + ": " + bytes + " bytes, expected a JSON file of at most " + MAX_FILE_BYTES);
      }
      return parse(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /** Refuses what is no file: a directory as such, a pipe, whose size nobody knows. */
  static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new FileException(file + ": is a directory, expected a JSON file");
    }
    if (!Files.isRegularFile(file)) {
      String found = Files.exists(file) ? "is a pipe or a device" : "no such file";
      throw new FileException("%s: %s, expected a JSON file".formatted(file, found));
    }
  }

  /**
   * The object in a file that may be gzipped.
   *
   * @throws FileException as {@link #readObject}; the limit of bytes is on what is unpacked
   */
  public static ObjectNode readPackedObject(Path file) {
    requireFile(file);
    try (InputStream in = PackedFile.open(file)) {
      byte[] bytes = in.readNBytes((int) MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new FileException(
            "%s: more than %d bytes of JSON, expected at most as many"
                .formatted(file, MAX_FILE_BYTES));
      }
      return parseObject(bytes, file.toString());
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /**
   * The object in UTF-8 bytes.
   *
   * @param what names the bytes in the message of the exception
   * @throws FileException if the bytes are anything but one object
   */
  public static ObjectNode parseObject(byte[] utf8, String what) {
    return objectOf(parse(utf8, what), what);
  }

  /** The bytes of a value, ended by a line feed. */
  public static byte[] bytes(JsonNode node) {
    try {
      return (MAPPER.writer(PRINTER).writeValueAsString(node) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new FileException("cannot be written as JSON", e);
    }
  }

  /** The bytes of a value in one line, without an end of line. */
  public static byte[] compactBytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new FileException("cannot be written as JSON", e);
    }
  }

  private static JsonNode parse(byte[] utf8, String what) {
    try {
      JsonNode value = MAPPER.readTree(utf8);
      if (value.isMissingNode()) {
        throw new FileException(what + ": is empty, expected JSON");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw failure(what, e);
    } catch (IOException e) {
      throw new FileException(what + ": not valid JSON: not UTF-8 text", e);
    }
  }

  /** What the library found wrong, in our words. */
  static FileException failure(String what, JsonProcessingException failure) {
    return switch (failure) {
      case StreamConstraintsException e ->
          new FileException(what + ": JSON beyond what is read: at most " + LIMITS, e);
      case MismatchedInputException e ->
          new FileException(
              what + ": not valid JSON: more follows the first value" + position(e), e);
      default -> {
        // The library names its own settings where it would show the source.
        String problem =
            failure
                .getOriginalMessage()
                .replaceAll("\\[Source: .*?; (line: \\d+, column: \\d+)]", "$1");
        yield new FileException(
            what + ": not valid JSON: " + FileException.clean(problem) + position(failure),
            failure);
      }
    };
  }

  private static String position(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line %d, column %d)"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private static ObjectNode objectOf(JsonNode node, String what) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new FileException(
        what + ": JSON " + node.getNodeType() + " at the top, expected an object");
  }
}
