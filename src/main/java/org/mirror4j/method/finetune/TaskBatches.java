package org.mirror4j.method.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.operation.Dropout;
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

  /** Examples of the first steps of a run, those of each epoch counted again. */
  long examples(int size, int steps) {
    int perEpoch = stepsPerEpoch(size);
    return (long) (steps / perEpoch) * size + (long) (steps % perEpoch) * settings.batchSize();
  }

  /** The largest part. */
  BatchSize largest(Examples<?> examples) {
    int most = Math.min(examples.size(), settings.batchSize());
    long all = (long) most * settings.maxLength();
    BatchSize several = new BatchSize((int) Math.min(all, settings.deviceTokens()), most);
    return rounded(examples.alone().orElse(several));
  }

  /** Whether a step may be more than one part. */
  boolean parts(Examples<?> examples) {
    return examples.alone().isPresent()
        ? settings.batchSize() > 1
        : (long) settings.batchSize() * settings.maxLength() > settings.deviceTokens();
  }

  private BatchSize rounded(BatchSize size) {
    int tokens = size.tokens();
    int sequences = size.sequences();
    return tokenMultiple == 1
        ? size
        : new BatchSize(
            PackedBatch.roundedTokens(tokens, tokenMultiple, settings.maxLength()),
            sequences,
            PackedBatch.paddingSequences(tokenMultiple, settings.maxLength()));
  }

  /**
   * The examples of a step in an order that is another one in each epoch.
   *
   * @param step counts from 1
   * @throws IllegalArgumentException if they are more parts than dropout tells apart, or have types
   *     that the model does not know
   */
  Step step(Examples<?> examples, int step) {
    int perEpoch = stepsPerEpoch(examples.size());
    int epoch = (step - 1) / perEpoch;
    int from = (step - 1) % perEpoch * settings.batchSize();
    int to = Math.min(examples.size(), from + settings.batchSize());
    int[] order = Permutation.of(examples.size(), settings.seed(), epoch);
    List<Part> parts = new ArrayList<>();
    parts(examples.in(settings.seed(), epoch), Arrays.copyOfRange(order, from, to), parts::add);
    if (parts.size() > Dropout.MOST_PARTS) {
      throw new IllegalArgumentException(
          "a step of --batch-size %d takes %d parts of --device-tokens %d, expected at most %d: raise --device-tokens or lower --batch-size"
              .formatted(
                  settings.batchSize(), parts.size(), settings.deviceTokens(), Dropout.MOST_PARTS));
    }
    return new Step(epoch, List.copyOf(parts));
  }

  /** All examples in their order. */
  void forEach(Examples<?> examples, Consumer<Part> consumer) {
    parts(examples, Permutation.inOrder(examples.size()), consumer);
  }

  /** Each part as full as it gets without a change of the order; each text is asked for once. */
  private void parts(Examples<?> examples, int[] indices, Consumer<Part> consumer) {
    boolean alone = examples.alone().isPresent();
    List<TokenizedText> texts = new ArrayList<>();
    int tokens = 0;
    for (int i = 0; i < indices.length; i++) {
      TokenizedText text = examples.text(indices[i]);
      boolean full = alone || tokens + text.length() > settings.deviceTokens();
      if (!texts.isEmpty() && (full || texts.size() == settings.batchSize())) {
        consumer.accept(part(examples, Arrays.copyOfRange(indices, i - texts.size(), i), texts));
        texts.clear();
        tokens = 0;
      }
      texts.add(text);
      tokens += text.length();
    }
    if (!texts.isEmpty()) {
      int first = indices.length - texts.size();
      consumer.accept(part(examples, Arrays.copyOfRange(indices, first, indices.length), texts));
    }
  }

  private Part part(Examples<?> examples, int[] indices, List<TokenizedText> texts) {
    List<int[]> ids = new ArrayList<>();
    List<int[]> types = new ArrayList<>();
    for (int i = 0; i < indices.length; i++) {
      TokenizedText text = texts.get(i);
      int from = 0;
      for (int length : examples.segments(indices[i], text)) {
        ids.add(Arrays.copyOfRange(text.ids(), from, from + length));
        types.add(Arrays.copyOfRange(text.typeIds(), from, from + length));
        from += length;
      }
    }
    PackedBatch packed =
        PackedBatch.of(ids.toArray(int[][]::new), types.toArray(int[][]::new), config.positions());
    config.requireTokenTypes(packed);
    return new Part(
        indices,
        tokenMultiple == 1
            ? packed
            : packed.rounded(tokenMultiple, settings.maxLength(), config.padTokenId()));
  }
}
