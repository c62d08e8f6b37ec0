package org.mirror4j.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertConfig.Family;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.reference.ReferenceEncoder;
import org.mirror4j.reference.ReferenceHead;
import org.mirror4j.reference.ReferenceMaskedLanguageModel;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceSoftmax;
import org.mirror4j.reference.Tape;
import org.mirror4j.reference.Variable;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.BlockKind;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.block.BlockSettings;
import org.mirror4j.text.block.SpanSource;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.MaskSettings;
import org.mirror4j.text.mask.MaskedTokens;
import org.mirror4j.text.mask.ReplacementUnit;
import org.mirror4j.text.mask.SpanLengths;
import org.mirror4j.text.mask.TokenDistribution;

/** Losses of a small random model against the oracle in double. */
class MaskedLossTest {
  private static final int LAYERS = 2;
  private static final int HIDDEN = 24;
  private static final int PLACES = 3;

  private static final PretrainingHeads HEADS =
      new PretrainingHeads(Optional.of(new SpanBoundarySize(PLACES, 7)), false);

  private static final List<String> WORDS =
      List.of("the", "a", "cat", "dog", "ran", "far", "plays", "playing", "cats", ".");

  @TempDir Path folder;

  record Case(Family family, GeluForm form, Precision precision, int maxLength) {
    Device device() {
      return precision == Precision.BF16 ? new RoundingDevice(2) : new HostDevice(2);
    }

    Tokenizer tokenizer() {
      return family == Family.BERT
          ? Tokenizer.wordPiece(vocabulary(), true)
          : Tokenizer.open(Path.of("src/test/resources/golden/roberta"));
    }
  }

  private static final Case BERT = new Case(Family.BERT, GeluForm.ERF, Precision.F32, 17);

  static Stream<Case> cases() {
    return Stream.of(
        BERT,
        new Case(Family.BERT, GeluForm.TANH, Precision.BF16, SmallModel.LENGTH),
        new Case(Family.ROBERTA, GeluForm.ERF, Precision.F32, 11));
  }

