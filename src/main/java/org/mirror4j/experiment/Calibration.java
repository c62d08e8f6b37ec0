package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.LinearKind;
import org.mirror4j.calibrate.Whitening;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.flow.FlowRecipe;
import org.mirror4j.method.flow.FlowSettings;
import org.mirror4j.train.Fidelity;

/**
 * How the vectors of a model of a table are calibrated: by linear maps, or by a flow.
 *
 * @param linear each is fitted to what the one before it makes; absent for a flow
 * @param dimension of whitened vectors; where nothing is said, all
 * @param directions that are removed; where nothing is said, one
 * @param flow what it is trained with; absent for linear maps
 * @param fidelity of the flow; where nothing is said, clean
 * @param settings of the flow in place of the recipe's, by their names
 * @param corpus that is fitted on, see {@link ExperimentCorpus}; where nothing is said, the texts
 *     of the task that is measured, without their scores
 * @param target what is fitted on where a task is measured: tasks, or pairs of {@link
 *     ExperimentCorpus}; a task that is not among these has its own texts
 */
record Calibration(
    Optional<List<LinearKind>> linear,
    Optional<Integer> dimension,
    Optional<Integer> directions,
    Optional<FlowRecipe> flow,
    Optional<Fidelity> fidelity,
    Optional<ObjectNode> settings,
    Optional<String> corpus,
    Optional<SequencedMap<String, List<String>>> target) {
  Calibration {
    if (linear.isPresent() == flow.isPresent()) {
      throw new IllegalArgumentException("a calibration is linear or a flow, expected one of them");
    }
    if (fidelity.isPresent() && flow.isEmpty()) {
      throw new IllegalArgumentException("a linear calibration has a fidelity, expected none");
    }
  }

  /** The linear maps. */
  List<LinearCalibration> maps() {
    OptionalInt kept = dimension.map(OptionalInt::of).orElse(OptionalInt.empty());
    return linear.orElseThrow().stream()
        .map(kind -> kind.of(kept, directions.orElse(1), Whitening.DEFAULT_EPSILON))
        .toList();
  }

  /** Whether a flow is trained as the released code does. */
  Fidelity usedFidelity() {
    return fidelity.orElse(Fidelity.CLEAN);
  }

  /** All settings of the flow. */
  FlowSettings flowSettings(long seed) {
    ObjectNode changes = settings.map(ObjectNode::deepCopy).orElseGet(JsonFiles::object);
    changes.put("seed", seed);
    return JsonRecords.with(flow.orElseThrow().settings(usedFidelity()), changes);
  }

  /** What determines it beside the texts. */
  ObjectNode key(long seed) {
    ObjectNode key = JsonRecords.write(this);
    key.remove(List.of("target", "corpus"));
    if (flow.isPresent()) {
      key.set("settings", JsonRecords.write(flowSettings(seed)));
    }
    return key;
  }

  /** Tasks whose texts are fitted on where a task is measured; empty for its own. */
  Optional<List<String>> target(String task) {
    return target.map(tasks -> tasks.get(task));
  }
}
