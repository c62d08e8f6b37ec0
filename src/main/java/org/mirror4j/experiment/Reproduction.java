package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.TextException;

/**
 * Does tables of the paper again: tunes and measures what was not tuned and measured before. All
 * that is known of a model on a task is kept, so that a table that is interrupted goes on, and
 * tables share what they have in common.
 */
public final class Reproduction {
  private static final long FIRST_SEED = 42;

  private static final int BATCH_SIZE = 256;

  /**
   * What is asked for.
   *
   * @param data folder of the data sets
   * @param store folder for what is kept
   * @param seeds runs of each tuning and each flow, with the seeds 42, 43 ...
   * @param precision type of activations and of weights in products
   * @param keepModels whether models that were made stay when all is measured; they are as large as
   *     what they were made from
   */
  public record Settings(Path data, Path store, int seeds, DType precision, boolean keepModels) {}

  /** One model of one table. */
  private record Job(
      TableDefinition table,
      Variant variant,
      OptionalLong seed,
      EvaluationPlan plan,
      ModelState state) {
    String name() {
      return variant.label() + (seed.isPresent() ? ", seed " + seed.getAsLong() : "");
    }
  }

  private final Device device;
  private final Settings settings;
  private final Function<String, Path> models;
  private final ReproductionListener listener;
  private final ScoreStore scores;
  private final MadeModels made;
  private final ExperimentCorpus corpora;
  private final CalibrationTexts texts;
  private final Map<Path, String> digests = new HashMap<>();

  /**
   * A reproduction.
   *
   * @param models where the model of a name is; fails if it is not there
   */
  public Reproduction(
      Device device,
      Settings settings,
      Function<String, Path> models,
      ReproductionListener listener) {
    this.device = device;
    this.settings = settings;
    this.models = models;
    this.listener = listener;
    scores = new ScoreStore(settings.store().resolve("scores"));
    made = new MadeModels(settings.store());
    corpora =
        new ExperimentCorpus(
            settings.data(), settings.store().resolve("corpora"), this::digest, listener::notice);
    texts = new CalibrationTexts(new Tasks(settings.data()), corpora);
    device.requireStorage(settings.precision());
  }

  /**
   * Does tables again. Of several, one that cannot be done, as its model or data are not there, is
   * left out and said.
   *
   * @return those that were done
   * @throws RuntimeException naming what is not there, if none can be done
   */
  public List<ReproducedTable> run(Tables tables) {
    PublishedFigures published = PublishedFigures.read();
    List<Job> jobs = new ArrayList<>();
    Map<TableDefinition, ReproducedTable> results = new HashMap<>();
    List<ReproducedTable> order = new ArrayList<>();
    RuntimeException first = null;
    for (TableDefinition table : tables.tables()) {
      try {
        jobs.addAll(jobs(table));
      } catch (FileException | TextException | IllegalArgumentException e) {
        first = first == null ? e : first;
        if (tables.tables().size() > 1) {
          listener.notice("%s is left out: %s".formatted(table.name(), e.getMessage()));
        }
        continue;
      }
      ReproducedTable result = new ReproducedTable(table, published);
      results.put(table, result);
      order.add(result);
    }
    if (order.isEmpty() && first != null) {
      throw first;
    }
    run(jobs, results, order);
    return order;
  }

