package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.mirror4j.bert.PooledVectors;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.EvaluationPlan;

/**
 * One model of one table, to be measured on the table's tasks.
 *
 * @param seed of its pretraining, of its tuning and of a flow; absent where the row comes out the
 *     same with every seed
 * @param state the model before it is calibrated
 * @param digest of the content of a file
 */
record ExperimentJob(
    TableDefinition table,
    Variant variant,
    OptionalLong seed,
    EvaluationPlan plan,
    ModelState state,
    CalibrationTexts texts,
    Function<Path, String> digest) {
  private static final long NO_SEED = 0;

  private static final int BATCH_SIZE = 256;

  /** For people. */
  String name() {
    return variant.label() + (seed.isPresent() ? ", seed " + seed.getAsLong() : "");
  }

  /**
   * How texts become vectors where the table says it.
   *
   * @param known pooled vectors of {@link #vectorsDigest}, where they are worth keeping
   */
  Encoding encoding(Precision precision, Optional<PooledVectors> known) {
    return new Encoding(
        variant.pooling(),
        variant.maxLength().map(OptionalInt::of).orElse(OptionalInt.empty()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        BATCH_SIZE,
        precision,
        known);
  }

  /** What it is measured or scored on, in order. */
  List<String> tasks() {
    return state instanceof ModelState.FineTuned tuned
        ? List.copyOf(tuned.development().sequencedKeySet())
        : plan.tasks();
  }

  boolean isCalibrated() {
    return variant.calibration().isPresent();
  }

  /**
   * Whether the vectors that this row is measured with may be wanted again: by another task with
   * the same words, or by rows of the table that calibrate them.
   */
  boolean sharesVectors() {
    return !(state instanceof ModelState.FineTuned)
        && (plan.tasks().size() > 1
            || table.variants().stream().anyMatch(each -> each.calibration().isPresent()));
  }

  /** Of a flow. */
  long flowSeed() {
    return seed.orElse(NO_SEED);
  }

  /** The texts that the calibration is fitted on where a task is measured. */
  CalibrationTexts.Opened open(String task) {
    return texts.open(variant.calibration().orElseThrow(), plan, task);
  }

  /** The files of {@link #open}. */
  List<Path> fittedOn(String task) {
    return texts.files(variant.calibration().orElseThrow(), plan, task);
  }

  /** All that determines what is measured on a task. */
  ObjectNode key(String task) {
    ObjectNode key = state.key().deepCopy();
    if (state instanceof ModelState.FineTuned tuned) {
      key.put("scored", digest.apply(tuned.development().get(task)));
      return key;
    }
    key.put("task", task);
    encode(key);
    ArrayNode files = key.putArray("data");
    plan.files(task).forEach(file -> files.add(digest.apply(file)));
    if (isCalibrated()) {
      key.set("calibration", calibrationKey(task));
    }
    return key;
  }

  private void encode(ObjectNode key) {
    variant.pooling().ifPresent(pooling -> key.put("pooling", pooling.label()));
    variant.maxLength().ifPresent(length -> key.put("maxLength", length));
  }

  private ObjectNode calibrationKey(String task) {
    ObjectNode key = variant.calibration().orElseThrow().key(flowSeed());
    ArrayNode sources = key.putArray("fittedOn");
    fittedOn(task).forEach(file -> sources.add(digest.apply(file)));
    return key;
  }

  /** The name of a model's vectors before they are calibrated. */
  String vectorsDigest() {
    ObjectNode key = state.key().deepCopy();
    encode(key);
    return ScoreStore.digest(key);
  }

  /** The name of the calibrated model of a task, which tasks may have in common. */
  String calibratedDigest(String task) {
    ObjectNode key = state.key().deepCopy();
    encode(key);
    key.set("calibration", calibrationKey(task));
    return ScoreStore.digest(key);
  }
}
