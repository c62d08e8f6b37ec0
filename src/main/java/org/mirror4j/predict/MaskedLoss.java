package org.mirror4j.predict;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.HeldOutText;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.text.block.BlockKind;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockReport;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.MaskSettings;
import org.mirror4j.text.mask.TokenDistribution;

/**
 * A pretrained model on a device and its loss over prose that it was not trained on, in nats: the
 * mean of {@code -log p(token)} over the masked tokens (Devlin et al. 2019, section 3.1), and over
 * those of spans predicted from beside them (Joshi et al. 2020, section 3.2) where the masks are
 * spans and the model has the head. Without dropout.
 *
 * <p>A document is cut into blocks of the maximum length, wherever that is. Masks are drawn with
 * one seed, and what stands in place of a token as often as it stands in the text: models of one
 * tokenizer are asked for the same tokens at the same length, and a model is asked for those that
 * {@code pretrain} holds out with that seed, the text being its corpus too.
 */
public final class MaskedLoss implements AutoCloseable {
  /** Of the masks. */
  public static final long SEED = 42;

  /**
   * Tokens of the longest blocks: what models are pretrained with, whatever positions they have.
   */
  private static final int LONGEST = 512;

  /** Rows of a batch beyond which the matrix products get no faster. */
  private static final int BATCH_TOKENS = 4096;

  private static final int BATCH_BLOCKS = 64;

  private final ModelWithHeads model;
  private final MaskSettings masks;
  private final int maxLength;
  private final BatchSize size = new BatchSize(BATCH_TOKENS, BATCH_BLOCKS);
  private final PretrainingStep step;

  /**
   * How the loss is measured.
   *
   * @param scheme what is masked together
   * @param maxLength tokens of a block, special tokens included; of more than 512 it is 512
   * @param precision that the model is computed in
   */
  public record Options(MaskScheme scheme, int maxLength, Precision precision) {}

  /**
   * A mean over what was predicted.
   *
   * @param loss NaN of nothing
   * @param predictions how many
   */
  public record Mean(double loss, long predictions) {
    private static Mean of(double losses, double count) {
      return new Mean(losses / count, (long) count);
    }
  }

  /**
   * What was measured.
   *
   * @param masked of masked language modelling
   * @param spanBoundary of the span boundary objective; empty where it was not asked
   */
  public record Result(Mean masked, Optional<Mean> spanBoundary) {}

  /** Hears how far a measurement is. */
  @FunctionalInterface
  public interface Progress {
    /** So many of the blocks are done. */
    void blocks(long done, long of);
  }

  /**
   * Loads encoder, heads and tokenizer.
   *
   * @param name of the model, for messages
   * @throws FileException if the directory is no model, or has no head of masked language modelling
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   * @throws IllegalArgumentException if model or device cannot do what is asked for
   */
  public MaskedLoss(Device opened, Path path, String name, Options options) {
    masks = MaskSettings.of(options.scheme);
    Device device = opened.computingForward(options.precision);
    model =
        ModelWithHeads.load(
            device,
            path,
            name,
            weights ->
                options.scheme == MaskScheme.SPANS
                    ? SpanBoundarySize.of(weights)
                    : Optional.empty(),
            options.precision);
    try {
      maxLength = model.config().requireLength(Math.min(options.maxLength, LONGEST));
      step =
          new PretrainingStep(
              device,
              model.workspace(),
              model.model(),
              model.heads(),
              null,
              false,
              size,
              PretrainingObjective.Limits.of(masks, model.heads(), size));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Requires of a model directory that its loss can be measured.
   *
   * @param name of the model, for messages
   * @throws FileException if it is no model, or has no head of masked language modelling
   */
  public static void require(Path path, String name) {
    ModelDirectory directory = ModelDirectory.open(path);
    try (SafeTensors weights = directory.weights()) {
      PretrainingHeads.requireMasked(
          directory.config(), weights, BertConfig.of(directory, weights), name);
    }
  }

  /**
   * The loss over a text, which is read three times and never held: what is in it, how often each
   * token is, its blocks.
   *
   * @param text a paragraph a line, an empty line between documents
   * @param notices is told what is in it
   * @throws org.mirror4j.text.TextException if it has no block of text, or is no text
   * @throws IllegalStateException if the loss is not finite
   */
  public Result of(Path text, Consumer<String> notices, Progress progress) {
    List<Path> files = List.of(text);
    SpanSource spans = SpanSource.of(files, SpanSource.NONE, notices);
    BlockSettings blocks = new BlockSettings(BlockKind.STREAM, maxLength, 0, spans, SEED);
    BlockReport report = BlockReader.report(files, model.tokenizer(), blocks);
    notices.accept("%s: %s".formatted(text, report.summary()));
    HeldOutText heldOut =
        new HeldOutText(
            text,
            model.tokenizer(),
            blocks,
            BlockMasking.of(
                masks, model.tokenizer(), TokenDistribution.of(files, model.tokenizer(), spans)),
            model.config().positions(),
            SEED,
            model.heads().spanBoundary().map(SpanBoundarySize::places).orElse(0),
            size);
    HeldOutText.Measured measured =
        heldOut.measure(step, done -> progress.blocks(done, report.blocks()));
    if (!Double.isFinite(measured.losses().sum())) {
      throw new IllegalStateException(
          "the loss is %s; --precision f32 has the widest range"
              .formatted(measured.losses().sum()));
    }
    return new Result(
        Mean.of(measured.losses().masked(), measured.counts().masked()),
        model
            .heads()
            .spanBoundary()
            .map(_ -> Mean.of(measured.losses().spanBoundary(), measured.counts().spanBoundary())));
  }

  /** Frees all but the device. */
  @Override
  public void close() {
    model.close();
  }
}