  private void run(
      List<Job> jobs, Map<TableDefinition, ReproducedTable> results, List<ReproducedTable> order) {
    ExperimentEstimate estimate = new ExperimentEstimate(device, settings.precision());
    List<Double> seconds = new ArrayList<>();
    Map<String, Integer> uses = new HashMap<>();
    int evaluations = 0;
    int known = 0;
    for (Job job : jobs) {
      List<String> pending = job.plan.tasks().stream().filter(task -> !isKnown(job, task)).toList();
      known += job.plan.tasks().size() - pending.size();
      evaluations += pending.isEmpty() ? 0 : 1;
      double needed = 0;
      if (!pending.isEmpty()) {
        boolean first = uses.merge(job.state.digest(), 1, Integer::sum) == 1;
        needed = estimate.evaluation(job.state.base(), job.variant, job.plan, pending);
        if (first && job.state.run().isPresent() && !made.has(job.state.digest())) {
          needed += estimate.tuning(job.state);
        }
        needed += fitting(estimate, job, pending);
      }
      seconds.add(needed);
    }
    long tunings =
        jobs.stream()
            .filter(job -> uses.containsKey(job.state.digest()) && job.state.run().isPresent())
            .map(job -> job.state.digest())
            .distinct()
            .count();
    double left = seconds.stream().mapToDouble(s -> s).sum();
    listener.planned(List.copyOf(order), (int) tunings, evaluations, known, left);
    for (int i = 0; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      listener.model(job.table.name(), job.name(), i + 1, jobs.size(), left);
      ReproducedTable table = results.get(job.table);
      measure(job, measurement -> table.add(job.variant, measurement));
      left -= seconds.get(i);
      boolean last = uses.merge(job.state.digest(), -1, Integer::sum) <= 0;
      if (last && job.state.run().isPresent()) {
        made.measured(job.state.digest(), settings.keepModels());
      }
    }
  }

  private List<Job> jobs(TableDefinition table) {
    Tasks known = new Tasks(settings.data());
    EvaluationPlan plan =
        EvaluationPlan.of(
            table.tasks().stream().map(this::belowData).map(known::resolve).toList(),
            listener::notice);
    List<Job> jobs = new ArrayList<>();
    for (Variant variant : table.variants()) {
      Path base = models.apply(variant.model());
      int runs = variant.isRandom() ? settings.seeds() : 1;
      for (int run = 0; run < runs; run++) {
        long seed = FIRST_SEED + run;
        jobs.add(
            new Job(
                table,
                variant,
                variant.isRandom() ? OptionalLong.of(seed) : OptionalLong.empty(),
                plan,
                ModelState.of(
                    base,
                    variant.tuning().map(tuning -> tuning(variant, tuning, seed)),
                    digests::computeIfAbsent,
                    device.name(),
                    settings.precision().label())));
      }
    }
    return jobs;
  }

  /** {@code isotropy:mirror_corpus/words.txt} with the file in its place. */
  private String belowData(String task) {
    int colon = task.indexOf(':');
    return colon < 0
        ? task
        : task.substring(0, colon + 1) + settings.data().resolve(task.substring(colon + 1));
  }

  private ModelState.Run tuning(Variant variant, Tuning tuning, long seed) {
    return new ModelState.Run(
        variant.model(),
        corpora.of(tuning),
        tuning.corpus(),
        tuning.recipeName(),
        tuning.settings(seed));
  }

  /** All that determines what is measured of a model on a task. */
  private ObjectNode key(Job job, String task) {
    ObjectNode key = job.state.key().deepCopy();
    key.put("task", task);
    job.variant.pooling().ifPresent(pooling -> key.put("pooling", pooling.label()));
    job.variant.maxLength().ifPresent(length -> key.put("maxLength", length));
    ArrayNode files = key.putArray("data");
    job.plan.files(task).forEach(file -> files.add(digest(file)));
    if (job.variant.calibration().isPresent()) {
      key.set("calibration", calibrationKey(job, task));
    }
    return key;
  }

  private ObjectNode calibrationKey(Job job, String task) {
    Calibration calibration = job.variant.calibration().orElseThrow();
    ObjectNode key = calibration.key(job.seed.orElse(FIRST_SEED));
    ArrayNode sources = key.putArray("fittedOn");
    texts.files(calibration, job.plan, task).forEach(file -> sources.add(digest(file)));
    return key;
  }

  /** The digest of a calibrated model, which tasks may have in common. */
  private String calibratedDigest(Job job, String task) {
    ObjectNode key = job.state.key().deepCopy();
    job.variant.pooling().ifPresent(pooling -> key.put("pooling", pooling.label()));
    job.variant.maxLength().ifPresent(length -> key.put("maxLength", length));
    key.set("calibration", calibrationKey(job, task));
    return ScoreStore.digest(key);
  }

