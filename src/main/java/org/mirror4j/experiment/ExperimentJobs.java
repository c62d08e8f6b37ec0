package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.TextException;

/** What there is to measure for tables; reads data and corpora, computes nothing. */
final class ExperimentJobs {
  private static final long FIRST_SEED = 42;

  private final Reproduction.Settings settings;
  private final Function<String, Path> models;
  private final List<? extends TaskKind> kinds;
  private final ReproductionListener listener;
  private final ExperimentCorpus corpora;
  private final ExampleFiles examples;
  private final CalibrationTexts texts;
  private final Computation computation;
  private final ModelStates states;
  private final Map<Path, String> digests = new HashMap<>();

  /**
   * @param models where the model of a name is; fails if it is not there
   * @param kinds what models can be fine-tuned for
   */
  ExperimentJobs(
      Device device,
      Reproduction.Settings settings,
      Function<String, Path> models,
      List<? extends TaskKind> kinds,
      ReproductionListener listener) {
    this.settings = settings;
    this.models = models;
    this.kinds = kinds;
    this.listener = listener;
    corpora =
        new ExperimentCorpus(
            settings.data(), settings.store().resolve("corpora"), this::digest, listener::notice);
    examples = new ExampleFiles(corpora, listener::notice);
    texts = new CalibrationTexts(new Tasks(settings.data()), corpora);
    computation = new Computation(device.name(), settings.precision().label());
    states = new ModelStates(this::digest, computation);
  }

  /**
   * The jobs of a table: its rows, those that depend on a seed once for each. A row of a fine-tuned
   * model stands by itself: where its model, its data or its task are not there, it is left out.
   *
   * @param leftOut is told of such rows and what is not there
   * @throws RuntimeException naming what is not there, if no row can be done or another row cannot
   */
  List<ExperimentJob> of(TableDefinition table, BiConsumer<Variant, String> leftOut) {
    return of(table, computation, leftOut);
  }

  /**
   * The jobs of a table of which all is known. What was not computed as it is asked is taken as it
   * was computed, where it was.
   *
   * @param isKnown whether all of a job is
   * @param leftOut see {@link #of}
   * @param otherwise is told of jobs that were computed otherwise than asked, and how
   */
  List<ExperimentJob> known(
      TableDefinition table,
      Predicate<ExperimentJob> isKnown,
      BiConsumer<Variant, String> leftOut,
      BiConsumer<ExperimentJob, Computation> otherwise) {
    List<ExperimentJob> asked = of(table, leftOut);
    Map<String, ExperimentJob> known = new LinkedHashMap<>();
    for (Computation each : computation.beforeOthers()) {
      for (ExperimentJob job : each.equals(computation) ? asked : of(table, each, (_, _) -> {})) {
        if (isKnown.test(job)
            && known.putIfAbsent(job.name(), job) == null
            && !each.equals(computation)) {
          otherwise.accept(job, each);
        }
      }
    }
    return asked.stream().map(job -> known.get(job.name())).filter(Objects::nonNull).toList();
  }

  private List<ExperimentJob> of(
      TableDefinition table, Computation with, BiConsumer<Variant, String> leftOut) {
    ModelStates computed = states.of(with);
    Map<List<String>, EvaluationPlan> plans = new HashMap<>();
    List<ExperimentJob> jobs = new ArrayList<>();
    RuntimeException first = null;
    for (Variant variant : table.variants()) {
      try {
        jobs.addAll(of(table, variant, plans, computed));
      } catch (FileException | TextException | IllegalArgumentException e) {
        if (variant.finetuning().isEmpty()) {
          throw e;
        }
        first = first == null ? e : first;
        leftOut.accept(variant, e.getMessage());
      }
    }
    if (jobs.isEmpty() && first != null) {
      throw first;
    }
    return jobs;
  }

  private List<ExperimentJob> of(
      TableDefinition table,
      Variant variant,
      Map<List<String>, EvaluationPlan> plans,
      ModelStates computed) {
    List<String> tasks =
        variant.finetuning().isPresent() ? List.of() : variant.tasks().orElse(table.tasks());
    EvaluationPlan plan = plans.computeIfAbsent(tasks, this::plan);
    variant.model().ifPresent(name -> plan.require(models.apply(name), name));
    List<ExperimentJob> jobs = new ArrayList<>();
    int runs = variant.isRandom() ? settings.seeds() : 1;
    for (int run = 0; run < runs; run++) {
      long seed = FIRST_SEED + run;
      jobs.add(
          new ExperimentJob(
              table,
              variant,
              variant.isRandom() ? OptionalLong.of(seed) : OptionalLong.empty(),
              plan,
              state(variant, computed, seed),
              texts,
              this::digest));
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

  private ModelState state(Variant variant, ModelStates computed, long seed) {
    Optional<ModelState.Fetched> named =
        variant.model().map(name -> computed.fetched(name, models.apply(name)));
    ModelState start =
        variant
            .pretrained()
            .map(text -> computed.pretrained(text, named, corpora.all(text.corpus()), seed))
            .orElseGet(named::orElseThrow);
    ModelState tuned =
        variant
            .tuning()
            .map(tuning -> computed.tuned(start, tuning, corpora.of(tuning), seed))
            .orElse(start);
    return variant.finetuning().map(row -> fineTuned(tuned, row, computed, seed)).orElse(tuned);
  }

  private ModelState fineTuned(ModelState start, ForTask row, ModelStates computed, long seed) {
    SequencedMap<String, Path> development = new LinkedHashMap<>();
    TaskKind kind = row.kind(kind(row.task()));
    row.dev().forEach((name, file) -> development.put(name, placed(file)));
    return computed.fineTuned(start, row, kind, placed(row.train()), development, seed);
  }

  /** By one name wherever it is asked from: a run that goes on has it among its settings. */
  private Path placed(ExampleFile file) {
    return examples.of(file).toAbsolutePath().normalize();
  }

  private TaskKind kind(String name) {
    return kinds.stream()
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("models cannot be fine-tuned for " + name));
  }

  private String digest(Path file) {
    return digests.computeIfAbsent(file, FileHash::of);
  }
}
