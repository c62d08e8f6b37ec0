package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.file.FileException;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.TextException;

/**
 * Does tables of the papers again: makes and measures what was not made and measured before. All
 * that is known of a model on a task is kept, so that a table that is interrupted goes on, and
 * tables share what they have in common.
 */
public final class Reproduction {
  /**
   * What is asked for.
   *
   * @param data folder of the data sets
   * @param store folder for what is kept
   * @param seeds runs of each pretraining, each tuning, each fine-tuning and each flow, with the
   *     seeds 42, 43 ...
   * @param precision that models are computed in
   * @param keepModels whether models that were made stay when all is measured; they are as large as
   *     what they were made from
   * @param knownOnly whether nothing is measured, and tables show models of which all is known,
   *     also on another device or in another precision, which is said
   */
  public record Settings(
      Path data,
      Path store,
      int seeds,
      Precision precision,
      boolean keepModels,
      boolean knownOnly) {}

  private final Device device;
  private final Settings settings;
  private final ReproductionListener listener;
  private final ExperimentJobs jobs;
  private final MadeModels made;
  private final ModelMeasurement measurement;

  /**
   * A reproduction.
   *
   * @param models where the model of a name is; fails if it is not there
   * @param kinds what models can be fine-tuned for
   */
  public Reproduction(
      Device device,
      Settings settings,
      Function<String, Path> models,
      List<? extends TaskKind> kinds,
      ReproductionListener listener) {
    this.device = device;
    this.settings = settings;
    this.listener = listener;
    jobs = new ExperimentJobs(device, settings, models, kinds, listener);
    made = new MadeModels(settings.store());
    measurement =
        new ModelMeasurement(
            device, settings, new ScoreStore(settings.store().resolve("scores")), made, listener);
    if (!settings.knownOnly()) {
      device.computing(settings.precision());
    }
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
    List<ExperimentJob> all = new ArrayList<>();
    Map<TableDefinition, ReproducedTable> results = new HashMap<>();
    List<ReproducedTable> order = new ArrayList<>();
    RuntimeException first = null;
    for (TableDefinition table : tables.tables()) {
      ReproducedTable result = new ReproducedTable(table, published);
      try {
        all.addAll(jobs(table, result));
      } catch (FileException | TextException | IllegalArgumentException e) {
        first = first == null ? e : first;
        if (tables.tables().size() > 1) {
          listener.notice("%s is left out: %s".formatted(table.name(), e.getMessage()));
        }
        continue;
      }
      results.put(table, result);
      order.add(result);
    }
    if (order.isEmpty() && first != null) {
      throw first;
    }
    run(all, results, order);
    return order;
  }

  private List<ExperimentJob> jobs(TableDefinition table, ReproducedTable result) {
    BiConsumer<Variant, String> leftOut =
        (row, why) -> {
          listener.notice("%s: %s is left out: %s".formatted(table.name(), row.label(), why));
          result.leftOut(row, why);
        };
    return settings.knownOnly()
        ? jobs.known(
            table,
            job -> job.tasks().stream().allMatch(task -> measurement.isKnown(job, task)),
            leftOut,
            (job, how) -> result.note(job.variant(), job.seed(), "computed " + how.text()))
        : jobs.of(table, leftOut);
  }

  /**
   * A job and what is left of it.
   *
   * @param pending tasks whose scores are not known
   * @param seconds that they are estimated to take, training and fitting included
   * @param models digests of those that are made for it
   */
  private record Planned(
      ExperimentJob job, List<String> pending, double seconds, List<String> models) {
    boolean waitsFor(String model) {
      return !pending.isEmpty() && models.contains(model);
    }
  }

  private void run(
      List<ExperimentJob> all,
      Map<TableDefinition, ReproducedTable> results,
      List<ReproducedTable> order) {
    List<Planned> plan = plan(all);
    List<Planned> open = plan.stream().filter(each -> !each.pending().isEmpty()).toList();
    int scores = plan.stream().mapToInt(each -> each.job().tasks().size()).sum();
    int known = scores - open.stream().mapToInt(each -> each.pending().size()).sum();
    double left = open.stream().mapToDouble(Planned::seconds).sum();
    listener.planned(
        List.copyOf(order),
        new ReproductionListener.Plan(
            count(open, ModelState.Pretrained.class),
            count(open, ModelState.Tuned.class),
            count(open, ModelState.FineTuned.class),
            open.size(),
            known,
            left));
    for (int i = 0; i < plan.size(); i++) {
      Planned next = plan.get(i);
      listener.model(next.job().table().name(), next.job().name(), i + 1, plan.size(), left);
      measurement.measure(next.job(), results.get(next.job().table()));
      left -= next.seconds();
      // What is only shown may still be wanted by tables that are not.
      if (!settings.knownOnly()) {
        leave(next, plan.subList(i + 1, plan.size()));
      }
    }
  }

  /** Models of one kind that are made for what is left. */
  private static int count(List<Planned> open, Class<? extends ModelState> kind) {
    return (int)
        open.stream()
            .flatMap(each -> each.job().state().made().stream())
            .filter(kind::isInstance)
            .map(ModelState::digest)
            .distinct()
            .count();
  }

  /** The models of what is done, those that nothing later waits for. */
  private void leave(Planned done, List<Planned> later) {
    for (String model : done.models()) {
      if (later.stream().noneMatch(each -> each.waitsFor(model))) {
        made.measured(model, settings.keepModels());
      }
    }
  }

  private List<Planned> plan(List<ExperimentJob> all) {
    ExperimentEstimate estimate = new ExperimentEstimate(device, settings.precision());
    List<Planned> plan = new ArrayList<>();
    Set<String> trained = new HashSet<>();
    Set<String> embedded = new HashSet<>();
    for (ExperimentJob job : all) {
      List<String> pending =
          job.tasks().stream().filter(task -> !measurement.isKnown(job, task)).toList();
      double seconds = 0;
      if (!pending.isEmpty()) {
        List<String> computed =
            pending.stream()
                .filter(
                    task -> !job.sharesVectors() || embedded.add(task + " " + job.vectorsDigest()))
                .toList();
        seconds += evaluation(estimate, job, computed);
        seconds += fitting(estimate, job, computed);
        seconds += training(estimate, job.state(), trained);
      }
      List<String> models = job.state().made().stream().map(ModelState::digest).toList();
      plan.add(new Planned(job, pending, seconds, models));
    }
    return plan;
  }

  /**
   * Seconds of making a model, with what it is made from.
   *
   * @param trained digests of those that are made by then, added to
   */
  private double training(ExperimentEstimate estimate, ModelState state, Set<String> trained) {
    double seconds = 0;
    for (ModelState each : state.made().reversed()) {
      if (made.has(each.digest()) || !trained.add(each.digest())) {
        break;
      }
      seconds += estimate.training(each);
    }
    return seconds;
  }

  private static double evaluation(
      ExperimentEstimate estimate, ExperimentJob job, List<String> tasks) {
    return job.state() instanceof ModelState.FineTuned tuned
        ? estimate.scoring(tuned, tasks)
        : estimate.evaluation(job.state(), job.variant(), job.plan(), tasks);
  }

  /** Seconds of computing the vectors that calibrations are fitted on. */
  private double fitting(ExperimentEstimate estimate, ExperimentJob job, List<String> tasks) {
    double seconds = 0;
    for (String task : job.isCalibrated() ? tasks : List.<String>of()) {
      try (CalibrationTexts.Opened opened = job.open(task)) {
        seconds += estimate.encoding(job.state(), job.variant(), opened.all());
      }
    }
    return seconds;
  }
}
