package org.mirror4j.method.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextException;
import org.mirror4j.text.block.ShuffledBlocks;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskedTokens;

/**
 * The batches of a run, one after the other: blocks in the order of a {@link ShuffledBlocks}, as
 * many as fit into the tokens of a step, in parts that fit into those that are computed at once.
 * All of it is a function of the settings, the files and the number of the step. For use by one
 * thread.
 */
final class PretrainingBatches implements AutoCloseable {
  /** Fewer tokens than a block of a batch has on average, so that its sequences are bounded. */
  private static final int LEAST_MEAN_LENGTH = 8;

  private final PretrainingSettings settings;
  private final ShuffledBlocks blocks;
  private final BlockMasking masking;
  private final PackedBatch.Positions positions;
  private final int places;
  private TokenBlock pending;
  private int epoch;

  /**
   * What a step computes.
   *
   * @param epoch of its first block, counts from 0
   * @param parts computed one after the other
   */
  record Batch(int epoch, List<MaskedBatch> parts) {
    int tokens() {
      return parts.stream().mapToInt(part -> part.packed().realTokens()).sum();
    }

    PerObjective counts() {
      return parts.stream()
          .map(part -> part.targets().counts())
          .reduce(PerObjective.ZERO, PerObjective::plus);
    }
  }

  /** A block and the epoch in which it is masked. */
  private record Drawn(TokenBlock block, int epoch) {}

  /**
   * Before the first batch.
   *
   * @param blocks closed with this
   * @param places tokens of a span that are predicted from its boundaries; 0 for none
   */
  PretrainingBatches(
      PretrainingSettings settings,
      ShuffledBlocks blocks,
      BlockMasking masking,
      PackedBatch.Positions positions,
      int places) {
    this.settings = settings;
    this.blocks = blocks;
    this.masking = masking;
    this.positions = positions;
    this.places = places;
  }

  /** The largest part. */
  static BatchSize largest(PretrainingSettings settings) {
    int tokens = partTokens(settings);
    return new BatchSize(tokens, sequences(tokens));
  }

  /** The most that a part has to predict. */
  static PretrainingObjective.Limits limits(PretrainingSettings settings) {
    int tokens = partTokens(settings);
    int sequences = sequences(tokens);
    int predictions = settings.masks().mostPredictions(tokens, 2 * sequences);
    // Each span has two neighbours, which are not masked.
    int boundaries = Math.min(2 * predictions, tokens);
    return new PretrainingObjective.Limits(predictions, boundaries, sequences);
  }

  private static int partTokens(PretrainingSettings settings) {
    return Math.min(settings.batchTokens(), settings.deviceTokens());
  }

  private static int sequences(int tokens) {
    return Math.ceilDiv(tokens, LEAST_MEAN_LENGTH);
  }

  /** The next batch. */
  Batch next() {
    List<List<Drawn>> parts = draw();
    return new Batch(parts.getFirst().getFirst().epoch, parts.stream().map(this::masked).toList());
  }

  private MaskedBatch masked(List<Drawn> part) {
    List<MaskedTokens> masked =
        part.stream()
            .parallel()
            .map(drawn -> masking.apply(drawn.block, settings.seed(), drawn.epoch))
            .toList();
    return MaskedBatch.of(masked, positions, places);
  }

  /** Leaves out batches as if they had been asked for. */
  void skip(long batches) {
    for (long i = 0; i < batches; i++) {
      draw();
    }
  }

  private List<List<Drawn>> draw() {
    int partTokens = partTokens(settings);
    List<List<Drawn>> parts = new ArrayList<>();
    List<Drawn> part = new ArrayList<>();
    parts.add(part);
    int tokens = 0;
    int tokensOfPart = 0;
    for (TokenBlock block = peek();
        tokens == 0 || tokens + block.ids().length <= settings.batchTokens();
        block = peek()) {
      int length = block.ids().length;
      if (tokensOfPart + length > partTokens || part.size() == sequences(partTokens)) {
        part = new ArrayList<>();
        parts.add(part);
        tokensOfPart = 0;
      }
      part.add(new Drawn(block, epoch));
      tokensOfPart += length;
      tokens += length;
      pending = null;
    }
    return parts;
  }

  private TokenBlock peek() {
    if (pending == null) {
      pending = blocks.next();
    }
    if (pending == null) {
      blocks.start(++epoch);
      pending = blocks.next();
    }
    if (pending == null) {
      throw new TextException("the corpus has no block of text, expected prose");
    }
    return pending;
  }

  @Override
  public void close() {
    blocks.close();
  }
}
