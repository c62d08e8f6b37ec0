package org.mirror4j.method.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
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
  private final PretrainingSettings settings;
  private final ShuffledBlocks blocks;
  private final BlockMasking masking;
  private final BertConfig config;
  private final int places;
  private final PartSizes sizes;
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
   * @param tokenMultiple what the rows of a part are a multiple of
   */
  PretrainingBatches(
      PretrainingSettings settings,
      ShuffledBlocks blocks,
      BlockMasking masking,
      BertConfig config,
      int places,
      int tokenMultiple) {
    this.settings = settings;
    this.blocks = blocks;
    this.masking = masking;
    this.config = config;
    this.places = places;
    sizes = new PartSizes(settings, tokenMultiple);
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
    MaskedBatch batch = MaskedBatch.of(masked, config.positions(), places);
    config.requireTokenTypes(batch.packed());
    return sizes.rounded(batch, config.padTokenId());
  }

  /** Leaves out the next batch as if it had been asked for. */
  void skip() {
    draw();
  }

  private List<List<Drawn>> draw() {
    StepFilling step = new StepFilling(sizes);
    List<List<Drawn>> parts = new ArrayList<>();
    parts.add(new ArrayList<>());
    while (true) {
      TokenBlock block = peek();
      switch (step.add(block.ids().length)) {
        case NEXT_STEP -> {
          return parts;
        }
        case NEXT_PART -> parts.add(new ArrayList<>());
        case SAME_PART -> {}
      }
      parts.getLast().add(new Drawn(block, epoch));
      pending = null;
    }
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
