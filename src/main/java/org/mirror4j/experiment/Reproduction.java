package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.TextException;

/**
 * Does tables of the paper again: tunes and measures what was not tuned and measured before. All
 * that is known of a model on a task is kept, so that a table that is interrupted goes on, and
 * tables share what they have in common.
 */
public final class Reproduction {
  /**
   * What is asked for.
   *
   * @param data folder of the data sets
   * @param store folder for what is kept
   * @param seeds runs of each tuning and each flow, with the seeds 42, 43 ...
   * @param precision type of activations and of weights in products
   * @param keepModels whether models that were made stay when all is measured; they are as large as
   *     what they were made from
   * @param knownOnly whether nothing is measured, and tables show models of which all is known
   */
  public record Settings(
      Path data, Path store, int seeds, DType precision, boolean keepModels, boolean knownOnly) {}

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
   */
  public Reproduction(
      Device device,
      Settings settings,
      Function<String, Path> models,
      ReproductionListener listener) {
    this.device = device;
    this.settings = settings;
    this.listener = listener;
    jobs = new ExperimentJobs(device, settings, models, listener);
    made = new MadeModels(settings.store());
    measurement =
        new ModelMeasurement(
            device, settings, new ScoreStore(settings.store().resolve("scores")), made, listener);
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
    List<ExperimentJob> all = new ArrayList<>();
    Map<TableDefinition, ReproducedTable> results = new HashMap<>();
    List<ReproducedTable> order = new ArrayList<>();
    RuntimeException first = null;
    for (TableDefinition table : tables.tables()) {
      try {
        all.addAll(jobs.of(table));
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
    run(all, results, order);
    return order;
  }

  /**
   * A job and what is left of it.
   *
   * @param pending tasks whose scores are not known
   * @param seconds that they are estimated to take, tuning and fitting included
   */
  private record Planned(ExperimentJob job, List<String> pending, double seconds) {
    String model() {
      return job.state().digest();
    }

    boolean isTuned() {
      return job.state().run().isPresent();
    }
  }

  private void run(
      List<ExperimentJob> all,
      Map<TableDefinition, ReproducedTable> results,
      List<ReproducedTable> order) {
    List<Planned> plan = plan(all);
    if (settings.knownOnly()) {
      plan = plan.stream().filter(each -> each.pending().isEmpty()).toList();
    }
    List<Planned> open = plan.stream().filter(each -> !each.pending().isEmpty()).toList();
    long tunings = open.stream().filter(Planned::isTuned).map(Planned::model).distinct().count();
    int scores = plan.stream().mapToInt(each -> each.job().plan().tasks().size()).sum();
    int known = scores - open.stream().mapToInt(each -> each.pending().size()).sum();
    double left = open.stream().mapToDouble(Planned::seconds).sum();
    listener.planned(List.copyOf(order), (int) tunings, open.size(), known, left);
    for (int i = 0; i < plan.size(); i++) {
      Planned next = plan.get(i);
      listener.model(next.job().table().name(), next.job().name(), i + 1, plan.size(), left);
      measurement.measure(next.job(), results.get(next.job().table()));
      left -= next.seconds();
      boolean later =
          plan.subList(i + 1, plan.size()).stream()
              .anyMatch(each -> !each.pending().isEmpty() && each.model().equals(next.model()));
      // What is only shown may still be wanted by tables that are not.
      if (next.isTuned() && !later && !settings.knownOnly()) {
        made.measured(next.model(), settings.keepModels());
      }
    }
  }

  private List<Planned> plan(List<ExperimentJob> all) {
    ExperimentEstimate estimate = new ExperimentEstimate(device, settings.precision());
    List<Planned> plan = new ArrayList<>();
    Set<String> tuned = new HashSet<>();
    Set<String> embedded = new HashSet<>();
    for (ExperimentJob job : all) {
      List<String> pending =
          job.plan().tasks().stream().filter(task -> !measurement.isKnown(job, task)).toList();
      double seconds = 0;
      if (!pending.isEmpty() && !settings.knownOnly()) {
        List<String> computed =
            pending.stream()
                .filter(
                    task -> !job.sharesVectors() || embedded.add(task + " " + job.vectorsDigest()))
                .toList();
        seconds += estimate.evaluation(job.state().base(), job.variant(), job.plan(), computed);
        seconds += fitting(estimate, job, computed);
        String model = job.state().digest();
        if (job.state().run().isPresent() && !made.has(model) && tuned.add(model)) {
          seconds += estimate.tuning(job.state());
        }
      }
      plan.add(new Planned(job, pending, seconds));
    }
    return plan;
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
}
