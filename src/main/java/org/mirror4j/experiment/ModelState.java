package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.MirrorSettings;

/**
 * A model of a table: as it was fetched, or tuned with one seed.
 *
 * @param base directory of the model that it is or starts from
 * @param run how it is tuned; absent for the model as it is
 * @param key all that determines its weights
 */
record ModelState(Path base, Optional<Run> run, ObjectNode key) {
  /**
   * Raised when models are tuned or measured otherwise with the same settings, so that what was
   * made before is not taken.
   */
  private static final int PROTOCOL = 1;

  /**
   * A tuning with one seed.
   *
   * @param modelName what the run's settings call the model
   * @param corpus file
   * @param corpusName what the run's settings call it
   * @param recipe that the output carries
   * @param settings every value
   */
  record Run(
      String modelName, Path corpus, String corpusName, String recipe, MirrorSettings settings) {}

  /**
   * A model with what determines it: the content of all files, all settings, how it is computed.
   *
   * @param digests those that are known, by file or directory; others are made and kept there
   */
  static ModelState of(
      Path base,
      Optional<Run> run,
      BiFunction<Path, Function<Path, String>, String> digests,
      String device,
      String precision) {
    ObjectNode key = JsonFiles.object();
    key.put("model", digests.apply(base, ModelState::digest));
    run.ifPresent(
        tuning -> {
          key.put("corpus", digests.apply(tuning.corpus(), FileHash::of));
          key.set("settings", JsonRecords.write(tuning.settings()));
        });
    key.put("device", device);
    key.put("precision", precision);
    key.put("protocol", PROTOCOL);
    ObjectNode own = says(base);
    if (!own.isEmpty()) {
      key.set("says", own);
    }
    return new ModelState(base, run, key);
  }

  private static String digest(Path model) {
    ModelDirectory directory = ModelDirectory.open(model);
    return directory.hash() + " " + directory.tokenizerHash();
  }

  /** What holds where a table leaves it to the model: pooling, length, template. */
  private static ObjectNode says(Path model) {
    ModelSettings own = ModelDirectory.open(model).settings();
    ObjectNode json =
        new ModelSettings(
                own.pooling(), own.maxLength(), own.template(), own.embedding(), Optional.empty())
            .toJson();
    json.remove("format");
    return json;
  }

  /** A name that no other state has. */
  String digest() {
    return ScoreStore.digest(key);
  }
}
