package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.eval.Measurement;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;

/**
 * Measurements on disk, a file for all that determines them: an experiment that was interrupted
 * goes on, and two tables share what they have in common.
 */
final class ScoreStore {
  private static final String LAST = "lastStep";
  private static final String SECONDS = "seconds";
  private static final String VALUE = "value";

  private final Path folder;

  /**
   * What is known of a model on a task.
   *
   * @param measurements NaN where one is not defined
   * @param seconds that it took, with the making of the model where it was the first of its tasks;
   *     absent where that was begun by an earlier run, and from what earlier versions kept
   */
  record Scores(List<Measurement> measurements, Optional<Double> seconds) {}

  /**
   * What a fine-tuned model scores on a set.
   *
   * @param scores by their names, the one that decides first; NaN where one is not defined
   * @param last the same after the last step, of the set that the best step was chosen by; of
   *     others, and of what earlier versions kept, nothing
   * @param seconds that it took, with the making of the model where it was the first of its sets;
   *     absent where that was begun by an earlier run
   */
  record TaskScores(
      SequencedMap<String, Double> scores,
      SequencedMap<String, Double> last,
      Optional<Double> seconds) {
    /** The same without those of the last step. */
    TaskScores ofBestStep() {
      return new TaskScores(scores, Collections.emptyNavigableMap(), seconds);
    }
  }

  ScoreStore(Path folder) {
    this.folder = folder;
  }

  /** The name of all that is said of something: the digest of its text. */
  static String digest(JsonNode all) {
    MessageDigest digest = FileHash.sha256();
    digest.update(JsonFiles.bytes(all));
    return FileHash.hex(digest);
  }

  private Path file(ObjectNode key) {
    return folder.resolve(digest(key) + ".json");
  }

  /**
   * What was measured before.
   *
   * @throws FileException if the file cannot be read or is none of these
   */
  Optional<Scores> get(ObjectNode key) {
    Path file = file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    fields.allow("key", "measurements", SECONDS);
    List<Measurement> measurements = new ArrayList<>();
    for (JsonNode one : fields.elements("measurements")) {
      if (!(one instanceof ObjectNode measurement)) {
        throw new FileException(file + ": a measurement is no object");
      }
      measurements.add(measurement(measurement, file));
    }
    return Optional.of(new Scores(List.copyOf(measurements), seconds(fields)));
  }

  private static Measurement measurement(ObjectNode json, Path file) {
    boolean isDefined = !json.path(VALUE).isNull();
    ObjectNode numbers = isDefined ? json : json.deepCopy().put(VALUE, 0);
    Measurement read = JsonRecords.read(Measurement.class, numbers, file.toString());
    return isDefined ? read : read.undefined();
  }

  private static Optional<Double> seconds(JsonFields fields) {
    return fields.has(SECONDS) ? Optional.of(fields.number(SECONDS)) : Optional.empty();
  }

  /** Keeps measurements. */
  void put(ObjectNode key, Scores scores) {
    ObjectNode json = JsonFiles.object();
    json.set("key", key);
    ArrayNode array = json.putArray("measurements");
    scores
        .measurements()
        .forEach(
            one -> array.add(JsonRecords.write(one).put(VALUE, Measurement.defined(one.value()))));
    write(key, json, scores.seconds());
  }

  /**
   * What was scored before.
   *
   * @throws FileException if the file cannot be read or is none of these
   */
  Optional<TaskScores> getScores(ObjectNode key) {
    Path file = file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonFields fields = new JsonFields(JsonFiles.readObject(file), file.toString());
    fields.allow("key", "scores", LAST, SECONDS);
    SequencedMap<String, Double> scores = scores(fields.object("scores"), file);
    if (scores.isEmpty()) {
      throw new FileException(file + ": no score, expected one at least");
    }
    return Optional.of(
        new TaskScores(
            scores,
            fields.has(LAST) ? scores(fields.object(LAST), file) : Collections.emptyNavigableMap(),
            seconds(fields)));
  }

  private static SequencedMap<String, Double> scores(ObjectNode values, Path file) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> score : values.properties()) {
      if (!score.getValue().isNumber() && !score.getValue().isNull()) {
        throw new FileException(
            "%s: the score %s is %s, expected a number or null"
                .formatted(
                    file,
                    FileException.quote(score.getKey()),
                    FileException.clean(score.getValue().toString())));
      }
      scores.put(score.getKey(), score.getValue().asDouble(Double.NaN));
    }
    return scores;
  }

  /** Keeps scores. */
  void put(ObjectNode key, TaskScores scores) {
    ObjectNode json = JsonFiles.object();
    json.set("key", key);
    put(json.putObject("scores"), scores.scores());
    if (!scores.last().isEmpty()) {
      put(json.putObject(LAST), scores.last());
    }
    write(key, json, scores.seconds());
  }

  private static void put(ObjectNode values, SequencedMap<String, Double> scores) {
    scores.forEach((name, value) -> values.put(name, Measurement.defined(value)));
  }

  private void write(ObjectNode key, ObjectNode json, Optional<Double> seconds) {
    seconds.ifPresent(known -> json.put(SECONDS, known));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw FileException.of("cannot make " + folder, e);
    }
    AtomicFiles.writeFile(file(key), JsonFiles.bytes(json));
  }
}
