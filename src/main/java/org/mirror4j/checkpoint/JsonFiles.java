package org.mirror4j.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Strict reading and repeatable writing of JSON. Reading refuses repeated keys, text after the
 * value and nesting deeper than {@value #MAX_DEPTH}; writing gives the same bytes for the same
 * tree, indented by two spaces, lines ended by a line feed.
 */
public final class JsonFiles {
  /** Deepest nesting that is read. */
  public static final int MAX_DEPTH = 64;

  private static final long MAX_FILE_BYTES = 256L << 20;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter()
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private JsonFiles() {}

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
   * @throws CheckpointException if the file is absent, unreadable or holds anything but one object
   */
  public static ObjectNode readObject(Path file) {
    return objectOf(read(file), file.toString());
  }

  /**
   * The value in a file.
   *
   * @throws CheckpointException if the file is absent, unreadable or not one JSON value
   */
  public static JsonNode read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": no such file, expected a JSON file");
    }
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new CheckpointException(
            file + ": " + bytes + " bytes, expected a JSON file of at most " + MAX_FILE_BYTES);
      }
      return parse(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The object in UTF-8 bytes.
   *
   * @param what names the bytes in the message of the exception
   * @throws CheckpointException if the bytes are anything but one object
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
      throw new UncheckedIOException(e);
    }
  }

  static byte[] compactBytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(byte[] utf8, String what) {
    try {
      return MAPPER.readTree(utf8);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          what + ": not valid JSON: " + CheckpointException.clean(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new CheckpointException(
          what + ": not valid JSON: " + CheckpointException.clean(e.getMessage()), e);
    }
  }

  private static ObjectNode objectOf(JsonNode node, String what) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new CheckpointException(
        what + ": JSON " + node.getNodeType() + " at the top, expected an object");
  }
}
