package org.mirror4j.checkpoint;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.Shape;

/**
 * The JSON header of a safetensors file, checked whole: the tensors must fill the data part from
 * its first to its last byte with neither overlap nor hole, each as long as type and shape say.
 *
 * @param metadata the strings under {@code __metadata__}
 * @param tensors by name, in the order of the header
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> tensors) {
  static final String METADATA = "__metadata__";

  /** Most dimensions of a tensor. */
  static final int MAX_RANK = 16;

  /** Bits of an element of each type the format defines. */
  private static final Map<String, Integer> ELEMENT_BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("U16", 16),
          Map.entry("I16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("U32", 32),
          Map.entry("I32", 32),
          Map.entry("F32", 32),
          Map.entry("U64", 64),
          Map.entry("I64", 64),
          Map.entry("F64", 64),
          Map.entry("C64", 64),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6));

  /**
   * Place of a tensor.
   *
   * @param dtype the name in the header, known to the format or not
   * @param begin first byte, counted from the end of the header
   * @param end byte after the last
   */
  record Entry(String dtype, Shape shape, long begin, long end) {}

  /**
   * Parses and checks a header.
   *
   * @param file names the file in messages
   * @param dataBytes bytes of the file after the header
   */
  static SafeTensorsHeader parse(byte[] json, String file, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw new FileException(file + ": header does not start with '{', expected JSON");
    }
    ObjectNode root = JsonFiles.parseObject(json, file + ": header");
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (property.getKey().equals(METADATA)) {
        readMetadata(property.getValue(), file, metadata);
      } else {
        String where = file + ": tensor " + quote(property.getKey());
        tensors.put(property.getKey(), readEntry(property.getValue(), where, dataBytes));
      }
    }
    checkFilled(tensors, file, dataBytes);
    return new SafeTensorsHeader(metadata, tensors);
  }

  private static void readMetadata(JsonNode node, String file, Map<String, String> metadata) {
    if (!node.isObject()) {
      throw new FileException(
          file + ": __metadata__ is JSON " + node.getNodeType() + ", expected an object");
    }
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      if (!property.getValue().isTextual()) {
        throw new FileException(
            "%s: __metadata__ %s is JSON %s, expected a string"
                .formatted(file, quote(property.getKey()), property.getValue().getNodeType()));
      }
      metadata.put(property.getKey(), property.getValue().textValue());
    }
  }

  private static Entry readEntry(JsonNode node, String where, long dataBytes) {
    JsonNode dtype = node.path("dtype");
    JsonNode shape = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      if (!Set.of("dtype", "shape", "data_offsets").contains(property.getKey())) {
        throw new FileException(
            where + " has " + quote(property.getKey()) + ", expected dtype, shape, data_offsets");
      }
    }
    if (!dtype.isTextual() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw new FileException(
          where + " is malformed, expected dtype (string), shape (array), data_offsets (pair)");
    }
    long begin = integer(offsets.get(0), where + " offset");
    long end = integer(offsets.get(1), where + " offset");
    if (begin > end || end > dataBytes) {
      throw new FileException(
          "%s has data_offsets [%d,%d], expected an ascending pair within the %d data bytes"
              .formatted(where, begin, end, dataBytes));
    }
    Shape parsed = readShape(shape, where);
    checkSize(dtype.textValue(), parsed, end - begin, where);
    return new Entry(dtype.textValue(), parsed, begin, end);
  }

  private static Shape readShape(JsonNode shape, String where) {
    if (shape.size() > MAX_RANK) {
      throw new FileException(
          where + " has " + shape.size() + " dimensions, expected at most " + MAX_RANK);
    }
    int[] dimensions = new int[shape.size()];
    for (int i = 0; i < dimensions.length; i++) {
      long dimension = integer(shape.get(i), where + " dimension " + i);
      if (dimension > Integer.MAX_VALUE) {
        throw new FileException(
            "%s dimension %d is %d, expected at most %d"
                .formatted(where, i, dimension, Integer.MAX_VALUE));
      }
      dimensions[i] = (int) dimension;
    }
    return Shape.of(dimensions);
  }

  private static void checkSize(String dtype, Shape shape, long bytes, String where) {
    long bits;
    try {
      bits = Math.multiplyExact(shape.size(), (long) ELEMENT_BITS.getOrDefault(dtype, 0));
    } catch (ArithmeticException e) {
      throw new FileException(
          where + " has shape " + shape + ", more elements than fit in 64 bits", e);
    }
    // A type that the format gains later has no known size; it fails when it is read.
    if (ELEMENT_BITS.containsKey(dtype) && (bits % 8 != 0 || bits / 8 != bytes)) {
      throw new FileException(
          "%s is %s%s in %d bytes, expected %d".formatted(where, dtype, shape, bytes, bits / 8));
    }
  }

  private static long integer(JsonNode node, String where) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw new FileException(
          where
              + " is "
              + FileException.clean(node.toString())
              + ", expected an integer from 0 to 2^63-1");
    }
    return node.longValue();
  }

  private static void checkFilled(Map<String, Entry> tensors, String file, long dataBytes) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
    sorted.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long position = 0;
    for (Map.Entry<String, Entry> tensor : sorted) {
      long begin = tensor.getValue().begin();
      if (begin != position) {
        throw new FileException(
            "%s: tensor %s begins at byte %d, expected %d: %s"
                .formatted(
                    file,
                    quote(tensor.getKey()),
                    begin,
                    position,
                    begin < position ? "it overlaps another" : "there is a hole before it"));
      }
      position = tensor.getValue().end();
    }
    if (position != dataBytes) {
      throw new FileException(
          "%s: tensors end at byte %d of the data, but %d bytes are there: trailing bytes"
              .formatted(file, position, dataBytes));
    }
  }
}
