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

  private final Device device;
  private final Reproduction.Settings settings;
  private final Function<String, Path> models;
  private final ReproductionListener listener;
  private final ExperimentCorpus corpora;
  private final CalibrationTexts texts;
  private final Map<Path, String> digests = new HashMap<>();

  /**
   * @param models where the model of a name is; fails if it is not there
   */
  ExperimentJobs(
      Device device,
      Reproduction.Settings settings,
      Function<String, Path> models,
      ReproductionListener listener) {
    this.device = device;
    this.settings = settings;
    this.models = models;
    this.listener = listener;
    corpora =
        new ExperimentCorpus(
            settings.data(), settings.store().resolve("corpora"), this::digest, listener::notice);
    texts = new CalibrationTexts(new Tasks(settings.data()), corpora);
  }

  /**
   * The jobs of a table: its rows, those that depend on a seed once for each.
   *
   * @throws RuntimeException naming what is not there
   */
  List<ExperimentJob> of(TableDefinition table) {
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

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }
}
