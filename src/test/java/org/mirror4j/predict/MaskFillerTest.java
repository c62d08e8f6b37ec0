package org.mirror4j.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.AfterEach;
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
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

/** Predictions of a small random model against the oracle in double. */
class MaskFillerTest {
  private static final int LAYERS = 2;
  private static final int HIDDEN = 24;
  private static final int PLACES = 3;
  private static final int TOP = 7;

  /** Rows of the word embeddings that the tokenizer has no token for. */
  private static final int MORE_ROWS = 5;

  private static final PretrainingHeads HEADS =
      new PretrainingHeads(Optional.of(new SpanBoundarySize(PLACES, 7)), false);

  private static final List<String> WORDS =
      List.of("the", "a", "cat", "dog", "ran", "far", "play", "##s", "##ing", ".");

  /** Masks with text on both sides: alone, in spans, and one more than there are places. */
  private static final List<String> TEXTS =
      List.of(
          "the _ ran",
          "a cat _ _ far the",
          "the _ a _ _ dog _ .",
          "the cat ran far _ _ _ _ a dog",
          "play _.");

  @TempDir Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();

  record Case(Family family, GeluForm form, Precision precision) {
    Device device() {
      return precision == Precision.F32 ? new HostDevice(2) : new RoundingDevice(2);
    }

    Tokenizer tokenizer() {
      return family == Family.BERT
          ? Tokenizer.wordPiece(vocabulary(), true)
          : Tokenizer.open(Path.of("src/test/resources/golden/roberta"));
    }
  }

  private static final Case BERT = new Case(Family.BERT, GeluForm.ERF, Precision.F32);

  static Stream<Case> cases() {
    return Stream.of(
        BERT,
        new Case(Family.BERT, GeluForm.TANH, Precision.BF16),
        new Case(Family.ROBERTA, GeluForm.ERF, Precision.F32));
  }

  private static List<String> vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    pieces.addAll(WORDS);
    return pieces;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  private static BertConfig config(Case c) {
    try (Tokenizer tokenizer = c.tokenizer()) {
      return SmallModel.config(c.family, tokenizer.vocabSize() + MORE_ROWS, HIDDEN, LAYERS, c.form);
    }
  }

  private static ReferenceParameters parameters(BertConfig config) {
    return ReferenceParameters.random(SmallModel.reference(config), HEADS, 5);
  }

  private Path write(Case c, PretrainingHeads heads) {
    BertConfig config = config(c);
    try (Tokenizer tokenizer = c.tokenizer()) {
      return SmallModel.write(
          folder.resolve("model"),
          config,
          parameters(config),
          tokenizer,
          ModelSettings.NONE,
          heads.blocks(config));
    }
  }

  private MaskFiller open(Case c, Path model, int top, boolean spans) {
    Device device = c.device();
    opened.add(device);
    MaskFiller filler =
        new MaskFiller(device, model, "small", new MaskFiller.Options(top, spans, c.precision));
    opened.add(filler);
    return filler;
  }

  private MaskFiller open(boolean spans) {
    return open(BERT, write(BERT, HEADS), TOP, spans);
  }

  private static List<FilledText> fill(MaskFiller filler, List<String> texts) {
    List<FilledText> filled = new ArrayList<>();
    filler.fill(texts.stream().map(filler::read).toList(), filled::add);
    return filled;
  }

  /** Each text twenty times: more masks than are predicted at once, in several parts of texts. */
  @ParameterizedTest
  @MethodSource("cases")
  void probabilitiesAreThoseOfTheOracle(Case c) {
    MaskFiller filler = open(c, write(c, HEADS), TOP, true);
    List<String> texts = TEXTS.stream().map(text -> text.replace("_", filler.maskToken())).toList();
    List<FilledText> filled =
        fill(filler, Collections.nCopies(20, texts).stream().flatMap(List::stream).toList());
    assertThat(filled).hasSize(20 * texts.size());
    try (Tokenizer tokenizer = c.tokenizer()) {
      for (int i = 0; i < texts.size(); i++) {
        Oracle oracle = Oracle.of(c, tokenizer, texts.get(i));
        for (int copy = 0; copy < 20; copy++) {
          FilledText got = filled.get(copy * texts.size() + i);
          assertThat(got.text().text()).isEqualTo(texts.get(i));
          oracle.compare(got.masks());
        }
      }
    }
  }

