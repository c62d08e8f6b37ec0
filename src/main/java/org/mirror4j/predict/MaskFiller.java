package org.mirror4j.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.objective.TokenPrediction;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.Tokenizer;

/**
 * A pretrained model on a device that says which tokens are likely where texts have masks. It may
 * be used by the thread that its device belongs to, and by no other.
 */
public final class MaskFiller implements AutoCloseable {
  /** Rows of a batch beyond which the matrix products get no faster. */
  private static final int BATCH_TOKENS = 4096;

  private static final int BATCH_TEXTS = 256;

  /** Tokens that are predicted at once, and logits of all of them together. */
  private static final int PREDICTIONS = 128, LOGITS = 1 << 22;

  private final ModelWithHeads model;
  private final Tokenizer tokenizer;
  private final Optional<SpanBoundarySize> spans;
  private final int maxLength;
  private final BatchSize size;
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final TokenPrediction prediction;
  private final Softmax softmax;

  /**
   * What is predicted.
   *
   * @param top tokens for each mask, at least 1
   * @param spans whether by the span boundary objective too
   * @param precision that the model is computed in
   */
  public record Options(int top, boolean spans, Precision precision) {}

  /**
   * Loads encoder, heads and tokenizer.
   *
   * @param name of the model, for messages
   * @throws FileException if the directory is no model, or has no head that is asked for
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   * @throws IllegalArgumentException if the device does not compute in the precision
   */
  public MaskFiller(Device opened, Path path, String name, Options options) {
    Device device = opened.computingForward(options.precision);
    model =
        ModelWithHeads.load(
            device,
            path,
            name,
            weights -> options.spans ? Optional.of(spans(weights, name)) : Optional.empty(),
            options.precision);
    tokenizer = model.tokenizer();
    spans = model.heads().spanBoundary();
    try {
      BertConfig config = model.config();
      maxLength =
          config.requireLength(
              Math.min(
                  tokenizer.maxLength().orElse(Integer.MAX_VALUE), config.maxSequenceLength()));
      size = new BatchSize(Math.max(BATCH_TOKENS, maxLength), BATCH_TEXTS);
      batch = new BatchTensors(device, model.workspace(), size);
      encoder =
          new BertEncoder(
              device,
              model.workspace(),
              model.model(),
              null,
              batch,
              size,
              BertEncoder.Rows.ALL,
              BertEncoder.WordGradient.OVERWRITTEN);
      prediction =
          new TokenPrediction(
              device,
              model.workspace(),
              model.model(),
              model.heads(),
              Math.clamp(LOGITS / config.vocabSize(), 1, PREDICTIONS));
      softmax = new Softmax(tokenizer, config.vocabSize(), options.top);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static SpanBoundarySize spans(TensorSource weights, String name) {
    return SpanBoundarySize.of(weights)
        .orElseThrow(
            () ->
                new FileException(
                    "%s: %s has no head of the span boundary objective (cls.pair_target_predictions.*),"
                            .formatted(name, Path.of(weights.file()).getFileName())
                        + " expected a model that was pretrained with it"));
  }

  /** The most tokens of a text that is not cut, special tokens included. */
  public int maxLength() {
    return maxLength;
  }

  /** The text that is read as a mask. */
  public String maskToken() {
    return tokenizer.maskToken();
  }

  /** Tokens of a span that are predicted by the span boundary objective; empty without it. */
  public OptionalInt places() {
    return spans.isEmpty() ? OptionalInt.empty() : OptionalInt.of(spans.get().places());
  }

  /** What a user should know of how the weights were read, a line each. */
  public List<String> notes() {
    return model.model().notes();
  }

  /**
   * Reads a text, of which the part around its masks is taken where it is too long.
   *
   * @throws IllegalArgumentException if it has no mask, or they are too far apart, or one stands at
   *     an end of the text and is to be predicted from what is beside it
   */
  public MaskedText read(String text) {
    MaskedText read = MaskedText.read(text, tokenizer, maxLength);
    if (spans.isPresent()) {
      read.requireBoundaries();
    }
    return read;
  }

  /**
   * The text with tokens in place of its masks.
   *
   * @param ids one a mask; -1 where the mask stays
   */
  public String filled(MaskedText text, int... ids) {
    return text.filled(tokenizer, ids);
  }

  /** Predicts the masks of each text, and hands the texts on in their order. */
  public void fill(List<MaskedText> texts, Consumer<FilledText> consumer) {
    for (int from = 0; from < texts.size(); ) {
      int to = from;
      for (int tokens = 0; to < texts.size() && to - from < size.sequences(); to++) {
        tokens += texts.get(to).pieces().length() + MaskedText.SPECIAL_TOKENS;
        if (tokens > size.tokens()) {
          break;
        }
      }
      fillBatch(texts.subList(from, to), consumer);
      from = to;
    }
  }

  private void fillBatch(List<MaskedText> texts, Consumer<FilledText> consumer) {
    PackedBatch packed =
        PackedBatch.of(
            texts.stream().map(text -> text.sequence(tokenizer)).toArray(int[][]::new),
            model.config().positions());
    batch.upload(packed);
    Tensor hidden = encoder.forward(Dropout.NONE);
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      for (int mask = 0; mask < texts.get(i).masks().length; mask++) {
        targets.add(new Target(texts.get(i), mask, packed.cuSeqlens()[i] + 1));
      }
    }
    int text = 0;
    List<Mask> masks = new ArrayList<>();
    for (int from = 0; from < targets.size(); from += prediction.maxRows()) {
      int to = Math.min(targets.size(), from + prediction.maxRows());
      for (Mask mask : predict(hidden, targets.subList(from, to))) {
        masks.add(mask);
        if (masks.size() == texts.get(text).masks().length) {
          consumer.accept(new FilledText(texts.get(text), List.copyOf(masks)));
          masks.clear();
          text++;
        }
      }
    }
  }

  private List<Mask> predict(Tensor hidden, List<Target> targets) {
    float[] logits = prediction.masked(hidden, targets.stream().mapToInt(Target::row).toArray());
    List<List<Mask.Token>> tokens = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      tokens.add(softmax.top(logits, i));
    }
    List<List<Mask.Token>> bySpanBoundary = bySpanBoundary(hidden, targets);
    List<Mask> masks = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      TextPieces pieces = target.text().pieces();
      int piece = target.text().masks()[target.mask()];
      masks.add(
          new Mask(
              pieces.starts()[piece],
              pieces.ends()[piece],
              target.place(),
              tokens.get(i),
              bySpanBoundary.get(i)));
    }
    return masks;
  }

  /** Empty for those that the head has no place for. */
  private List<List<Mask.Token>> bySpanBoundary(Tensor hidden, List<Target> targets) {
    int places = places().orElse(0);
    List<Target> known = targets.stream().filter(target -> target.place() < places).toList();
    List<List<Mask.Token>> tokens = new ArrayList<>();
    float[] logits =
        known.isEmpty()
            ? null
            : prediction.spanBoundary(
                hidden,
                known.stream().mapToInt(Target::before).toArray(),
                known.stream().mapToInt(Target::after).toArray(),
                known.stream().mapToInt(Target::place).toArray());
    int row = 0;
    for (Target target : targets) {
      tokens.add(target.place() < places ? softmax.top(logits, row++) : List.of());
    }
    return tokens;
  }

  /** Frees all but the device. */
  @Override
  public void close() {
    model.close();
  }
}
