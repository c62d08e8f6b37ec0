package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * How a model's calibration came about: the last map of its vectors before any normalisation,
 * fitted to vectors while the model stayed as it was.
 *
 * @param form how it is stored
 * @param method what it is, in a few words
 * @param fittedOn names of the tasks and files whose texts it was fitted on, at least one
 * @param testSets those of the names that are test sets: scores on these are of an encoder that has
 *     seen their texts, though not their labels
 * @param texts number of vectors that it was fitted on
 * @param dataHash digest of the texts
 * @param versions by name: of mirror4j, of the runtime
 * @param run the resolved settings, free in form
 */
public record CalibrationSettings(
    Form form,
    String method,
    List<String> fittedOn,
    List<String> testSets,
    long texts,
    String dataHash,
    SortedMap<String, String> versions,
    ObjectNode run) {
  /** Where the numbers of a calibration stand. */
  public enum Form {
    /** The last Dense module of the model. */
    DENSE("dense"),
    /** {@code flow.safetensors}. */
    FLOW("flow");

    private final String label;

    Form(String label) {
      this.label = label;
    }
  }

  /**
   * Copies what can change.
   *
   * @throws IllegalArgumentException if there is no text, or a test set is none of the names
   */
  public CalibrationSettings {
    fittedOn = List.copyOf(fittedOn);
    testSets = List.copyOf(testSets);
    run = run.deepCopy();
    if (fittedOn.isEmpty() || !fittedOn.containsAll(testSets)) {
      throw new IllegalArgumentException(
          "calibration: fitted on %s, test sets %s, expected names and some of them"
              .formatted(fittedOn, testSets));
    }
  }

  /** Method and texts in a line: {@code whitening to 256 dimensions, fitted on stsb (test set)}. */
  public String described() {
    return "%s, fitted on %s"
        .formatted(
            method,
            fittedOn.stream()
                .map(name -> testSets.contains(name) ? name + " (test set)" : name)
                .collect(Collectors.joining(", ")));
  }

  ObjectNode toJson() {
    ObjectNode json = JsonFiles.object().put("form", form.label).put("method", method);
    fittedOn.forEach(json.putArray("fitted_on")::add);
    testSets.forEach(json.putArray("test_sets")::add);
    json.put("texts", texts).put("data_hash", dataHash);
    ObjectNode named = json.putObject("versions");
    versions.forEach(named::put);
    json.set("run", run);
    return json;
  }

  static CalibrationSettings fromJson(ObjectNode json, String file) {
    JsonFields fields = new JsonFields(json, file);
    fields.allow(
        "form", "method", "fitted_on", "test_sets", "texts", "data_hash", "versions", "run");
    String form =
        fields.oneOf("form", Arrays.stream(Form.values()).map(f -> f.label).toArray(String[]::new));
    try {
      return new CalibrationSettings(
          Arrays.stream(Form.values()).filter(f -> f.label.equals(form)).findFirst().orElseThrow(),
          fields.string("method"),
          strings(fields, "fitted_on"),
          strings(fields, "test_sets"),
          fields.longInteger("texts"),
          fields.string("data_hash"),
          fields.strings("versions"),
          fields.object("run"));
    } catch (IllegalArgumentException e) {
      throw new FileException(file + ": " + FileException.clean(e.getMessage()), e);
    }
  }

  private static List<String> strings(JsonFields fields, String key) {
    List<String> strings = new ArrayList<>();
    fields
        .elements(key)
        .forEach(
            element -> {
              if (!element.isTextual()) {
                throw new FileException(
                    "%s: '%s' holds %s, expected strings"
                        .formatted(fields.file(), key, FileException.clean(element.toString())));
              }
              strings.add(element.textValue());
            });
    return strings;
  }
}