  /** Seconds of computing the vectors that calibrations are fitted on. */
  private double fitting(ExperimentEstimate estimate, Job job, List<String> tasks) {
    double seconds = 0;
    for (String task : job.variant.calibration().isPresent() ? tasks : List.<String>of()) {
      try (CalibrationTexts.Opened opened =
          texts.open(job.variant.calibration().get(), job.plan, task)) {
        seconds += estimate.encoding(job.state.base(), job.variant, opened.all());
      }
    }
    return seconds;
  }

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }

  private boolean isKnown(Job job, String task) {
    return scores.get(key(job, task)).isPresent();
  }

  private void measure(Job job, Consumer<Measurement> measured) {
    Map<String, List<Measurement>> known = new HashMap<>();
    for (String task : job.plan.tasks()) {
      scores.get(key(job, task)).ifPresent(before -> known.put(task, before));
    }
    boolean calibrated = job.variant.calibration().isPresent();
    boolean complete = known.size() == job.plan.tasks().size();
    try (ModelEncoder encoder = complete || calibrated ? null : encoder(job, source(job))) {
      job.plan.evaluateWith(
          device,
          (task, measure) -> {
            if (known.containsKey(task)) {
              return known.get(task);
            }
            listener.task(task);
            List<Measurement> now =
                calibrated ? calibrated(job, task, measure) : measure.apply(encoder);
            scores.put(key(job, task), now);
            if (calibrated && isLast(job, task)) {
              made.measured(calibratedDigest(job, task), settings.keepModels());
            }
            return now;
          },
          task -> {},
          measurement -> {
            listener.measured(measurement);
            measured.accept(measurement);
          });
    }
  }

  /** Whether no later task of a job is measured with the same calibrated model. */
  private boolean isLast(Job job, String task) {
    List<String> tasks = job.plan.tasks();
    String digest = calibratedDigest(job, task);
    return tasks.subList(tasks.indexOf(task) + 1, tasks.size()).stream()
        .noneMatch(later -> !isKnown(job, later) && calibratedDigest(job, later).equals(digest));
  }

  /** What a task gives with a calibration that is fitted for it. */
  private List<Measurement> calibrated(
      Job job, String task, Function<MeasuredEncoder, List<Measurement>> measure) {
    Path directory =
        made.directory(calibratedDigest(job, task), output -> calibrate(job, task, output));
    try (ModelEncoder encoder = encoder(job, directory)) {
      return measure.apply(encoder);
    }
  }

  private void calibrate(Job job, String task, Path output) {
    Calibration calibration = job.variant.calibration().orElseThrow();
    try (CalibrationTexts.Opened opened = texts.open(calibration, job.plan, task)) {
      ModelMaker.Vectors vectors =
          new ModelMaker.Vectors(
              source(job),
              job.variant.model(),
              encoding(job),
              opened.texts(),
              texts.files(calibration, job.plan, task));
      maker().calibrate(vectors, calibration, job.seed.orElse(FIRST_SEED), output);
    }
  }

  private ModelMaker maker() {
    return new ModelMaker(device, settings.precision(), listener.tuning());
  }

  /** The directory of a model, tuned if it was not before. */
  private Path source(Job job) {
    return job.state.run().isEmpty()
        ? job.state.base()
        : made.directory(job.state.digest(), output -> maker().tune(job.state, output));
  }

  private Encoding encoding(Job job) {
    return new Encoding(
        job.variant.pooling(),
        job.variant.maxLength().map(OptionalInt::of).orElse(OptionalInt.empty()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        BATCH_SIZE,
        settings.precision());
  }

  private ModelEncoder encoder(Job job, Path directory) {
    return new ModelEncoder(device, directory, job.variant.label(), encoding(job), listener);
  }
}
