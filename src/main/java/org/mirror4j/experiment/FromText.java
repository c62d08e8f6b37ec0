package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;

/**
 * How a model of a table is pretrained from text: from nothing, its vocabulary included, or on from
 * another model.
 *
 * @param recipe its label
 * @param corpus files, see {@link ExperimentCorpus#all}
 * @param size where nothing is said, the bundled model's
 * @param vocabSize pieces to learn; where nothing is said, as many as the bundled model has
 * @param settings in place of the recipe's, by their names; an objective brings with it what it
 *     masks
 */
record FromText(
    PretrainingRecipe recipe,
    List<String> corpus,
    Optional<ModelSize> size,
    Optional<Integer> vocabSize,
    Optional<ObjectNode> settings) {
  private static final int BUNDLED_VOCABULARY = 8192;

  /**
   * Checks what does not depend on files.
   *
   * @throws IllegalArgumentException if there is no corpus, or a value cannot be
   * @throws org.mirror4j.file.FileException if a setting is unknown or of another kind
   */
  void check() {
    if (corpus.isEmpty()) {
      throw new IllegalArgumentException("the corpus is an empty list, expected files");
    }
    if (isSet("seed")) {
      throw new IllegalArgumentException(
          "'seed' is a setting, expected none: each run has its own");
    }
    settings(0);
  }

  private boolean isSet(String name) {
    return settings.filter(changes -> changes.has(name)).isPresent();
  }

  /** All settings of a run. */
  PretrainingSettings settings(long seed) {
    Map<String, Object> given = new HashMap<>(Map.of("seed", seed));
    settings.ifPresent(
        changes ->
            changes.properties().forEach(change -> given.put(change.getKey(), change.getValue())));
    return recipe.settings().given(given);
  }

  /** Whether it says how large the model is. */
  boolean hasSize() {
    return size.isPresent() || vocabSize.isPresent();
  }

  /** What there is before the first step where that is no other model. */
  PretrainingStart.Fresh start() {
    return new PretrainingStart.Fresh(
        size.orElse(ModelSize.MINI), vocabSize.orElse(BUNDLED_VOCABULARY), false);
  }

  /** The same with a model of another size. */
  FromText of(ModelSize other) {
    return new FromText(recipe, corpus, Optional.of(other), vocabSize, settings);
  }

  /**
   * What settings of runs that start from the model call it.
   *
   * @param from name of the model that it goes on from; empty for none
   */
  String modelName(Optional<String> from) {
    return "%s, pretrained by %s"
        .formatted(from.orElseGet(() -> JsonRecords.label(start().size())), recipe.label());
  }

  /**
   * A line for people: how large the model is and how much text it sees.
   *
   * @param from as above
   */
  String summary(Optional<String> from) {
    PretrainingSettings all = settings(0);
    return "pretrained from text: %s, %s, blocks of %,d tokens"
        .formatted(
            from.map(name -> "on from the model " + name)
                .orElseGet(
                    () ->
                        "size %s, %,d word pieces"
                            .formatted(JsonRecords.label(start().size()), start().vocabSize())),
            all.steps() > 0
                ? "%,d steps of %,d tokens".formatted(all.steps(), all.batchTokens())
                : "epochs: %,d".formatted(all.epochs()),
            all.maxLength());
  }
}