  /**
   * Probabilities of a text in double.
   *
   * @param masked [masks, vocabulary]
   * @param bySpanBoundary rows of the masks that have a place, in order
   * @param places of each mask in its span
   * @param tokens of the tokenizer
   * @param boundMasked relative error of a probability
   * @param boundSpans the same by the span boundary objective
   */
  private record Oracle(
      DMatrixRMaj masked,
      DMatrixRMaj bySpanBoundary,
      int[] places,
      int tokens,
      double boundMasked,
      double boundSpans) {
    static Oracle of(Case c, Tokenizer tokenizer, String text) {
      BertConfig config = config(c);
      int[] sequence = tokenizer.encode(text, SmallModel.LENGTH);
      int[] rows =
          IntStream.range(0, sequence.length)
              .filter(i -> sequence[i] == tokenizer.maskId())
              .toArray();
      List<Integer> boundaries = new ArrayList<>();
      List<Integer> left = new ArrayList<>();
      List<Integer> offsets = new ArrayList<>();
      int[] places = new int[rows.length];
      for (int i = 0; i < rows.length; i++) {
        boolean continues = i > 0 && rows[i] == rows[i - 1] + 1;
        places[i] = continues ? places[i - 1] + 1 : 0;
        if (!continues) {
          int end = rows[i];
          while (sequence[end] == tokenizer.maskId()) {
            end++;
          }
          boundaries.addAll(List.of(rows[i] - 1, end));
        }
        if (places[i] < PLACES) {
          left.add(boundaries.size() - 2);
          offsets.add(places[i]);
        }
      }
      int[] leftPlaces = left.stream().mapToInt(Integer::intValue).toArray();
      PretrainingTargets.Spans spans =
          PretrainingTargets.Spans.of(
              boundaries.stream().mapToInt(Integer::intValue).toArray(),
              leftPlaces,
              Arrays.stream(leftPlaces).map(place -> place + 1).toArray(),
              offsets.stream().mapToInt(Integer::intValue).toArray(),
              new int[leftPlaces.length]);
      Tape tape = new Tape();
      ReferenceParameters parameters = parameters(config);
      ReferenceParameters gradients = parameters.zeros();
      Variable hidden =
          tape.stackRows(
              new ReferenceEncoder(tape, parameters, gradients, Dropout.NONE)
                  .encode(
                      SmallModel.reference(
                          PackedBatch.of(new int[][] {sequence}, config.positions()))));
      Variable masked =
          new ReferenceMaskedLanguageModel(tape, parameters, gradients).logits(hidden, rows);
      Variable bySpans = ReferenceHead.spanBoundary(tape, hidden, spans, parameters, gradients);
      return new Oracle(
          ReferenceSoftmax.softmax(tape, masked).value(),
          ReferenceSoftmax.softmax(tape, bySpans).value(),
          places,
          tokenizer.vocabSize(),
          bound(c, masked),
          bound(c, bySpans));
    }

    /**
     * An f32 product of inner size n is off by about u sqrt(n) of its size, u = 2^-24, a result
     * that is stored by the roundoff of its type, and k operations in sequence leave sqrt(k) times
     * that of the largest logit: 10 a layer, 2 of the embedding, and 10 of the heads. A probability
     * is off by the error of its logit and that of all others, relatively.
     */
    private static double bound(Case c, Variable logits) {
      double largest = Arrays.stream(logits.value().data).map(Math::abs).max().orElseThrow();
      double stored = c.precision == Precision.F32 ? 0 : 0x1p-8;
      double inner = Math.sqrt(2 * HIDDEN + 7);
      return 2 * Math.sqrt(10 * LAYERS + 12) * (inner * DeviceBuffers.U + stored) * largest;
    }

    void compare(List<Mask> masks) {
      assertThat(masks).hasSize(places.length);
      int row = 0;
      for (int i = 0; i < places.length; i++) {
        assertThat(masks.get(i).place()).isEqualTo(places[i]);
        compare(masks.get(i).tokens(), masked, i, boundMasked);
        if (places[i] < PLACES) {
          compare(masks.get(i).bySpanBoundary(), bySpanBoundary, row++, boundSpans);
        } else {
          assertThat(masks.get(i).bySpanBoundary()).isEmpty();
        }
      }
    }

    /** The likeliest come first, and none that is left out is likelier, up to the error. */
    private void compare(List<Mask.Token> got, DMatrixRMaj expected, int row, double relative) {
      assertThat(got).hasSize(TOP);
      for (Mask.Token token : got) {
        double probability = expected.get(row, token.id());
        assertThat(token.probability()).isCloseTo(probability, within(relative * probability));
      }
      assertThat(got.stream().map(Mask.Token::probability))
          .isSortedAccordingTo(Collections.reverseOrder());
      List<Integer> ids = got.stream().map(Mask.Token::id).toList();
      assertThat(ids).doesNotHaveDuplicates();
      double last = got.getLast().probability();
      for (int id = 0; id < tokens; id++) {
        if (!ids.contains(id)) {
          assertThat(expected.get(row, id)).isLessThanOrEqualTo(last * (1 + 2 * relative));
        }
      }
    }
  }

