package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.tensor.DType;

/**
 * Does tables of the paper again: tunes and measures what was not tuned and measured before. All
 * that is known of a model on a task is kept, so that a table that is interrupted goes on, and
 * tables share what they have in common.
 */
public final class Reproduction {
  private static final long FIRST_SEED = 42;

  /** Raised when a protocol changes, so that what was measured by the old one is not taken. */
  private static final int PROTOCOL = 1;

  /**
   * What is asked for.
   *
   * @param data folder of the data sets
   * @param store folder for what is kept
   * @param seeds runs of each tuning, with the seeds 42, 43 ...
   * @param precision type of activations and of weights in products
   * @param keepModels whether tuned models stay when all is measured; they are as large as what
   *     they were tuned from
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
  private final ExperimentCorpus corpora;
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
    corpora = new ExperimentCorpus(settings.data(), settings.store().resolve("corpora"));
    device.requireStorage(settings.precision());
  }

  /**
   * Does tables again. Of several, one that cannot be done, as its model or data are not there, is
   * left out and said.
   *
   * @return those that were done
   * @throws RuntimeException naming what is not there, if only one is asked for
   */
  public List<ReproducedTable> run(Tables tables) {
    PublishedFigures published = PublishedFigures.read();
    List<Job> jobs = new ArrayList<>();
    Map<TableDefinition, ReproducedTable> results = new HashMap<>();
    List<ReproducedTable> order = new ArrayList<>();
    for (TableDefinition table : tables.tables()) {
      try {
        jobs.addAll(jobs(table));
      } catch (FileException | IllegalArgumentException e) {
        if (tables.tables().size() == 1) {
          throw e;
        }
        listener.notice("%s is left out: %s".formatted(table.name(), e.getMessage()));
        continue;
      }
      ReproducedTable result = new ReproducedTable(table, published);
      results.put(table, result);
      order.add(result);
    }
    run(jobs, results);
    return order;
  }

  private void run(List<Job> jobs, Map<TableDefinition, ReproducedTable> results) {
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
        if (first && job.state.run().isPresent() && !Files.exists(tuned(job.state))) {
          needed += estimate.tuning(job.state);
        }
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
    listener.planned((int) tunings, evaluations, known, left);
    for (int i = 0; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      listener.model(job.table.name(), job.name(), i + 1, jobs.size(), left);
      ReproducedTable table = results.get(job.table);
      measure(job, measurement -> table.add(job.variant, measurement));
      left -= seconds.get(i);
      boolean last = uses.merge(job.state.digest(), -1, Integer::sum) <= 0;
      if (last && !settings.keepModels()) {
        discard(job.state);
      }
      listener.table(table);
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
      int runs = variant.tuning().isPresent() ? settings.seeds() : 1;
      for (int run = 0; run < runs; run++) {
        long seed = FIRST_SEED + run;
        jobs.add(
            new Job(
                table,
                variant,
                variant.tuning().isPresent() ? OptionalLong.of(seed) : OptionalLong.empty(),
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

  private Path tuned(ModelState state) {
    return settings.store().resolve("models").resolve(state.digest());
  }

  /** All that determines what is measured of a model on a task. */
  private ObjectNode key(Job job, String task) {
    ObjectNode key = job.state.key().deepCopy();
    key.put("protocol", PROTOCOL).put("task", task);
    job.variant.pooling().ifPresent(pooling -> key.put("pooling", pooling.label()));
    job.variant.maxLength().ifPresent(length -> key.put("maxLength", length));
    ArrayNode files = key.putArray("data");
    job.plan.files(task).forEach(file -> files.add(digest(file)));
    return key;
  }

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }

  private boolean isKnown(Job job, String task) {
    return scores.get(key(job, task)).isPresent();
  }

  private void measure(Job job, Consumer<Measurement> measured) {
    try (MeasuredState model =
        new MeasuredState(device, settings.precision(), job.variant, listener)) {
      job.plan.evaluateWith(
          device,
          (task, measure) -> {
            ObjectNode key = key(job, task);
            Optional<List<Measurement>> before = scores.get(key);
            if (before.isPresent()) {
              return before.get();
            }
            MeasuredEncoder encoder = model.encoder(() -> directory(job));
            listener.task(task);
            List<Measurement> now = measure.apply(encoder);
            scores.put(key, now);
            return now;
          },
          task -> {},
          measurement -> {
            listener.measured(measurement);
            measured.accept(measurement);
          });
    }
  }

  /** The directory of a model, tuned where it is to be and was not before. */
  private Path directory(Job job) {
    if (job.state.run().isEmpty()) {
      return job.state.base();
    }
    Path tuned = tuned(job.state);
    if (!Files.exists(tuned)) {
      job.state.tune(device, settings.precision(), tuned, listener.tuning());
    }
    return tuned;
  }

  private void discard(ModelState state) {
    Path tuned = tuned(state);
    if (state.run().isPresent() && Files.exists(tuned)) {
      try {
        AtomicFiles.deleteTree(tuned);
      } catch (IOException e) {
        throw FileException.of("cannot remove " + tuned, e);
      }
    }
  }
}
