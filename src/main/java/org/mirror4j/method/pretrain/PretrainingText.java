package org.mirror4j.method.pretrain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.file.FileHash;
import org.mirror4j.objective.HeldOutText;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockReport;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.ShuffledBlocks;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.TokenDistribution;
import org.mirror4j.train.TrainingListener;

/**
 * The texts of a run, which are read as the steps need them and never held.
 *
 * @param heldOut text whose loss is measured
 * @param blocks how the corpus is cut
 * @param tokens of all blocks of the corpus; 0 where they have not been counted, as the number of
 *     steps does not depend on them
 */
record PretrainingText(
    List<Path> corpus,
    Optional<Path> heldOut,
    PretrainedModel model,
    PretrainingSettings settings,
    BlockSettings blocks,
    BlockMasking masking,
    long tokens) {
  /** Looks into the texts; reads all of the corpus only where the steps are as many as it has. */
  static PretrainingText read(
      List<Path> corpus,
      Optional<Path> heldOut,
      PretrainedModel model,
      PretrainingSettings settings,
      TrainingListener listener) {
    Tokenizer tokenizer = model.tokenizer();
    SpanSource spans = spans(corpus, settings);
    if (spans != SpanSource.NONE) {
      listener.notice("spans to mask: %s".formatted(spans.label()));
    }
    BlockMasking masking =
        BlockMasking.of(
            settings.masks(), tokenizer, TokenDistribution.of(corpus, tokenizer, spans));
    BlockSettings blocks = settings.blocks(spans);
    long tokens = settings.steps() > 0 ? 0 : count(corpus, tokenizer, blocks, listener);
    return new PretrainingText(corpus, heldOut, model, settings, blocks, masking, tokens);
  }

  /** A column is none of the text, whether its spans are wanted or not. */
  private static SpanSource spans(List<Path> files, PretrainingSettings settings) {
    return SpanSource.of(files, settings.mask().heuristic());
  }

  private static long count(
      List<Path> corpus, Tokenizer tokenizer, BlockSettings blocks, TrainingListener listener) {
    BlockReport report = BlockReader.report(corpus, tokenizer, blocks);
    listener.notice(report.summary());
    return report.tokens();
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
            () -> new BlockReader(corpus, model.tokenizer(), blocks),
            settings.shuffleBlocks(),
            settings.seed()),
        masking,
        model.config(),
        settings.boundaryPlaces(),
        tokenMultiple);
  }

  /** The text that is measured; null where there is none. */
  HeldOutText measured() {
    return heldOut
        .map(
            file ->
                new HeldOutText(
                    file,
                    model.tokenizer(),
                    settings.blocks(spans(List.of(file), settings)),
                    masking,
                    model.config().positions(),
                    settings.seed(),
                    settings.boundaryPlaces(),
                    new PartSizes(settings, 1).largest()))
        .orElse(null);
  }

  /** Digest of the corpus, of large files by samples. */
  String hash() {
    return FileHash.sampled(corpus);
  }

  /** Digest of the held-out text; empty where there is none. */
  String heldOutHash() {
    return heldOut.map(file -> FileHash.sampled(List.of(file))).orElse("");
  }
}
