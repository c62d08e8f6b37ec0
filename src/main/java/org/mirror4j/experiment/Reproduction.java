package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.mirror4j.bert.PooledVectors;
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

  private final Device device;
  private final Settings settings;
  private final Function<String, Path> models;
  private final ReproductionListener listener;
  private final ScoreStore scores;
  private final MadeModels made;
  private final ExperimentCorpus corpora;
  private final CalibrationTexts texts;
  private final Map<Path, String> digests = new HashMap<>();
  private KnownVectors known = new KnownVectors("", new PooledVectors());

  /**
   * Pooled vectors of texts, which calibrations of the same model have in common.
   *
   * @param digest of all that determines them
   */
  private record KnownVectors(String digest, PooledVectors vectors) {}

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
    List<ExperimentJob> jobs = new ArrayList<>();
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
      List<ExperimentJob> jobs,
      Map<TableDefinition, ReproducedTable> results,
      List<ReproducedTable> order) {
    ExperimentEstimate estimate = new ExperimentEstimate(device, settings.precision());
    List<Double> seconds = new ArrayList<>();
    Map<String, Integer> uses = new HashMap<>();
    Set<String> embedded = new HashSet<>();
    int evaluations = 0;
    int known = 0;
    for (ExperimentJob job : jobs) {
      List<String> pending =
          job.plan().tasks().stream().filter(task -> !isKnown(job, task)).toList();
      known += job.plan().tasks().size() - pending.size();
      evaluations += pending.isEmpty() ? 0 : 1;
      double needed = 0;
      if (!pending.isEmpty()) {
        boolean first = uses.merge(job.state().digest(), 1, Integer::sum) == 1;
        List<String> computed =
            pending.stream()
                .filter(
                    task -> !job.sharesVectors() || embedded.add(task + " " + job.vectorsDigest()))
                .toList();
        needed = estimate.evaluation(job.state().base(), job.variant(), job.plan(), computed);
        if (first && job.state().run().isPresent() && !made.has(job.state().digest())) {
          needed += estimate.tuning(job.state());
        }
        needed += fitting(estimate, job, computed);
      }
      seconds.add(needed);
    }
    long tunings =
        jobs.stream()
            .filter(job -> uses.containsKey(job.state().digest()) && job.state().run().isPresent())
            .map(job -> job.state().digest())
            .distinct()
            .count();
    double left = seconds.stream().mapToDouble(s -> s).sum();
    listener.planned(List.copyOf(order), (int) tunings, evaluations, known, left);
    for (int i = 0; i < jobs.size(); i++) {
      ExperimentJob job = jobs.get(i);
      listener.model(job.table().name(), job.name(), i + 1, jobs.size(), left);
      ReproducedTable table = results.get(job.table());
      measure(job, table);
      left -= seconds.get(i);
      boolean last = uses.merge(job.state().digest(), -1, Integer::sum) <= 0;
      if (last && job.state().run().isPresent()) {
        made.measured(job.state().digest(), settings.keepModels());
      }
    }
  }

  private List<ExperimentJob> jobs(TableDefinition table) {
    Tasks known = new Tasks(settings.data());
    EvaluationPlan plan =
        EvaluationPlan.of(
            table.tasks().stream().map(this::belowData).map(known::resolve).toList(),
            listener::notice);
    List<ExperimentJob> jobs = new ArrayList<>();
    for (Variant variant : table.variants()) {
      Path base = models.apply(variant.model());
      int runs = variant.isRandom() ? settings.seeds() : 1;
      for (int run = 0; run < runs; run++) {
        long seed = FIRST_SEED + run;
        jobs.add(
            new ExperimentJob(
                table,
                variant,
                variant.isRandom() ? OptionalLong.of(seed) : OptionalLong.empty(),
                plan,
                ModelState.of(
                    base,
                    variant.tuning().map(tuning -> tuning(variant, tuning, seed)),
                    digests::computeIfAbsent,
                    device.name(),
                    settings.precision().label()),
                texts,
                this::digest));
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

  /** Seconds of computing the vectors that calibrations are fitted on. */
  private double fitting(ExperimentEstimate estimate, ExperimentJob job, List<String> tasks) {
    double seconds = 0;
    for (String task : job.isCalibrated() ? tasks : List.<String>of()) {
      try (CalibrationTexts.Opened opened = job.open(task)) {
        seconds += estimate.encoding(job.state().base(), job.variant(), opened.all());
      }
    }
    return seconds;
  }

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }

  private boolean isKnown(ExperimentJob job, String task) {
    return scores.get(job.key(task)).isPresent();
  }

  private void measure(ExperimentJob job, ReproducedTable table) {
    Map<String, ScoreStore.Scores> known = new HashMap<>();
    for (String task : job.plan().tasks()) {
      scores.get(job.key(task)).ifPresent(before -> known.put(task, before));
    }
    boolean calibrated = job.isCalibrated();
    boolean complete = known.size() == job.plan().tasks().size();
    Laps laps = new Laps();
    try (ModelEncoder encoder = complete || calibrated ? null : encoder(job, source(job))) {
      job.plan()
          .evaluateWith(
              device,
              (task, measure) -> {
                ScoreStore.Scores all = known.get(task);
                if (all == null) {
                  listener.task(task);
                  List<Measurement> now =
                      calibrated ? calibrated(job, task, measure) : measure.apply(encoder);
                  all = new ScoreStore.Scores(now, Optional.of(laps.next()));
                  scores.put(job.key(task), all);
                  if (calibrated && isLast(job, task)) {
                    made.measured(job.calibratedDigest(task), settings.keepModels());
                  }
                }
                table.took(all.seconds());
                return all.measurements();
              },
              task -> {},
              measurement -> {
                listener.measured(measurement);
                table.add(job.variant(), measurement);
              });
    }
  }

  /** Seconds since the last call or, before, since it was made. */
  private static final class Laps {
    private long since = System.nanoTime();

    double next() {
      long now = System.nanoTime();
      double seconds = (now - since) * 1e-9;
      since = now;
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
    Path directory =
        made.directory(job.calibratedDigest(task), output -> calibrate(job, task, output));
    try (ModelEncoder encoder = encoder(job, directory)) {
      return measure.apply(encoder);
    }
  }

  private void calibrate(ExperimentJob job, String task, Path output) {
    try (CalibrationTexts.Opened opened = job.open(task)) {
      ModelMaker.Vectors vectors =
          new ModelMaker.Vectors(
              source(job),
              job.variant().model(),
              encoding(job),
              opened.texts(),
              job.fittedOn(task));
      maker().calibrate(vectors, job.variant().calibration().orElseThrow(), job.flowSeed(), output);
    }
  }

  private ModelMaker maker() {
    return new ModelMaker(device, settings.precision(), listener.tuning());
  }

  /** The directory of a model, tuned if it was not before. */
  private Path source(ExperimentJob job) {
    return job.state().run().isEmpty()
        ? job.state().base()
        : made.directory(job.state().digest(), output -> maker().tune(job.state(), output));
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
    if (!known.digest().equals(digest)) {
      known = new KnownVectors(digest, new PooledVectors());
    }
    return job.encoding(settings.precision(), Optional.of(known.vectors()));
  }
}
