package org.mirror4j.method.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.task.Examples;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.train.Permutation;

/**
 * Examples in batches: those of each step of a run, a function of the settings and the number of
 * the step, and all of them in order.
 *
 * @param tokenMultiple what the rows of a batch are a multiple of
 */
record TaskBatches(FineTuningSettings settings, BertConfig config, int tokenMultiple) {
  /**
   * Texts that are computed at once.
   *
   * @param examples which ones
   * @param packed padded where the device asks for it
   */
  record Part(int[] examples, PackedBatch packed) {}

  /**
   * What a step computes.
   *
   * @param epoch counts from 0
   * @param parts computed one after the other
   */
  record Step(int epoch, List<Part> parts) {
    int tokens() {
      return parts.stream().mapToInt(part -> part.packed.realTokens()).sum();
    }
  }

  /** Steps of an epoch; the last one may have fewer examples. */
  int stepsPerEpoch(int examples) {
    return Math.ceilDiv(examples, settings.batchSize());
  }

  /** The largest part. */
  BatchSize largest() {
    int sequences = settings.batchSize();
    long all = (long) sequences * settings.maxLength();
    int tokens = (int) Math.min(all, settings.deviceTokens());
    return tokenMultiple == 1
        ? new BatchSize(tokens, sequences)
        : new BatchSize(
            PackedBatch.roundedTokens(tokens, tokenMultiple, settings.maxLength()),
            sequences,
            PackedBatch.paddingSequences(tokenMultiple, settings.maxLength()));
  }

  /**
   * The examples of a step in an order that is another one in each epoch.
   *
   * @param step counts from 1
   */
  Step step(Examples<?> examples, int step) {
    int perEpoch = stepsPerEpoch(examples.size());
    int epoch = (step - 1) / perEpoch;
    int from = (step - 1) % perEpoch * settings.batchSize();
    int to = Math.min(examples.size(), from + settings.batchSize());
    int[] order = Permutation.of(examples.size(), settings.seed(), epoch);
    List<Part> parts = new ArrayList<>();
    parts(examples, Arrays.copyOfRange(order, from, to), parts::add);
    return new Step(epoch, List.copyOf(parts));
  }

  /** All examples in their order. */
  void forEach(Examples<?> examples, Consumer<Part> consumer) {
    parts(examples, Permutation.inOrder(examples.size()), consumer);
  }

  /** Each part as full as it gets without a change of the order. */
  private void parts(Examples<?> examples, int[] indices, Consumer<Part> consumer) {
    List<TokenizedText> texts = new ArrayList<>();
    int tokens = 0;
    int first = 0;
    for (int i = 0; i < indices.length; i++) {
      TokenizedText text = examples.text(indices[i]);
      boolean full = tokens + text.length() > settings.deviceTokens();
      if (full || texts.size() == settings.batchSize()) {
        consumer.accept(part(texts, Arrays.copyOfRange(indices, first, i)));
        texts.clear();
        tokens = 0;
        first = i;
      }
      texts.add(text);
      tokens += text.length();
    }
    if (!texts.isEmpty()) {
      consumer.accept(part(texts, Arrays.copyOfRange(indices, first, indices.length)));
    }
  }

  private Part part(List<TokenizedText> texts, int[] indices) {
    PackedBatch packed =
        PackedBatch.of(
            texts.stream().map(TokenizedText::ids).toArray(int[][]::new),
            texts.stream().map(TokenizedText::typeIds).toArray(int[][]::new),
            config.positions());
    return new Part(
        indices,
        tokenMultiple == 1
            ? packed
            : packed.rounded(tokenMultiple, settings.maxLength(), config.padTokenId()));
  }
}
