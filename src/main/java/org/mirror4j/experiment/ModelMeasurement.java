package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.bert.PooledVectors;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.method.finetune.FineTunedScores;
import org.mirror4j.train.ScoredStep;
import org.mirror4j.train.TrainingRun;

/** Measures the models of jobs, which are made and calibrated where they are not there. */
final class ModelMeasurement {
  private final Device device;
  private final Reproduction.Settings settings;
  private final ScoreStore scores;
  private final MadeModels made;
  private final ReproductionListener listener;
  private KnownVectors knownVectors = new KnownVectors("", new PooledVectors());
  private Laps laps = new Laps();

  /**
   * Pooled vectors of texts, which calibrations of the same model have in common.
   *
   * @param digest of all that determines them
   */
  private record KnownVectors(String digest, PooledVectors vectors) {}

  ModelMeasurement(
      Device device,
      Reproduction.Settings settings,
      ScoreStore scores,
      MadeModels made,
      ReproductionListener listener) {
    this.device = device;
    this.settings = settings;
    this.scores = scores;
    this.made = made;
    this.listener = listener;
  }

  /** Whether what a job gives on a task is known. */
  boolean isKnown(ExperimentJob job, String task) {
    ObjectNode key = job.key(task);
    return job.state() instanceof ModelState.FineTuned
        ? scores.getScores(key).isPresent()
        : scores.get(key).isPresent();
  }

  /**
   * Measures a model on what was not measured before; tells the table and the listener all.
   *
   * @throws RuntimeException naming what cannot be done
   */
  void measure(ExperimentJob job, ReproducedTable table) {
    laps = new Laps();
    if (job.state() instanceof ModelState.FineTuned tuned) {
      score(job, tuned, table);
      return;
    }
    Map<String, ScoreStore.Scores> known = new HashMap<>();
    for (String task : job.plan().tasks()) {
      scores.get(job.key(task)).ifPresent(before -> known.put(task, before));
    }
    boolean calibrated = job.isCalibrated();
    boolean complete = known.size() == job.plan().tasks().size();
    try (ModelEncoder encoder =
        complete || calibrated ? null : encoder(job, directory(job.state()))) {
      job.plan()
          .evaluateWith(
              device,
              (task, measure) -> {
                ScoreStore.Scores all = known.get(task);
                if (all == null) {
                  listener.task(task);
                  List<Measurement> now =
                      calibrated ? calibrated(job, task, measure) : measure.apply(encoder);
                  all = new ScoreStore.Scores(now, laps.next());
                  scores.put(job.key(task), all);
                  if (calibrated && isLast(job, task)) {
                    made.measured(job.calibratedDigest(task), settings.keepModels());
                  }
                }
                table.took(job.variant(), all.seconds());
                return all.measurements();
              },
              task -> {},
              measurement -> {
                listener.measured(measurement);
                table.add(job.variant(), job.seed(), measurement);
              });
    }
  }

  private void score(ExperimentJob job, ModelState.FineTuned tuned, ReproducedTable table) {
    for (String set : job.tasks()) {
      ScoreStore.TaskScores all =
          scores
              .getScores(job.key(set))
              .orElseGet(
                  () -> {
                    ScoreStore.TaskScores now = scores(tuned, set);
                    scores.put(job.key(set), now);
                    return now;
                  });
      table.took(job.variant(), all.seconds());
      all.scores().forEach((measure, value) -> listener.scored(set, measure, value));
      // A run with patience may end before its rate has fallen: no last step to compare by.
      table.add(
          job.variant(), job.seed(), set, tuned.settings().patience() > 0 ? all.ofBestStep() : all);
    }
  }