  @Test
  void allTokensOfTheTokenizerAndNoOthersAreGiven() {
    MaskFiller filler = open(BERT, write(BERT, HEADS), 1000, false);
    Mask mask = fill(filler, List.of("[MASK]")).getFirst().masks().getFirst();
    assertThat(mask.tokens().stream().map(Mask.Token::token))
        .containsExactlyInAnyOrderElementsOf(vocabulary());
    // The rows without a token take part in the sum.
    assertThat(mask.tokens().stream().mapToDouble(Mask.Token::probability).sum())
        .isBetween(0.1, 0.999);
    assertThat(mask.bySpanBoundary()).isEmpty();
    assertThat(mask.start()).isZero();
    assertThat(mask.end()).isEqualTo(6);
  }

  @Test
  void noTextsGiveNothing() {
    assertThat(fill(open(false), List.of())).isEmpty();
  }

  /** Fifty words; the model takes 34 pieces. */
  @Test
  void ofALongTextThePartAroundItsMasksIsRead() {
    MaskFiller filler = open(false);
    List<String> words =
        new ArrayList<>(IntStream.range(0, 50).mapToObj(i -> WORDS.get(i % 6)).toList());
    assertThat(around(filler, words, 0)).isEqualTo(around(0));
    assertThat(around(filler, words, 49)).isEqualTo(around(16));
    // 15 tokens before the one beside the mask, and 16 after the other.
    assertThat(around(filler, words, 20)).isEqualTo(around(4));
    assertThat(around(filler, words, 20, 51 - 16)).isEqualTo(around(11));
  }

  private static List<Integer> around(int from) {
    return IntStream.range(from, from + 34).boxed().toList();
  }

  /** The words that are read, by their numbers. */
  private static List<Integer> around(MaskFiller filler, List<String> words, int... masks) {
    List<String> changed = new ArrayList<>(words);
    Arrays.stream(masks).forEach(mask -> changed.set(mask, "[MASK]"));
    String text = String.join(" ", changed);
    MaskedText read = filler.read(text);
    assertThat(read.cut()).isTrue();
    int before = text.substring(0, read.pieces().starts()[0]).split(" ", -1).length - 1;
    int[] numbers = Arrays.stream(read.masks()).map(mask -> mask + before).toArray();
    assertThat(numbers).containsExactly(masks);
    return IntStream.range(before, before + read.pieces().length()).boxed().toList();
  }

