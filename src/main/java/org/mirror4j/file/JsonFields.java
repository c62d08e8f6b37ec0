package org.mirror4j.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Typed access to the values of an object. What is missing or of another kind ends in a {@link
 * FileException} that names file and key.
 *
 * @param file names the object in messages
 */
public record JsonFields(ObjectNode json, String file) {
  /**
   * The fields of a value that has to be an object.
   *
   * @throws FileException if it is none
   */
  public static JsonFields of(JsonNode value, String file) {
    if (value instanceof ObjectNode object) {
      return new JsonFields(object, file);
    }
    throw new FileException(
        "%s: %s, expected an object".formatted(file, FileException.clean(value.toString())));
  }

  /** Fails if there is a key that is none of these. */
  public void allow(String... keys) {
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!List.of(keys).contains(name)) {
                throw new FileException(file + ": unknown key " + FileException.quote(name));
              }
            });
  }

  /** Whether there is a value, and it is not null. */
  public boolean has(String key) {
    return json.hasNonNull(key);
  }

  /** A text. */
  public String string(String key) {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw wrong(key, "a string");
    }
    return value.textValue();
  }

  /** One of a few texts. */
  public String oneOf(String key, String... values) {
    String value = string(key);
    if (!List.of(values).contains(value)) {
      throw wrong(key, String.join(" or ", values));
    }
    return value;
  }

  /** True or false; unlike {@link #flag}, there has to be a value. */
  public boolean truth(String key) {
    if (!json.path(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return json.get(key).booleanValue();
  }

  /** False where there is no value. */
  public boolean flag(String key) {
    if (has(key) && !json.get(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return json.path(key).booleanValue();
  }

  /** An integer of 32 bits. */
  public int integer(String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, "an integer");
    }
    return value.intValue();
  }

  /** An integer from 1 on. */
  public int positive(String key) {
    int value = integer(key);
    if (value < 1) {
      throw wrong(key, "a positive integer");
    }
    return value;
  }

  /** An integer of 64 bits. */
  public long longInteger(String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(key, "an integer");
    }
    return value.longValue();
  }

  /** Any number, rounded to the nearest double. */
  public double number(String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber()) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  /** An object, not copied. */
  public ObjectNode object(String key) {
    if (json.path(key) instanceof ObjectNode object) {
      return object;
    }
    throw wrong(key, "an object");
  }

  /** The elements of an array. */
  public List<JsonNode> elements(String key) {
    if (json.path(key) instanceof ArrayNode array) {
      return List.copyOf(array.valueStream().toList());
    }
    throw wrong(key, "an array");
  }

  /** An object of texts alone. */
  public SortedMap<String, String> strings(String key) {
    SortedMap<String, String> strings = new TreeMap<>();
    for (Map.Entry<String, JsonNode> property : object(key).properties()) {
      if (!property.getValue().isTextual()) {
        throw wrong(key, "an object of strings");
      }
      strings.put(property.getKey(), property.getValue().textValue());
    }
    return strings;
  }

  private FileException wrong(String key, String expected) {
    JsonNode value = json.get(key);
    String found = value == null ? "missing" : "is " + FileException.clean(value.toString());
    return new FileException("%s: '%s' %s, expected %s".formatted(file, key, found, expected));
  }
}