  /** The set that the best step was chosen by has been scored by then. */
  private ScoreStore.TaskScores scores(ModelState.FineTuned tuned, String set) {
    Path model = directory(tuned);
    listener.task(set);
    Path file = tuned.development().get(set);
    if (file.equals(tuned.development().firstEntry().getValue())) {
      return new ScoreStore.TaskScores(
          ScoredStep.best(model).scores(), ScoredStep.all(model).getLast().scores(), laps.next());
    }
    SequencedMap<String, Double> scored =
        FineTunedScores.of(
            device,
            settings.precision(),
            model,
            tuned.reader(file),
            tuned.settings(),
            listener::notice);
    return new ScoreStore.TaskScores(scored, Collections.emptyNavigableMap(), laps.next());
  }

  /** What a job takes, a part after the other. */
  private static final class Laps {
    private long since = System.nanoTime();
    private boolean isWhole = true;

    /** A model is made next, or one that was begun by an earlier run, in a time not known now. */
    void makes(boolean isBegun) {
      isWhole &= !isBegun;
    }

    /** Seconds since the last call or, before, since it was made; absent where not all of them. */
    Optional<Double> next() {
      long now = System.nanoTime();
      Optional<Double> seconds = isWhole ? Optional.of((now - since) * 1e-9) : Optional.empty();
      since = now;
      isWhole = true;
      return seconds;
    }
  }

  /** Whether no later task of a job is measured with the same calibrated model. */
  private boolean isLast(ExperimentJob job, String task) {
    List<String> tasks = job.plan().tasks();
    String digest = job.calibratedDigest(task);
    return tasks.subList(tasks.indexOf(task) + 1, tasks.size()).stream()
        .noneMatch(later -> !isKnown(job, later) && job.calibratedDigest(later).equals(digest));
  }

  /** What a task gives with a calibration that is fitted for it. */
  private List<Measurement> calibrated(
      ExperimentJob job, String task, Function<MeasuredEncoder, List<Measurement>> measure) {
    Path directory = made(job.calibratedDigest(task), output -> calibrate(job, task, output));
    try (ModelEncoder encoder = encoder(job, directory)) {
      return measure.apply(encoder);
    }
  }

  private void calibrate(ExperimentJob job, String task, Path output) {
    try (CalibrationTexts.Opened opened = job.open(task)) {
      ModelMaker.Vectors vectors =
          new ModelMaker.Vectors(
              directory(job.state()),
              job.state().name(),
              encoding(job),
              opened.texts(),
              job.fittedOn(task));
      maker().calibrate(vectors, job.variant().calibration().orElseThrow(), job.flowSeed(), output);
    }
  }

  private ModelMaker maker() {
    return new ModelMaker(device, settings.precision(), listener.training());
  }

  /** The directory of a model, made if it was not before, with what it is made from. */
  private Path directory(ModelState state) {
    return switch (state) {
      case ModelState.Fetched fetched -> fetched.directory();
      case ModelState.Pretrained pretrained ->
          made(state.digest(), output -> maker().train(pretrained.method(), output));
      case ModelState.Tuned tuned ->
          made(
              state.digest(),
              output -> maker().train(tuned.method(directory(tuned.start())), output));
      case ModelState.FineTuned tuned ->
          made(
              state.digest(),
              output -> maker().train(tuned.method(directory(tuned.start())), output));
    };
  }

  private Path made(String digest, Consumer<Path> make) {
    return made.directory(
        digest,
        output -> {
          laps.makes(TrainingRun.isUnfinished(output));
          make.accept(output);
        });
  }

  private ModelEncoder encoder(ExperimentJob job, Path directory) {
    return new ModelEncoder(device, directory, job.variant().label(), encoding(job), listener);
  }

  /** With the vectors that are known, if they are this job's. */
  private Encoding encoding(ExperimentJob job) {
    if (!job.sharesVectors()) {
      return job.encoding(settings.precision(), Optional.empty());
    }
    String digest = job.vectorsDigest();
    if (!knownVectors.digest().equals(digest)) {
      knownVectors = new KnownVectors(digest, new PooledVectors());
    }
    return job.encoding(settings.precision(), Optional.of(knownVectors.vectors()));
  }
}
