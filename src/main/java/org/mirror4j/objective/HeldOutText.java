package org.mirror4j.objective;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskedTokens;

/**
 * Text whose loss is measured, in batches of blocks in reading order. It is read anew each time,
 * and masked in the same way.
 *
 * @param blocks how the file is cut
 * @param seed of the masks
 * @param places tokens of a span that are predicted from its boundaries; 0 for none
 * @param size the largest batch
 */
public record HeldOutText(
    Path file,
    Tokenizer tokenizer,
    BlockSettings blocks,
    BlockMasking masking,
    PackedBatch.Positions positions,
    long seed,
    int places,
    BatchSize size) {
  /**
   * What was measured.
   *
   * @param losses sum of each objective's
   * @param counts how much each objective predicts
   */
  public record Measured(PerObjective losses, PerObjective counts) {
    /** Nothing yet. */
    private static final Measured NOTHING = new Measured(PerObjective.ZERO, PerObjective.ZERO);

    private Measured plus(PretrainingStep step, MaskedBatch batch) {
      step.upload(batch, PerObjective.ZERO);
      step.measure();
      return new Measured(losses.plus(step.losses()), counts.plus(batch.targets().counts()));
    }
  }

  /**
   * The losses over all of it.
   *
   * @param step with the heads that the text is masked for, planned for its {@link #size}
   * @param done is told how many are done, after each batch but the last
   * @throws TextException if it has no block
   */
  public Measured measure(PretrainingStep step, LongConsumer done) {
    try (BlockReader reader = new BlockReader(List.of(file), tokenizer, blocks)) {
      Measured measured = Measured.NOTHING;
      List<MaskedTokens> batch = new ArrayList<>();
      int tokens = 0;
      for (TokenBlock block = reader.next(); block != null; block = reader.next()) {
        int length = block.ids().length;
        if (tokens + length > size.tokens() || batch.size() == size.sequences()) {
          measured = measured.plus(step, MaskedBatch.of(batch, positions, places));
          done.accept(block.number());
          batch.clear();
          tokens = 0;
        }
        batch.add(masking.apply(block, seed, 0));
        tokens += length;
      }
      if (batch.isEmpty()) {
        throw new TextException(file + ": no block of text, expected prose");
      }
      return measured.plus(step, MaskedBatch.of(batch, positions, places));
    }
  }
}
