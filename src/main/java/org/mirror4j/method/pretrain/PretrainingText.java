package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.objective.HeldOutText;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.ShuffledBlocks;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.TokenDistribution;
import org.mirror4j.train.TrainingListener;

/**
 * The texts of a run, which are read as the steps need them and never held.
 *
 * @param blocks how the corpus is cut
 * @param tokens of all blocks of the corpus; 0 where they have not been counted, as the number of
 *     steps does not depend on them
 */
record PretrainingText(
    PretrainingFiles files,
    PretrainedModel model,
    PretrainingSettings settings,
    BlockSettings blocks,
    BlockMasking masking,
    long tokens) {
  /** Tokens that the distribution of replacements is counted over. */
  private static final long COUNTED_TOKENS = 1 << 22;

  /** Looks into the texts; reads all of the corpus only where the steps are as many as it has. */
  static PretrainingText read(
      PretrainingFiles files,
      PretrainedModel model,
      PretrainingSettings settings,
      TrainingListener listener) {
    Tokenizer tokenizer = model.tokenizer();
    BlockMasking masking =
        BlockMasking.of(
            settings.masks(),
            tokenizer,
            TokenDistribution.of(
                BlockReader.tokenCounts(files.corpus(), tokenizer, files.spans(), COUNTED_TOKENS)));
    BlockSettings blocks = settings.blocks(files.spans());
    long tokens = settings.steps() > 0 ? 0 : count(files.corpus(), tokenizer, blocks, listener);
    return new PretrainingText(files, model, settings, blocks, masking, tokens);
  }

  private static long count(
      List<Path> corpus, Tokenizer tokenizer, BlockSettings blocks, TrainingListener listener) {
    try (BlockReader reader = new BlockReader(corpus, tokenizer, blocks)) {
      while (reader.next() != null) {
        // counted by the reader
      }
      listener.notice(reader.report().summary());
      return reader.report().tokens();
    }
  }

  /** Steps of the run. */
  int steps() {
    if (settings.steps() > 0) {
      return settings.steps();
    }
    double all = (double) tokens * settings.epochs() / settings.batchTokens();
    return (int) Math.max(1, Math.min(all, Integer.MAX_VALUE));
  }

  /**
   * The batches of the run.
   *
   * @param tokenMultiple what their rows are a multiple of
   */
  PretrainingBatches batches(int tokenMultiple) {
    return new PretrainingBatches(
        settings,
        new ShuffledBlocks(
            () -> new BlockReader(files.corpus(), model.tokenizer(), blocks),
            settings.shuffleBlocks(),
            settings.seed()),
        masking,
        model.config(),
        settings.boundaryPlaces(),
        tokenMultiple);
  }

  /** The text that is measured; null where there is none. */
  HeldOutText measured() {
    return files
        .heldOut()
        .map(
            file ->
                new HeldOutText(
                    file,
                    model.tokenizer(),
                    settings.blocks(files.heldOutSpans()),
                    masking,
                    model.config().positions(),
                    settings.seed(),
                    settings.boundaryPlaces(),
                    new PartSizes(settings, 1).largest()))
        .orElse(null);
  }
}
