package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
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
    ObjectNode changes = settings.map(ObjectNode::deepCopy).orElseGet(JsonFiles::object);
    changes.put("seed", seed);
    return JsonRecords.with(recipe.settings(fidelity.orElse(Fidelity.CLEAN)), changes);
  }

  /** The name that the tuned model carries. */
  String recipeName() {
    return recipe.name(fidelity.orElse(Fidelity.CLEAN));
  }
}
