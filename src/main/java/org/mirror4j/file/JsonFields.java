package org.mirror4j.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Typed access to the values of an object, with messages that name file and key. */
public record JsonFields(ObjectNode json, String file) {
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

  public String string(String key) {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw wrong(key, "a string");
    }
    return value.textValue();
  }

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

  public int integer(String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, "an integer");
    }
    return value.intValue();
  }

  public int positive(String key) {
    int value = integer(key);
    if (value < 1) {
      throw wrong(key, "a positive integer");
    }
    return value;
  }

  public long longInteger(String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(key, "an integer");
    }
    return value.longValue();
  }

  public double number(String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber()) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

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
