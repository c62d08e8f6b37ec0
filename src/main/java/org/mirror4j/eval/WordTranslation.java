package org.mirror4j.eval;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.search.Csls;
import org.mirror4j.search.Vectors;

/**
 * Finds translations of words by a map between the vectors of two languages, {@link Procrustes}
 * learnt from a dictionary, and {@link Csls} with 10 neighbours among the words of both languages.
 * The vectors are taken as the encoder makes them. Each pair of the test is one item; where a word
 * has several translations, each is sought alone (as in the authors' {@code eval.py}).
 *
 * @param train pairs that the map is learnt from
 * @param test pairs whose second word is sought
 */
record WordTranslation(Words source, Words target, List<Pair> train, List<Pair> test)
    implements TaskData {
  /** A word and its translation. */
  record Pair(String source, String target) {}

  /**
   * The words of a language among which is sought.
   *
   * @param language its code
   * @param listed frequent words; empty where none are known beside those of the pairs
   */
  record Words(String language, List<String> listed) {
    Words {
      listed = List.copyOf(listed);
    }

    SequencedSet<String> with(Stream<String> ofPairs) {
      SequencedSet<String> words = new LinkedHashSet<>(listed);
      ofPairs.forEach(words::add);
      return words;
    }
  }

  WordTranslation {
    train = List.copyOf(train);
    test = List.copyOf(test);
  }

  private SequencedSet<String> sourceWords() {
    return source.with(words(Pair::source));
  }

  private SequencedSet<String> targetWords() {
    return target.with(words(Pair::target));
  }

  private Stream<String> words(Function<Pair, String> side) {
    return Stream.concat(train.stream(), test.stream()).map(side);
  }

  @Override
  public List<String> texts() {
    return Stream.concat(sourceWords().stream(), targetWords().stream()).toList();
  }

  /** Of two encoders that of each for the words of its language. */
  @Override
  public Coverage coverage(MeasuredEncoder encoder) {
    MeasuredEncoder ofSource = encoder.in(source.language);
    MeasuredEncoder ofTarget = encoder.in(target.language);
    return ofSource == ofTarget
        ? TaskData.super.coverage(ofSource)
        : ofSource
            .coverage(List.copyOf(sourceWords()))
            .plus(ofTarget.coverage(List.copyOf(targetWords())));
  }

  @Override
  public Optional<Measurement.Measure> quality() {
    return Optional.of(Measurement.Measure.ACCURACY_AT_1);
  }

  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    SequencedSet<String> sources = sourceWords();
    SequencedSet<String> targets = targetWords();
    int[] ranks;
    try (EmbeddedTexts x = EmbeddedTexts.embed(encoder.in(source.language), sources);
        EmbeddedTexts y = EmbeddedTexts.embed(encoder.in(target.language), targets)) {
      requireOneLength(x.vectors(), y.vectors());
      ranks = ranks(device, x, y);
    }
    double found = Arrays.stream(ranks).filter(rank -> rank == 1).count();
    double reciprocal = Arrays.stream(ranks).mapToDouble(rank -> 1.0 / rank).sum();
    String remark = remark(sources, targets);
    return List.of(
        measurement(task, Measurement.Measure.ACCURACY_AT_1, found, remark),
        measurement(task, Measurement.Measure.MRR, reciprocal, remark));
  }

  private void requireOneLength(Vectors x, Vectors y) {
    if (x.dimension() != y.dimension()) {
      throw new IllegalStateException(
          "encoder: vectors of %d values for %s and of %d for %s, expected as many"
              .formatted(x.dimension(), source.language, y.dimension(), target.language));
    }
  }

  private int[] ranks(Device device, EmbeddedTexts x, EmbeddedTexts y) {
    Procrustes map =
        Procrustes.of(
            x.vectors(), rows(x, train, Pair::source), y.vectors(), rows(y, train, Pair::target));
    try (Vectors mapped = map.rotate(x.vectors());
        Vectors queries = mapped.select(rows(x, test, Pair::source))) {
      return new Csls(device, mapped, y.vectors(), Csls.NEIGHBOURHOOD)
          .ranks(queries, rows(y, test, Pair::target));
    }
  }

  private static int[] rows(EmbeddedTexts texts, List<Pair> pairs, Function<Pair, String> side) {
    return texts.rows(pairs.stream().map(side).toList());
  }

  private Measurement measurement(
      String task, Measurement.Measure measure, double sum, String remark) {
    return new Measurement(
        task, measure, 100 * sum / test.size(), test.size(), 0, Coverage.NONE, remark);
  }

  private String remark(Collection<String> sources, Collection<String> targets) {
    String words = String.format(Locale.ROOT, "%,d and %,d words", sources.size(), targets.size());
    return source.listed.isEmpty() || target.listed.isEmpty()
        ? "translations sought among the words of the dictionaries, %s, not among 200,000"
            .formatted(words)
        : "translations sought among %s".formatted(words);
  }
}
