package org.mirror4j.method.pretrain;

import org.mirror4j.objective.HeldOutText;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockReport;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.ShuffledBlocks;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.TokenDistribution;
import org.mirror4j.train.TrainingListener;

/**
 * The texts of a run, which are read as the steps need them and never held.
 *
 * @param blocks how the corpus is cut
 * @param tokens of all blocks of the corpus; 0 where they have not been counted, as the number of
 *     steps does not depend on them
 * @param stepsOfEpoch that the blocks of the corpus fill in the order of the first epoch, the last
 *     one in part; 0 where they have not been counted
 */
record PretrainingText(
    PretrainingFiles files,
    PretrainedModel model,
    PretrainingSettings settings,
    BlockSettings blocks,
    BlockMasking masking,
    long tokens,
    double stepsOfEpoch) {
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
            TokenDistribution.of(files.corpus(), tokenizer, files.spans()));
    BlockSettings blocks = settings.blocks(files.spans());
    PretrainingText uncounted = new PretrainingText(files, model, settings, blocks, masking, 0, 0);
    return settings.steps() > 0 ? uncounted : uncounted.counted(listener);
  }

  /** The same after all blocks have been read, and put into steps as those of the run are. */
  private PretrainingText counted(TrainingListener listener) {
    listener.notice("the corpus is read once for the number of its steps");
    PartSizes sizes = new PartSizes(settings, 1);
    StepFilling step = new StepFilling(sizes);
    long full = 0;
    try (ShuffledBlocks shuffled = shuffled()) {
      for (TokenBlock block = shuffled.next(); block != null; block = shuffled.next()) {
        int length = block.ids().length;
        if (step.add(length) == StepFilling.Place.NEXT_STEP) {
          full++;
          step = new StepFilling(sizes);
          step.add(length);
        }
      }
      BlockReport report = shuffled.report();
      listener.notice(report.summary());
      return new PretrainingText(
          files,
          model,
          settings,
          blocks,
          masking,
          report.tokens(),
          full + (double) step.tokens() / settings.batchTokens());
    }
  }

  private ShuffledBlocks shuffled() {
    return new ShuffledBlocks(
        () -> new BlockReader(files.corpus(), model.tokenizer(), blocks),
        settings.shuffleBlocks(),
        settings.seed());
  }

  /** Steps of the run: of those that the epochs fill, all but the last one if that is not full. */
  int steps() {
    if (settings.steps() > 0) {
      return settings.steps();
    }
    double all = stepsOfEpoch * settings.epochs();
    return (int) Math.max(1, Math.min(all, Integer.MAX_VALUE));
  }

  /**
   * The batches of the run.
   *
   * @param tokenMultiple what their rows are a multiple of
   */
  PretrainingBatches batches(int tokenMultiple) {
    return new PretrainingBatches(
        settings, shuffled(), masking, model.config(), settings.boundaryPlaces(), tokenMultiple);
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
