package org.mirror4j.task.relation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Examples;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;

/** Sentences with marked entities as a model reads them, cut at a length. */
final class RelationExamples implements Examples<int[]> {
  private final List<RelationExample> sentences;
  private final LabelNames labels;
  private final List<int[]> ids;

  /**
   * Marks and cuts.
   *
   * @param file for notices
   * @param notices is told how many lose something of an entity, and which types of entities were
   *     not trained on
   */
  RelationExamples(
      Path file,
      List<RelationExample> sentences,
      LabelNames labels,
      SentenceMarker marker,
      int maxLength,
      Consumer<String> notices) {
    this.sentences = sentences;
    this.labels = labels;
    List<SentenceMarker.Marked> marked = sentences.stream().map(marker::mark).toList();
    ids =
        marked.stream()
            .map(one -> Arrays.copyOf(one.ids(), Math.min(one.ids().length, maxLength)))
            .toList();
    long cut = marked.stream().filter(one -> one.needed() > maxLength).count();
    if (cut > 0) {
      notices.accept(
          "%s: %,d of %,d sentences lose an entity or a part of one, cut at %d tokens"
              .formatted(file, cut, sentences.size(), maxLength));
    }
    List<String> unknown =
        sentences.stream()
            .flatMap(marker::unknown)
            .distinct()
            .sorted()
            .map(FileException::quote)
            .toList();
    if (!unknown.isEmpty()) {
      notices.accept(
          "%s: no sentence that was trained on has %s, read as unknown"
              .formatted(file, FileException.some(", ", unknown)));
    }
  }

  @Override
  public int size() {
    return sentences.size();
  }

  @Override
  public TokenizedText text(int example) {
    int[] tokens = ids.get(example);
    int[] none = new int[tokens.length];
    return new TokenizedText(tokens, none, none, none, none);
  }

  @Override
  public int[] targets(int[] examples, PackedBatch packed) {
    return Arrays.stream(examples)
        .map(example -> labels.number(sentences.get(example).relation()))
        .toArray();
  }

  @Override
  public int predictions(int example) {
    return 1;
  }
}