  @Test
  void masksThatAreTooFarApartAreRefused() {
    MaskFiller filler = open(false);
    String between = Collections.nCopies(31, "cat").stream().collect(Collectors.joining(" "));
    // 33 tokens fit where nothing is beside them, and with a word on both sides 35 do not.
    assertThat(filler.read("[MASK] " + between + " [MASK]").cut()).isFalse();
    assertThatThrownBy(() -> filler.read("the [MASK] " + between + " [MASK] a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("33 tokens from its first [MASK] to its last, expected at most 32");
  }

  @Test
  void aTextWithoutMaskIsRefused() {
    MaskFiller filler = open(false);
    for (String text : List.of("", "the cat", "the <mask>", "the MASK")) {
      assertThatThrownBy(() -> filler.read(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the text '%s' has no [MASK], expected one in place of each token that is asked for"
                  .formatted(text));
    }
  }

  @Test
  void aSpanAtAnEndHasNothingToBePredictedFrom() {
    MaskFiller filler = open(true);
    assertThatThrownBy(() -> filler.read("[MASK] cat [MASK] ran"))
        .hasMessageContaining("begins with a span, expected text on both sides");
    assertThatThrownBy(() -> filler.read("the [MASK] [MASK]"))
        .hasMessageContaining("ends with a span, expected text on both sides");
    assertThat(filler.read("the [MASK] .").masks()).containsExactly(1);
  }

  @Test
  void tokensAreJoinedAsTheTokenizerPartsThem() {
    MaskFiller filler = open(false);
    int cat = 5 + WORDS.indexOf("cat");
    int s = 5 + WORDS.indexOf("##s");
    MaskedText text = filler.read("The [MASK]  [MASK], (\ud83d\ude00[MASK])!");
    assertThat(filler.filled(text, cat, s, cat)).isEqualTo("The cats, (\ud83d\ude00cat)!");
    assertThat(filler.filled(text, -1, cat, -1))
        .isEqualTo("The [MASK]  cat, (\ud83d\ude00[MASK])!");
    assertThat(filler.filled(filler.read("[MASK]"), s)).isEqualTo("s");
  }

  @Test
  void bytesOfPiecesAreJoinedToo() {
    Case roberta = new Case(Family.ROBERTA, GeluForm.ERF, Precision.F32);
    MaskFiller filler = open(roberta, write(roberta, HEADS), TOP, false);
    try (Tokenizer tokenizer = roberta.tokenizer()) {
      int cat = tokenizer.id("\u0120cat");
      int at = tokenizer.id("at");
      assertThat(tokenizer.spelling(cat)).isEqualTo(" cat");
      assertThat(tokenizer.spelling(tokenizer.id("\u00e1"))).isEqualTo("\ufffd");
      assertThat(tokenizer.spelling(tokenizer.maskId())).isEqualTo("<mask>");
      assertThat(filler.filled(filler.read("A <mask>."), cat)).isEqualTo("A cat.");
      assertThat(filler.filled(filler.read("A<mask>."), cat)).isEqualTo("A cat.");
      assertThat(filler.filled(filler.read("<mask>."), cat)).isEqualTo("cat.");
      assertThat(filler.filled(filler.read("A c <mask>."), at)).isEqualTo("A cat.");
    }
  }

  /** Such a model decodes by a matrix of its own. */
  @Test
  void aDecoderOfItsOwnIsRefused() throws IOException {
    Path model = write(BERT, HEADS);
    Path config = model.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("\\{", "{\"tie_word_embeddings\": false,"));
    assertThatThrownBy(() -> open(BERT, model, TOP, false))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "small: tie_word_embeddings of config.json is false, expected true: tokens are"
                + " predicted by the word embeddings");
  }

  @Test
  void aMissingHeadIsNamed() {
    BertConfig config = config(BERT);
    try (Tokenizer tokenizer = BERT.tokenizer()) {
      SmallModel.write(
          folder.resolve("bare"), config, parameters(config), tokenizer, ModelSettings.NONE);
    }
    assertThatThrownBy(() -> open(BERT, folder.resolve("bare"), TOP, false))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "small: model.safetensors has no head of masked language modelling"
                + " (cls.predictions.transform.dense.weight, ...), expected a pretrained model");
    Path masked = write(BERT, PretrainingHeads.MASKED);
    assertThat(fill(open(BERT, masked, TOP, false), List.of("a [MASK]"))).hasSize(1);
    assertThatThrownBy(() -> open(BERT, masked, TOP, true))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "small: model.safetensors has no head of the span boundary objective"
                + " (cls.pair_target_predictions.*), expected a model that was pretrained with it");
  }
}
