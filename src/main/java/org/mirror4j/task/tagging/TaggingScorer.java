package org.mirror4j.task.tagging;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Found;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/**
 * Precision, recall and F1 of spans with their types, all together and by type, and the accuracy of
 * tags: {@code conlleval} of CoNLL-2000 (Tjong Kim Sang and Buchholz 2000) and seqeval in its
 * default mode. A span is right if one of its type has the same first and last word.
 */
public final class TaggingScorer implements Scorer {
  @Override
  public String name() {
    return "tagging";
  }

  @Override
  public String description() {
    return "F1 of the spans of BIO tags; columns as CoNLL has them, or tags alone";
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<TaggedSentence> gold = TagFile.read(files.gold(), notices);
    List<TaggedSentence> predicted = TagFile.read(files.predictions(), notices);
    checkSame(files.gold(), gold, files.predictions(), predicted);
    return figures(
        gold.stream().map(TaggedSentence::tags).toList(),
        predicted.stream().map(TaggedSentence::tags).toList());
  }

  /**
   * The figures of tags that are said of sentences.
   *
   * @param gold the tags of each
   * @param predicted as many of each
   */
  static List<Figure> figures(List<List<String>> gold, List<List<String>> predicted) {
    SortedMap<String, Found> types = new TreeMap<>();
    long words = 0;
    long right = 0;
    for (int i = 0; i < gold.size(); i++) {
      List<String> tags = gold.get(i);
      List<String> said = predicted.get(i);
      words += tags.size();
      for (int word = 0; word < tags.size(); word++) {
        right += tags.get(word).equals(said.get(word)) ? 1 : 0;
      }
      count(types, TypedSpan.of(tags), TypedSpan.of(said));
    }
    Found all = types.values().stream().reduce(new Found(0, 0, 0), Found::plus);
    List<Figure> figures = new ArrayList<>(all.figures(""));
    figures.add(new Figure(Measure.ACCURACY, 100.0 * right / words));
    types.forEach((type, found) -> figures.addAll(found.figures(type)));
    return figures;
  }

  private static void count(
      SortedMap<String, Found> types, List<TypedSpan> there, List<TypedSpan> found) {
    Set<TypedSpan> rightOnes = new HashSet<>(there);
    there.forEach(span -> types.merge(span.type(), new Found(0, 0, 1), Found::plus));
    for (TypedSpan span : found) {
      types.merge(span.type(), new Found(rightOnes.contains(span) ? 1 : 0, 1, 0), Found::plus);
    }
  }

  /** Fails where the files are not of the same sentences. */
  private static void checkSame(
      Path goldFile, List<TaggedSentence> gold, Path file, List<TaggedSentence> predicted) {
    for (int i = 0; i < Math.min(gold.size(), predicted.size()); i++) {
      TaggedSentence there = gold.get(i);
      TaggedSentence said = predicted.get(i);
      if (!there.words().isEmpty() && !said.words().isEmpty()) {
        checkWords(goldFile, there, file, said);
      }
      if (there.tags().size() != said.tags().size()) {
        throw new FileException(
            "%s:%d: %d tags until the end of the sentence, expected %d as from line %d of %s"
                .formatted(
                    file,
                    said.line(),
                    said.tags().size(),
                    there.tags().size(),
                    there.line(),
                    goldFile));
      }
    }
    if (gold.size() != predicted.size()) {
      throw new FileException(
          "%s: %,d sentences, expected %,d as in %s"
              .formatted(file, predicted.size(), gold.size(), goldFile));
    }
  }

  private static void checkWords(
      Path goldFile, TaggedSentence there, Path file, TaggedSentence said) {
    for (int word = 0; word < Math.min(there.words().size(), said.words().size()); word++) {
      if (!there.words().get(word).equals(said.words().get(word))) {
        throw new FileException(
            "%s:%d: the word is %s, expected %s as in line %d of %s"
                .formatted(
                    file,
                    said.line() + word,
                    quote(said.words().get(word)),
                    quote(there.words().get(word)),
                    there.line() + word,
                    goldFile));
      }
    }
  }
}
