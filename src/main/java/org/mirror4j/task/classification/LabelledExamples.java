package org.mirror4j.task.classification;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.task.Examples;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * Labelled texts as a model reads them, cut at a length; of a pair the longer text is cut first.
 * Texts are tokenized when they are asked for.
 *
 * @param <T> what is to be predicted of a batch
 */
final class LabelledExamples<T> implements Examples<T> {
  private final List<LabelledText> texts;
  private final Tokenizer tokenizer;
  private final int maxLength;
  private final Targets<T> targets;

  /** What is to be predicted of some texts. */
  @FunctionalInterface
  interface Targets<T> {
    T of(List<LabelledText> texts);
  }

  LabelledExamples(
      List<LabelledText> texts, Tokenizer tokenizer, int maxLength, Targets<T> targets) {
    this.texts = texts;
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.targets = targets;
  }

  /** Texts whose labels are not known: nobody asks for targets. */
  static <T> LabelledExamples<T> unlabelled(
      List<LabelledText> texts, Tokenizer tokenizer, int maxLength) {
    return new LabelledExamples<>(
        texts,
        tokenizer,
        maxLength,
        some -> {
          throw new UnsupportedOperationException("labels of texts that have none");
        });
  }

  /** The texts. */
  List<LabelledText> texts() {
    return texts;
  }

  @Override
  public int size() {
    return texts.size();
  }

  @Override
  public TokenizedText text(int example) {
    LabelledText text = texts.get(example);
    return text.second().isEmpty()
        ? tokenizer.encodeText(text.first(), maxLength)
        : tokenizer.encodePair(text.first(), text.second().get(), maxLength);
  }

  @Override
  public T targets(int[] examples, PackedBatch packed) {
    return targets.of(Arrays.stream(examples).mapToObj(texts::get).toList());
  }

  @Override
  public int predictions(int example) {
    return 1;
  }
}
