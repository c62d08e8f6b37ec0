package org.mirror4j.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Records as JSON objects: a key for each component, named like it and in its order. A component is
 * an {@code int}, {@code long}, {@code double}, {@code boolean}, {@code String}, a constant, which
 * is written by its label, another record, a {@code List} or a {@code SequencedMap} by names of any
 * of these. Reading takes exactly these keys; what the values may be is the matter of the record's
 * own constructor.
 */
public final class JsonRecords {
  private JsonRecords() {}

  /** A constant that says its own {@link #label}. */
  public interface Labelled {
    /** The name in options and files. */
    String label();
  }

  /**
   * The name of a constant in options and files: its own, or in lower case, words parted by
   * hyphens.
   */
  public static String label(Enum<?> constant) {
    return constant instanceof Labelled labelled
        ? labelled.label()
        : constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A record as an object. */
  public static ObjectNode write(Record record) {
    ObjectNode json = JsonFiles.object();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        Object value = component.getAccessor().invoke(record);
        if (!(value instanceof Optional<?> optional)) {
          json.set(component.getName(), node(value));
        } else if (optional.isPresent()) {
          json.set(component.getName(), node(optional.get()));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(record + " cannot be read", e);
      }
    }
    return json;
  }

  /**
   * The record of an object.
   *
   * @param file names the object in messages
   * @throws FileException if a key is missing or unknown, or a value is not of the component's type
   * @throws RuntimeException what the record's constructor throws
   */
  public static <R extends Record> R read(Class<R> type, ObjectNode json, String file) {
    JsonFields fields = new JsonFields(json, file);
    RecordComponent[] components = type.getRecordComponents();
    fields.allow(Arrays.stream(components).map(RecordComponent::getName).toArray(String[]::new));
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values =
        Arrays.stream(components)
            .map(component -> value(fields, component.getName(), component.getGenericType()))
            .toArray();
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException refused -> throw refused;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  /**
   * The record in a resource.
   *
   * @param name beside the class of the record
   * @throws FileException as {@link #read}
   */
  public static <R extends Record> R resource(Class<R> type, String name) {
    try (InputStream in = type.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileException(name + ": no such resource beside " + type.getSimpleName());
      }
      return read(type, JsonFiles.parseObject(in.readAllBytes(), name), name);
    } catch (IOException e) {
      throw FileException.of(name, e);
    }
  }

  /**
   * A record with the values of an object in place of its own.
   *
   * @param changes by the names of components
   * @throws FileException as {@link #read}
   */
  public static <R extends Record> R with(R record, ObjectNode changes) {
    return with(record, changes, record.getClass().getSimpleName());
  }

  /**
   * The same where messages name it otherwise than by its class.
   *
   * @param file names the object in messages
   */
  public static <R extends Record> R with(R record, ObjectNode changes, String file) {
    ObjectNode json = write(record);
    json.setAll(changes);
    @SuppressWarnings("unchecked") // the class of a record is that of its type
    Class<R> type = (Class<R>) record.getClass();
    return read(type, json, file);
  }

  /**
   * A record with some components changed.
   *
   * @param changes values by the names of their components
   * @throws FileException as {@link #read}
   */
  public static <R extends Record> R with(R record, Map<String, ?> changes) {
    ObjectNode json = JsonFiles.object();
    changes.forEach((name, value) -> json.set(name, node(value)));
    return with(record, json);
  }

  private static JsonNode node(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case Integer number -> nodes.numberNode(number);
      case Long number -> nodes.numberNode(number);
      case Double number -> nodes.numberNode(number);
      case Boolean flag -> nodes.booleanNode(flag);
      case String text -> nodes.textNode(text);
      case Enum<?> constant -> nodes.textNode(label(constant));
      case Record record -> write(record);
      case JsonNode json -> json;
      case List<?> list -> {
        ArrayNode array = JsonFiles.array();
        list.forEach(element -> array.add(node(element)));
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode object = JsonFiles.object();
        map.forEach((name, element) -> object.set((String) name, node(element)));
        yield object;
      }
      case null, default ->
          throw new IllegalArgumentException(
              value + " is no number, truth value, text, constant, record, list or map");
    };
  }

  private static Object value(JsonFields fields, String key, Type type) {
    if (type == ObjectNode.class) {
      return fields.object(key);
    }
    if (type instanceof Class<?> plain) {
      return plain.isRecord()
          ? read(plain.asSubclass(Record.class), fields.object(key), fields.file())
          // Elements of lists and maps are of Double where components are of double.
          : plain(fields, key, MethodType.methodType(plain).unwrap().returnType());
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
      return fields.has(key)
          ? Optional.of(value(fields, key, generic.getActualTypeArguments()[0]))
          : Optional.empty();
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      return fields.elements(key).stream()
          .map(element -> element(fields, key, element, generic.getActualTypeArguments()[0]))
          .toList();
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == SequencedMap.class) {
      SequencedMap<String, Object> map = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> property : fields.object(key).properties()) {
        Type of = generic.getActualTypeArguments()[1];
        map.put(property.getKey(), element(fields, property.getKey(), property.getValue(), of));
      }
      return Collections.unmodifiableSequencedMap(map);
    }
    throw unknown(key, type);
  }

  /** An element of the value of a key, which names it in messages. */
  private static Object element(JsonFields fields, String key, JsonNode element, Type type) {
    return value(new JsonFields(JsonFiles.object().set(key, element), fields.file()), key, type);
  }

  private static IllegalArgumentException unknown(String key, Type type) {
    return new IllegalArgumentException(
        "'%s' is of %s, expected a number, truth value, text, constant, record, list or map"
            .formatted(key, type));
  }

  private static Object plain(JsonFields fields, String key, Class<?> type) {
    if (type == int.class) {
      return fields.integer(key);
    }
    if (type == long.class) {
      return fields.longInteger(key);
    }
    if (type == double.class) {
      return fields.number(key);
    }
    if (type == boolean.class) {
      return fields.truth(key);
    }
    if (type == String.class) {
      return fields.string(key);
    }
    if (!type.isEnum()) {
      throw unknown(key, type);
    }
    Enum<?>[] constants = (Enum<?>[]) type.getEnumConstants();
    String[] labels = Arrays.stream(constants).map(JsonRecords::label).toArray(String[]::new);
    return constants[Arrays.asList(labels).indexOf(fields.oneOf(key, labels))];
  }
}
