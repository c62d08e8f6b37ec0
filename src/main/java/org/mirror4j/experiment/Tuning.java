package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.train.Fidelity;

/**
 * How a model of a table is tuned.
 *
 * @param recipe its label
 * @param fidelity where nothing is said, clean
 * @param corpus see {@link ExperimentCorpus}
 * @param from of the corpus the first line that is taken, counted from 0; where nothing is said, 0
 * @param items lines that are taken; where nothing is said, all
 * @param settings in place of the recipe's, by their names
 */
record Tuning(
    Recipe recipe,
    Optional<Fidelity> fidelity,
    String corpus,
    Optional<Integer> from,
    Optional<Integer> items,
    Optional<ObjectNode> settings) {

  /** All settings of a run. */
  MirrorSettings settings(long seed) {
    Map<String, Object> changes = new HashMap<>();
    settings.ifPresent(own -> own.properties().forEach(e -> changes.put(e.getKey(), e.getValue())));
    changes.put("seed", seed);
    return recipe.settings(fidelity.orElse(Fidelity.CLEAN), changes);
  }

  /** The name that the tuned model carries. */
  String recipeName() {
    return recipe.name(fidelity.orElse(Fidelity.CLEAN));
  }
}
