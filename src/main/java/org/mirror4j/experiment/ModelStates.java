package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.task.TaskKind;

/**
 * Models with what determines them: the content of all files, all settings, how it is computed. The
 * keys of a state and their order are part of the names of scores that are kept.
 */
final class ModelStates {
  /**
   * Raised when models are made or measured otherwise with the same settings, so that what was made
   * before is not taken.
   */
  private static final int PROTOCOL = 1;

  /**
   * The same of fine-tuned models. Of 1 were those whose logits were rounded to bf16 with the
   * model, and for which lines of {@code -DOCSTART-} were sentences of a word.
   */
  private static final int FINE_TUNED_PROTOCOL = 2;

  private final Function<Path, String> digest;
  private final Computation computation;
  private final Map<Path, String> models;

  /**
   * @param digest of the content of a file
   */
  ModelStates(Function<Path, String> digest, Computation computation) {
    this(digest, computation, new HashMap<>());
  }

  private ModelStates(
      Function<Path, String> digest, Computation computation, Map<Path, String> models) {
    this.digest = digest;
    this.computation = computation;
    this.models = models;
  }

  /** The same models, computed otherwise. */
  ModelStates of(Computation other) {
    return new ModelStates(digest, other, models);
  }

  /** A model that is there. */
  ModelState.Fetched fetched(String name, Path directory) {
    ObjectNode key = JsonFiles.object();
    key.put("model", models.computeIfAbsent(directory, ModelStates::digest));
    putComputing(key, PROTOCOL);
    ObjectNode own = says(directory);
    if (!own.isEmpty()) {
      key.set("says", own);
    }
    return new ModelState.Fetched(name, directory, key);
  }

  /**
   * A model from text.
   *
   * @param from what it goes on from; empty for nothing
   * @param corpus its files
   */
  ModelState pretrained(
      FromText text, Optional<ModelState.Fetched> from, List<Path> corpus, long seed) {
    ObjectNode key = JsonFiles.object();
    from.ifPresentOrElse(
        model -> key.set("model", model.key().get("model")),
        () ->
            key.put("size", JsonRecords.label(text.start().size()))
                .put("vocabSize", text.start().vocabSize()));
    ArrayNode files = key.putArray("corpus");
    corpus.forEach(file -> files.add(digest.apply(file)));
    key.set("settings", JsonRecords.write(text.settings(seed)));
    putComputing(key, PROTOCOL);
    return new ModelState.Pretrained(
        text.modelName(from.map(ModelState.Fetched::name)),
        corpus,
        from.<PretrainingStart>map(
                model -> new PretrainingStart.Model(model.directory(), model.name()))
            .orElseGet(text::start),
        text.recipe().label(),
        text.settings(seed),
        key);
  }

  /**
   * A tuned model.
   *
   * @param corpus file
   */
  ModelState tuned(ModelState start, Tuning tuning, Path corpus, long seed) {
    ObjectNode key = from(start);
    key.put("corpus", digest.apply(corpus));
    key.set("settings", JsonRecords.write(tuning.settings(seed)));
    putComputing(key, PROTOCOL);
    if (start instanceof ModelState.Fetched && start.key().has("says")) {
      key.set("says", start.key().get("says"));
    }
    return new ModelState.Tuned(
        start, corpus, tuning.corpus(), tuning.recipeName(), tuning.settings(seed), key);
  }

  /**
   * A fine-tuned model.
   *
   * @param training file
   * @param development files, see {@link ForTask#dev}
   */
  ModelState fineTuned(
      ModelState start,
      ForTask row,
      TaskKind kind,
      Path training,
      SequencedMap<String, Path> development,
      long seed) {
    FineTuningSettings settings = row.settings(kind, seed);
    ObjectNode key = from(start);
    key.put("task", kind.name());
    kind.options().forEach(key::put);
    key.put("train", digest.apply(training));
    key.put("dev", digest.apply(development.firstEntry().getValue()));
    key.set("settings", JsonRecords.write(settings));
    putComputing(key, computation.earlier() ? FINE_TUNED_PROTOCOL - 1 : FINE_TUNED_PROTOCOL);
    return new ModelState.FineTuned(
        start, kind, training, development, row.recipe(kind).label(), settings, key);
  }

  /** A model that is there has a digest of its own; one that is made has what it is made by. */
  private static ObjectNode from(ModelState start) {
    ObjectNode key = JsonFiles.object();
    boolean isThere = start instanceof ModelState.Fetched;
    key.set("model", isThere ? start.key().get("model") : start.key());
    return key;
  }

  private void putComputing(ObjectNode key, int protocol) {
    computation.put(key);
    key.put("protocol", protocol);
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
}
