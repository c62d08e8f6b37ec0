package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileHash;

/** What there is to measure for tables; reads data and corpora, computes nothing. */
final class ExperimentJobs {
  private static final long FIRST_SEED = 42;

  private final Reproduction.Settings settings;
  private final Function<String, Path> models;
  private final ReproductionListener listener;
  private final ExperimentCorpus corpora;
  private final CalibrationTexts texts;
  private final ModelStates states;
  private final Map<Path, String> digests = new HashMap<>();

  /**
   * @param models where the model of a name is; fails if it is not there
   */
  ExperimentJobs(
      Device device,
      Reproduction.Settings settings,
      Function<String, Path> models,
      ReproductionListener listener) {
    this.settings = settings;
    this.models = models;
    this.listener = listener;
    corpora =
        new ExperimentCorpus(
            settings.data(), settings.store().resolve("corpora"), this::digest, listener::notice);
    texts = new CalibrationTexts(new Tasks(settings.data()), corpora);
    states = new ModelStates(this::digest, device.name(), settings.precision().label());
  }

  /**
   * The jobs of a table: its rows, those that depend on a seed once for each.
   *
   * @throws RuntimeException naming what is not there
   */
  List<ExperimentJob> of(TableDefinition table) {
    Map<List<String>, EvaluationPlan> plans = new HashMap<>();
    List<ExperimentJob> jobs = new ArrayList<>();
    for (Variant variant : table.variants()) {
      EvaluationPlan plan =
          plans.computeIfAbsent(variant.tasks().orElse(table.tasks()), this::plan);
      variant.model().ifPresent(name -> plan.require(models.apply(name), name));
      int runs = variant.isRandom() ? settings.seeds() : 1;
      for (int run = 0; run < runs; run++) {
        long seed = FIRST_SEED + run;
        jobs.add(
            new ExperimentJob(
                table,
                variant,
                variant.isRandom() ? OptionalLong.of(seed) : OptionalLong.empty(),
                plan,
                state(variant, seed),
                texts,
                this::digest));
      }
    }
    return jobs;
  }

  private EvaluationPlan plan(List<String> tasks) {
    Tasks known = new Tasks(settings.data());
    return EvaluationPlan.of(
        tasks.stream().map(this::belowData).map(known::resolve).toList(), listener::notice);
  }

  /** {@code isotropy:mirror_corpus/words.txt} with the file in its place. */
  private String belowData(String task) {
    int colon = task.indexOf(':');
    return colon < 0
        ? task
        : task.substring(0, colon + 1) + settings.data().resolve(task.substring(colon + 1));
  }

  private ModelState state(Variant variant, long seed) {
    ModelState start =
        variant
            .pretrained()
            .map(text -> states.pretrained(text, corpora.all(text.corpus()), seed))
            .orElseGet(() -> fetched(variant.model().orElseThrow()));
    return variant
        .tuning()
        .map(tuning -> states.tuned(start, tuning, corpora.of(tuning), seed))
        .orElse(start);
  }

  private ModelState fetched(String name) {
    return states.fetched(name, models.apply(name));
  }

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }
}
