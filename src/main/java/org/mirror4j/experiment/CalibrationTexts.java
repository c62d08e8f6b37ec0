package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.Tasks;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.TextLines;

/**
 * The texts that a calibration is fitted on where a task is measured.
 *
 * @param tasks by name
 * @param corpora by name
 */
record CalibrationTexts(Tasks tasks, ExperimentCorpus corpora) {
  /**
   * Texts, with the corpus that they may be read from.
   *
   * @param texts of tasks or of the corpus
   */
  record Opened(List<FittingTexts> texts, Optional<Corpus> corpus) implements AutoCloseable {
    /** All of them. */
    Stream<String> all() {
      return texts.stream().flatMap(each -> each.texts().stream());
    }

    @Override
    public void close() {
      corpus.ifPresent(Corpus::close);
    }
  }

  /** The files that they are read from. */
  List<Path> files(Calibration calibration, EvaluationPlan plan, String task) {
    if (calibration.corpus().isPresent()) {
      return List.of(corpora.of(calibration.corpus().get()));
    }
    return calibration
        .target(task)
        .map(names -> names.stream().flatMap(this::files).toList())
        .orElseGet(() -> plan.files(task));
  }

  /** Reads them. */
  Opened open(Calibration calibration, EvaluationPlan plan, String task) {
    if (calibration.corpus().isPresent()) {
      String name = calibration.corpus().get();
      Corpus corpus = Corpus.read(corpora.of(name), Corpus.Options.DEFAULT);
      return new Opened(List.of(FittingTexts.of(name, corpus)), Optional.of(corpus));
    }
    List<FittingTexts> texts =
        calibration
            .target(task)
            .map(names -> names.stream().flatMap(this::texts).toList())
            .orElseGet(() -> List.of(plan.fittingTexts(task)));
    return new Opened(texts, Optional.empty());
  }

  private Stream<Path> files(String name) {
    return ExperimentCorpus.isOfPairs(name)
        ? Stream.of(corpora.of(name))
        : tasks.resolve(name).tasks().stream().flatMap(each -> each.files().stream());
  }

  private Stream<FittingTexts> texts(String name) {
    return ExperimentCorpus.isOfPairs(name)
        ? Stream.of(pairs(name))
        : tasks.resolve(name).tasks().stream().map(each -> each.fittingTexts(_ -> {}));
  }

  /** Some of them are test sets. */
  private FittingTexts pairs(String name) {
    List<String> texts =
        TextLines.read(corpora.of(name), _ -> {}).stream()
            .flatMap(pair -> Stream.of(pair.split("\t", 2)))
            .toList();
    return new FittingTexts(name, true, true, texts);
  }
}
