package org.mirror4j.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mirror4j.file.FileException;

/** Resolved settings of a run, compared with those of the run that is to be gone on with. */
final class RunSettings {
  /**
   * A file that a setting is the digest of.
   *
   * @param what a word for it
   * @param name the setting that names it
   * @param old what is to be put back
   */
  private record Digested(String what, String name, String old) {}

  private static final Map<String, Digested> DIGESTS =
      Map.of(
          "dataHash", new Digested("corpus", "corpus", "text"),
          "textHash", new Digested("fitting text", "fittedOn", "text"),
          "heldOutHash", new Digested("held-out text", "heldOut", "text"),
          "trainHash", new Digested("training data", "train", "file"),
          "devHash", new Digested("data that is scored", "dev", "file"),
          "modelHash", new Digested("model", "model", "files"),
          "tokenizerHash", new Digested("tokenizer of the model", "model", "files"));

  private RunSettings() {}

  /** Keys with another value. Compared as text: a number read back may have another node type. */
  static Set<String> differing(JsonNode stored, JsonNode asked) {
    Set<String> keys = new TreeSet<>();
    for (JsonNode either : List.of(stored, asked)) {
      for (Map.Entry<String, JsonNode> field : either.properties()) {
        String key = field.getKey();
        if (!stored.path(key).toString().equals(asked.path(key).toString())) {
          keys.add(key);
        }
      }
    }
    return keys;
  }

  /**
   * Fails if a run cannot go on with these settings. The number of steps may be another one: a run
   * may be cut short or go on for longer than was first meant.
   *
   * @param where the folder or checkpoint of the run
   * @throws FileException names the first setting that differs, or the file that has changed
   */
  static void requireSameRun(Path where, ObjectNode stored, ObjectNode settings) {
    ObjectNode before = stored.deepCopy();
    before.set("steps", settings.get("steps"));
    requireSame(where, before, settings, "in the unfinished run");
  }

  /** As above, with the number of steps. */
  static void requireSame(Path where, JsonNode stored, JsonNode asked, String when) {
    // What was asked for explains more than what was found in files: digests come last.
    Optional<String> first =
        differing(stored, asked).stream().min(Comparator.comparing(DIGESTS::containsKey));
    if (first.isEmpty()) {
      return;
    }
    String key = first.get();
    Digested file = DIGESTS.get(key);
    if (file != null && stored.has(key) && asked.has(key)) {
      throw new FileException(
          "%s: the %s %s has changed since the unfinished run began; put the old %s back or use"
                  .formatted(where, file.what, asked.path(file.name), file.old)
              + " --overwrite");
    }
    throw new FileException(
        "%s: %s was %s %s, now %s; use the same or --overwrite"
            .formatted(where, FileException.clean(key), text(stored, key), when, text(asked, key)));
  }

  private static String text(JsonNode settings, String key) {
    return settings.has(key) ? FileException.clean(settings.get(key).toString()) : "absent";
  }
}