  private static List<String> vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    pieces.addAll(List.of("the", "a", "cat", "dog", "ran", "far", "play", "##s", "##ing", "."));
    return pieces;
  }

  private static BertConfig config(Case c) {
    try (Tokenizer tokenizer = c.tokenizer()) {
      return SmallModel.config(c.family, tokenizer.vocabSize(), HIDDEN, LAYERS, c.form);
    }
  }

  private static ReferenceParameters parameters(BertConfig config) {
    return ReferenceParameters.random(SmallModel.reference(config), HEADS, 5);
  }

  private Path write(Case c, BertConfig config, PretrainingHeads heads) {
    return write("model", c, config, heads.blocks(config));
  }

  private Path write(String name, Case c, BertConfig config, ParameterTable.Block... heads) {
    try (Tokenizer tokenizer = c.tokenizer()) {
      return SmallModel.write(
          folder.resolve(name), config, parameters(config), tokenizer, ModelSettings.NONE, heads);
    }
  }

  /** Documents of 1 to 60 words in paragraphs of up to 9; more blocks than one batch has. */
  private Path text() throws IOException {
    Random random = new Random(4);
    List<String> lines = new ArrayList<>();
    for (int words = 1; words <= 60; words++) {
      for (int left = words; left > 0; ) {
        int length = Math.min(left, 1 + random.nextInt(9));
        lines.add(
            String.join(
                " ",
                random.ints(length, 0, WORDS.size()).mapToObj(WORDS::get).toArray(String[]::new)));
        left -= length;
      }
      lines.add("");
    }
    return Files.write(folder.resolve("text.txt"), lines);
  }

  private static MaskedLoss.Result measure(
      Case c, Path model, MaskScheme scheme, int maxLength, Path text, List<Long> progress) {
    try (Device device = c.device();
        MaskedLoss loss =
            new MaskedLoss(
                device, model, "small", new MaskedLoss.Options(scheme, maxLength, c.precision))) {
      return loss.of(
          text,
          notice -> assertThat(notice).startsWith(text + ": "),
          (done, of) -> progress.addAll(List.of(done, of)));
    }
  }

  private static MaskedLoss.Result measure(
      Case c, Path model, MaskScheme scheme, int maxLength, Path text) {
    return measure(c, model, scheme, maxLength, text, new ArrayList<>());
  }

  /**
   * Layers in int8, heads in f32: of the hidden states, whose size is 1, each is off by {@code
   * sqrt(8) 2^-6}, by the four products of two layers ({@code EmbedCommandTest}). A logit, the sum
   * of 24 of them times weights of deviation {@code 1 / sqrt(24)}, is off by as much, a loss by the
   * errors of its logit and of the logarithm, which are independent, and a mean of losses by less.
   */
  @Test
  void layersInInt8() throws IOException {
    try (HostDevice device = new HostDevice(1)) {
      assumeTrue(device.packed(DType.INT8).isPresent(), "this processor does not multiply int8");
    }
    Path model = write(BERT, config(BERT), HEADS);
    Path text = text();
    double exact = measure(BERT, model, MaskScheme.TOKENS, 17, text).masked().loss();
    Case int8 = new Case(Family.BERT, GeluForm.ERF, Precision.INT8, 17);
    double rounded = measure(int8, model, MaskScheme.TOKENS, 17, text).masked().loss();
    assertThat(rounded)
        .isNotEqualTo(exact)
        .isCloseTo(exact, within(Math.sqrt(2 * 4 * LAYERS) * 0x1p-6));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAreThoseOfTheOracle(Case c) throws IOException {
    Path model = write(c, config(c), HEADS);
    Path text = text();
    List<Long> progress = new ArrayList<>();
    MaskedLoss.Result tokens = measure(c, model, MaskScheme.TOKENS, c.maxLength, text, progress);
    Oracle ofTokens = Oracle.of(c, MaskScheme.TOKENS, ReplacementUnit.TOKEN, text);
    ofTokens.masked.compare(tokens.masked());
    assertThat(tokens.spanBoundary()).isEmpty();
    assertThat(progress).isNotEmpty();
    for (int i = 0; i < progress.size(); i += 2) {
      assertThat(progress.get(i)).isBetween(1L, ofTokens.blocks - 1L);
      assertThat(progress.get(i + 1)).isEqualTo(ofTokens.blocks);
    }
    MaskedLoss.Result spans = measure(c, model, MaskScheme.SPANS, c.maxLength, text);
    Oracle ofSpans = Oracle.of(c, MaskScheme.SPANS, ReplacementUnit.SPAN, text);
    ofSpans.masked.compare(spans.masked());
    ofSpans.spanBoundary.compare(spans.spanBoundary().orElseThrow());
  }

  /**
   * A mean in double.
   *
   * @param bound error of the mean
   */
  private record Expected(double loss, int predictions, double bound) {
    /**
     * An f32 product of inner size n is off by about u sqrt(n) of its size, u = 2^-24, a result
     * that is stored by the roundoff of its type, and k operations in sequence leave sqrt(k) times
     * that of the largest logit: 10 a layer, 2 of the embedding, and 10 of the heads. A loss is off
     * by the error of its logit and that of the logarithm of the sum over all others.
     */
    static Expected of(Tape tape, Variable logits, int[] labels, Precision precision) {
      double largest = Arrays.stream(logits.value().data).map(Math::abs).max().orElseThrow();
      double stored = precision == Precision.F32 ? 0 : 0x1p-8;
      double inner = Math.sqrt(2 * HIDDEN + 7);
      return new Expected(
          tape.meanOfRows(
                  ReferenceSoftmax.crossEntropy(
                      tape, logits, ReferenceSoftmax.Candidates.ALL, labels))
              .value()
              .get(0, 0),
          labels.length,
          2 * Math.sqrt(10 * LAYERS + 12) * (inner * DeviceBuffers.U + stored) * largest);
    }

    void compare(MaskedLoss.Mean mean) {
      assertThat(mean.predictions()).isEqualTo(predictions);
      assertThat(mean.loss()).isCloseTo(loss, within(bound));
    }
  }

  /** Losses over a text, all of it in one batch. */
  private record Oracle(int blocks, Expected masked, Expected spanBoundary) {
    static Oracle of(Case c, MaskScheme scheme, ReplacementUnit unit, Path text) {
      BertConfig config = config(c);
      List<Path> files = List.of(text);
      List<MaskedTokens> blocks = new ArrayList<>();
      try (Tokenizer tokenizer = c.tokenizer();
          BlockReader reader =
              new BlockReader(
                  files,
                  tokenizer,
                  new BlockSettings(BlockKind.STREAM, c.maxLength, 0, SpanSource.NONE, 42))) {
        BlockMasking masking =
            BlockMasking.of(
                new MaskSettings(scheme, 0.15, new SpanLengths(0.2, 10), unit),
                tokenizer,
                TokenDistribution.of(
                    BlockReader.tokenCounts(files, tokenizer, SpanSource.NONE, Integer.MAX_VALUE)));
        for (TokenBlock block = reader.next(); block != null; block = reader.next()) {
          blocks.add(masking.apply(block, 42, 0));
        }
      }
      MaskedBatch batch = MaskedBatch.of(blocks, config.positions(), PLACES);
      PretrainingTargets targets = batch.targets();
      Tape tape = new Tape();
      ReferenceParameters parameters = parameters(config);
      ReferenceParameters gradients = parameters.zeros();
      Variable hidden =
          tape.stackRows(
              new ReferenceEncoder(tape, parameters, gradients, Dropout.NONE)
                  .encode(SmallModel.reference(batch.packed())));
      return new Oracle(
          blocks.size(),
          Expected.of(
              tape,
              new ReferenceMaskedLanguageModel(tape, parameters, gradients)
                  .logits(hidden, targets.rows()),
              targets.labels(),
              c.precision),
          targets.spans().labels().length == 0
              ? null
              : Expected.of(
                  tape,
                  ReferenceHead.spanBoundary(tape, hidden, targets.spans(), parameters, gradients),
                  targets.spans().labels(),
                  c.precision));
    }
  }

  /** Two tokens of text a block: a span is at an end of it, where there is nothing beside it. */
  @Test
  void theMeanOfNothingIsNotDefined() throws IOException {
    MaskedLoss.Result loss =
        measure(BERT, write(BERT, config(BERT), HEADS), MaskScheme.SPANS, 4, text());
    assertThat(loss.masked().loss()).isFinite();
    assertThat(loss.spanBoundary()).contains(new MaskedLoss.Mean(Double.NaN, 0));
  }

  @Test
  void blocksHaveAtMost512Tokens() throws IOException {
    BertConfig config =
        new BertConfig(
            Family.BERT,
            vocabulary().size(),
            HIDDEN,
            1,
            3,
            40,
            600,
            2,
            1e-5f,
            GeluForm.ERF,
            0.02f,
            0);
    Path model = write(BERT, config, PretrainingHeads.MASKED);
    Path text = Files.writeString(folder.resolve("long.txt"), String.join(" ", WORDS).repeat(120));
    MaskedLoss.Result most = measure(BERT, model, MaskScheme.TOKENS, 512, text);
    assertThat(measure(BERT, model, MaskScheme.TOKENS, 600, text)).isEqualTo(most);
    assertThat(measure(BERT, model, MaskScheme.TOKENS, 511, text)).isNotEqualTo(most);
  }

  @Test
  void aModelWithoutTheHeadIsRefused() {
    Path bare = write("bare", BERT, config(BERT));
    String message =
        "small: model.safetensors has no head of masked language modelling"
            + " (cls.predictions.transform.dense.weight, ...), expected a pretrained model";
    assertThatThrownBy(() -> MaskedLoss.require(bare, "small"))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> measure(BERT, bare, MaskScheme.TOKENS, 17, text()))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  /** What the span boundary objective has no head for is not asked of it. */
  @Test
  void spansOfAModelWithoutTheirHead() throws IOException {
    Path text = text();
    MaskedLoss.Result both =
        measure(BERT, write(BERT, config(BERT), HEADS), MaskScheme.SPANS, 17, text);
    Path masked = write("masked", BERT, config(BERT), PretrainingHeads.MASKED.blocks(config(BERT)));
    MaskedLoss.require(masked, "small");
    MaskedLoss.Result one = measure(BERT, masked, MaskScheme.SPANS, 17, text);
    assertThat(one.spanBoundary()).isEmpty();
    assertThat(one.masked()).isEqualTo(both.masked());
  }

  @Test
  void aTextWithoutBlocksIsRefused() throws IOException {
    Path model = write(BERT, config(BERT), HEADS);
    // Seven tokens are too few for a block of 17.
    Path few = Files.writeString(folder.resolve("few.txt"), "the cat ran far the cat ran\n");
    assertThatThrownBy(() -> measure(BERT, model, MaskScheme.TOKENS, 17, few))
        .isInstanceOf(TextException.class)
        .hasMessage(few + ": no block of text, expected prose");
    assertThatThrownBy(() -> measure(BERT, model, MaskScheme.TOKENS, 3, few))
        .hasMessageStartingWith("the maximum length of a block is 3 tokens, expected at least 4");
  }
}
