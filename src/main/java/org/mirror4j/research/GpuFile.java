package org.mirror4j.research;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.Spelling;

/**
 * A card that a file describes: a JSON object with the components of {@link Gpu} as keys. What is
 * the same on all cards of an architecture may be left out; {@code kernels/README.md} has an
 * example.
 */
public final class GpuFile {
  private static final Pattern ARCHITECTURE = Pattern.compile("sm_([1-9]\\d{1,2})");

  private static final String SHARED = "sharedBytes";
  private static final String RESERVED = "reservedSharedBytes";

  private GpuFile() {}

  /**
   * Reads a file.
   *
   * @throws FileException if it cannot be read, or a key is missing, unknown or of a value that no
   *     card has
   */
  public static Gpu read(Path file) {
    String name = file.toString();
    ObjectNode json = JsonFiles.readObject(file);
    List<RecordComponent> components = List.of(Gpu.class.getRecordComponents());
    List<String> keys = components.stream().map(RecordComponent::getName).toList();
    for (Map.Entry<String, ?> field : json.properties()) {
      if (!keys.contains(field.getKey())) {
        throw new FileException(
            "%s: unknown key %s, expected some of %s%s"
                .formatted(
                    name,
                    FileException.quote(field.getKey()),
                    keys,
                    Spelling.hint(field.getKey(), keys)));
      }
    }
    JsonFields fields = new JsonFields(json, name);
    complete(json, architecture(fields), fields);
    for (RecordComponent component : components) {
      requirePositive(fields, component);
    }
    return JsonRecords.read(Gpu.class, json, name);
  }

  private static int architecture(JsonFields fields) {
    String text = fields.string("architecture");
    var matcher = ARCHITECTURE.matcher(text);
    if (!matcher.matches()) {
      throw new FileException(
          "%s: 'architecture' is %s, expected as sm_89"
              .formatted(fields.file(), FileException.quote(text)));
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** Puts in what is left out: the technical specifications of the architecture. */
  private static void complete(ObjectNode json, int architecture, JsonFields fields) {
    boolean ampere = architecture >= Gpu.AMPERE;
    put(json, "sfuLanes", Gpu.A100.sfuLanes());
    put(json, "registers", Gpu.A100.registers());
    put(json, RESERVED, (ampere ? Gpu.A100 : Gpu.RTX_2080_TI).reservedSharedBytes());
    put(json, "sharedGranule", (ampere ? Gpu.A100 : Gpu.RTX_2080_TI).sharedGranule());
    put(json, "sharedBytesPerCta", fields.integer(SHARED) - fields.integer(RESERVED));
  }

  private static void put(ObjectNode json, String key, int value) {
    if (!json.has(key)) {
      json.put(key, value);
    }
  }

  private static void requirePositive(JsonFields fields, RecordComponent component) {
    String key = component.getName();
    if (component.getType() == String.class) {
      if (fields.string(key).isBlank()) {
        throw new FileException("%s: '%s' is blank".formatted(fields.file(), key));
      }
      return;
    }
    double value = component.getType() == int.class ? fields.integer(key) : fields.number(key);
    boolean fits = key.equals(RESERVED) ? value >= 0 : value > 0;
    if (!fits || !Double.isFinite(value)) {
      throw new FileException(
          "%s: '%s' is %s, expected %s"
              .formatted(
                  fields.file(),
                  key,
                  fields.json().get(key),
                  key.equals(RESERVED) ? "0 or more" : "more than 0"));
    }
  }
}
