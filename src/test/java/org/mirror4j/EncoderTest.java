package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.Prompts;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;

class EncoderTest {
  private static final int HIDDEN = 24;
  private static final int CALLERS = 8;
  private static final EncoderSettings CPU =
      EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1);

  @TempDir static Path folder;
  private static Path model;

  @BeforeAll
  static void writeModel() {
    model = write("model", ModelSettings.NONE);
  }

  private static Path write(String name, ModelSettings settings) {
    List<String> vocabulary = vocabulary();
    BertConfig config =
        SmallModel.config(BertConfig.Family.BERT, vocabulary.size(), HIDDEN, 2, GeluForm.ERF);
    return SmallModel.write(
        folder.resolve(name),
        config,
        ReferenceParameters.random(SmallModel.reference(config), 8),
        vocabulary,
        settings);
  }

  private static List<String> vocabulary() {
    List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    for (char first = 'a'; first < 't'; first++) {
      pieces.add(first + "a");
      pieces.add(first + "e");
    }
    return pieces;
  }

  private static List<String> texts(int count, Random random) {
    List<String> words = vocabulary().subList(5, vocabulary().size());
    return IntStream.range(0, count)
        .mapToObj(
            t ->
                String.join(
                    " ",
                    random.ints(random.nextInt(12), 0, words.size()).mapToObj(words::get).toList()))
        .toList();
  }

  /** Calls of one text and of several. */
  private static List<List<String>> calls(int count) {
    Random random = new Random(5);
    return IntStream.range(0, count)
        .mapToObj(i -> texts(1 + random.nextInt(i % 2 == 0 ? 1 : 9), random))
        .toList();
  }

  /** Runs {@code call} for 0 to {@code count - 1} on eight threads that begin together. */
  private static <T> List<Future<T>> onEightThreads(int count, IntFunction<Callable<T>> call)
      throws InterruptedException {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<T>> results = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (int i = 0; i < count; i++) {
        Callable<T> one = call.apply(i);
        results.add(
            callers.submit(
                () -> {
                  start.await();
                  return one.call();
                }));
      }
      start.countDown();
    }
    return results;
  }

  /**
   * Many callers get the bits that one alone gets on one thread. {@code -Dmirror4j.test.calls}
   * makes it longer.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2", "5, 3"})
  void eightThreadsGetWhatOneGets(int threads, int engines) throws Exception {
    List<List<String>> calls = calls(50);
    float[][][] expected;
    try (Encoder alone = Encoder.load(model, CPU)) {
      expected = calls.stream().map(alone::embed).toArray(float[][][]::new);
    }
    int count = Integer.getInteger("mirror4j.test.calls", 400);
    try (Encoder encoder = Encoder.load(model, CPU.withThreads(threads).withEngines(engines))) {
      List<Future<float[][]>> got =
          onEightThreads(count, i -> () -> encoder.embed(calls.get(i % calls.size())));
      for (int i = 0; i < count; i++) {
        assertThat(got.get(i).get()).isDeepEqualTo(expected[i % calls.size()]);
      }
    }
  }

  /** Every call ends with its own vectors or with the one exception. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2"})
  void closedAmongCalls(int threads, int engines) throws Exception {
    List<List<String>> calls = calls(50);
    int count = Integer.getInteger("mirror4j.test.calls", 400);
    try (Encoder alone = Encoder.load(model, CPU)) {
      Encoder encoder = Encoder.load(model, CPU.withThreads(threads).withEngines(engines));
      List<Future<float[][]>> got =
          onEightThreads(
              count,
              i ->
                  () -> {
                    if (i == count / 2) {
                      encoder.close();
                    }
                    return encoder.embed(calls.get(i % calls.size()));
                  });
      int done = 0;
      for (int i = 0; i < count; i++) {
        Future<float[][]> one = got.get(i);
        if (one.state() == Future.State.SUCCESS) {
          assertThat(one.get()).isDeepEqualTo(alone.embed(calls.get(i % calls.size())));
          done++;
        } else {
          assertThat(one.exceptionNow())
              .isExactlyInstanceOf(IllegalStateException.class)
              .hasMessageContaining("closed");
        }
      }
      // The others may be ahead of the one that closes, which gets no vector itself.
      assertThat(done).isBetween(count / 2 - CALLERS, count - 1);
    }
  }

  /** Lists and streams of many chunks, in order and with the bits of one engine. */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 3"})
  void manyTexts(int threads, int engines) {
    List<String> texts = texts(1000, new Random(6));
    EncoderSettings small = CPU.withBatchSize(16);
    float[][] expected;
    try (Encoder one = Encoder.load(model, small)) {
      expected = one.embed(texts);
      assertThat(one.embed(texts.get(7)))
          .hasSize(HIDDEN)
          .containsExactly(expected[7], within(1e-5f));
    }
    try (Encoder encoder = Encoder.load(model, small.withThreads(threads).withEngines(engines))) {
      assertThat(encoder.embed(texts)).isDeepEqualTo(expected);
      List<String> seen = new ArrayList<>();
      encoder.embed(
          texts.iterator(),
          encoded -> {
            assertThat(encoded.vector()).isEqualTo(expected[seen.size()]);
            seen.add(encoded.text());
          });
      assertThat(seen).isEqualTo(texts);
      assertThat(encoder.embed(List.of())).isEmpty();
    }
  }

  /** The poolings of the public package are those that there are. */
  @Test
  void everyPoolingCanBeSet() {
    assertThat(EncoderSettings.Pooling.values())
        .extracting(EncoderSettings.Pooling::pooling)
        .containsExactly(org.mirror4j.bert.Pooling.values());
  }

  @Test
  void similarity() {
    try (Encoder encoder = Encoder.load(model, CPU)) {
      assertThat(encoder.similarity("ba be", "ba be")).isEqualTo(1);
      assertThat(encoder.similarity("ba be", "ca")).isBetween(-1.0, 0.9999);
      assertThat(encoder.similarity("ba be", "ca")).isEqualTo(encoder.similarity("ca", "ba be"));
    }
  }

  /** [CLS] and [SEP] count, and so does the prompt; what is left out does not. */
  @Test
  void tokensAreCountedAndWhatIsTruncatedIsTold() {
    try (Encoder encoder = Encoder.load(model, CPU.withMaxLength(6).withPrompt("ca "))) {
      List<EncodedText> encoded = new ArrayList<>();
      encoder.embed(List.of("ba", "ba be ba", "ba be ba be", "").iterator(), encoded::add);
      assertThat(encoded).extracting(EncodedText::tokens).containsExactly(4, 6, 6, 3);
      assertThat(encoded)
          .extracting(EncodedText::truncated)
          .containsExactly(false, false, true, false);
    }
  }

  @Test
  void nullsAreRefusedByTheirPlace() {
    try (Encoder encoder = Encoder.load(model, CPU)) {
      assertThatThrownBy(() -> encoder.embed((String) null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("text 0 is null, counted from 0");
      assertThatThrownBy(() -> encoder.embed(Arrays.asList("ba", "be", null)))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("text 2 is null, counted from 0");
      assertThatThrownBy(() -> encoder.similarity("ba", null))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> encoder.embed(Arrays.asList("ba", null).iterator(), encoded -> {}))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("text 1 is null, counted from 0");
      assertThat(encoder.embed("ba")).hasSize(HIDDEN);
    }
  }

  @Test
  void closedTwiceAndUsedAfterwards() {
    Encoder encoder = Encoder.load(model, CPU);
    encoder.close();
    encoder.close();
    assertThat(encoder.dimensions()).isEqualTo(HIDDEN);
    for (List<String> texts : List.of(List.<String>of(), List.of("ba"))) {
      assertThatThrownBy(() -> encoder.embed(texts))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the encoder is closed");
    }
    assertThatThrownBy(() -> encoder.similarity("ba", "be"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the encoder is closed");
  }

  /** The files may go once the model is loaded. */
  @Test
  void filesAreNotNeededAfterwards() throws IOException {
    Path copy = write("gone", ModelSettings.NONE);
    try (Encoder encoder = Encoder.load(copy, CPU.withThreads(2).withEngines(2))) {
      AtomicFiles.deleteTree(copy);
      assertThat(Files.exists(copy)).isFalse();
      assertThat(encoder.embed("ba be")).hasSize(HIDDEN);
    }
  }

  @Test
  void whatTheModelSaysAndWhatTheSettingsSay() {
    Prompts prompts =
        new Prompts(
            new TreeMap<>(Map.of("query", "ba be ", "passage", "ca ")),
            Optional.of("passage"),
            true);
    Path prompted =
        write(
            "prompted",
            new ModelSettings(
                Optional.of("cls"),
                OptionalInt.of(9),
                Optional.empty(),
                new EmbeddingSettings(
                    false,
                    prompts,
                    true,
                    OptionalInt.empty(),
                    Optional.empty(),
                    JsonFiles.object()),
                Optional.empty()));
    EncoderSettings asWritten =
        CPU.withPooling(EncoderSettings.Pooling.CLS).withNormalize(true).withMaxLength(9);
    try (Encoder own = Encoder.load(prompted, CPU);
        Encoder none = Encoder.load(prompted, CPU.withPrompt(""));
        Encoder query = Encoder.load(prompted, CPU.withPromptName("query"));
        Encoder plain = Encoder.load(model, asWritten);
        Encoder mean =
            Encoder.load(prompted, asWritten.withPooling(EncoderSettings.Pooling.MEAN))) {
      assertThat(own.maxLength()).isEqualTo(9);
      assertThat(own.notes()).isEmpty();
      assertThat(own.embed("da")).isEqualTo(plain.embed("ca da"));
      assertThat(none.embed("da")).isEqualTo(plain.embed("da"));
      assertThat(query.embed("da")).isEqualTo(plain.embed("ba be da"));
      assertThat(mean.notes())
          .containsExactly(prompted + ": made with pooling cls, used with mean");
      assertThat(mean.embed("da")).isNotEqualTo(own.embed("da"));
    }
    try (Encoder untold = Encoder.load(model, CPU)) {
      assertThat(untold.maxLength()).isEqualTo(SmallModel.LENGTH);
      assertThat(untold.notes())
          .containsExactly(model + ": says no pooling, as it is not tuned: taking mean");
      assertThat(untold.device()).startsWith("cpu: ");
    }
  }

  /** Vectors that are cut are shorter than 1; as many elements as there are, or more, cut none. */
  @Test
  void normalizedVectorsStaySoUnlessTheyAreCut() {
    for (int dimensions : new int[] {HIDDEN - 1, HIDDEN, HIDDEN + 1}) {
      EmbeddingSettings embedding =
          new EmbeddingSettings(
              false,
              Prompts.NONE,
              true,
              OptionalInt.of(dimensions),
              Optional.empty(),
              JsonFiles.object());
      Path cut =
          write(
              "cut" + dimensions,
              new ModelSettings(
                  Optional.of("mean"),
                  OptionalInt.empty(),
                  Optional.empty(),
                  embedding,
                  Optional.empty()));
      try (Encoder encoder = Encoder.load(cut, CPU);
          Encoder undivided = Encoder.load(cut, CPU.withNormalize(false))) {
        assertThat(encoder.dimensions()).isEqualTo(Math.min(dimensions, HIDDEN));
        assertThat(encoder.normalized())
            .as("%d elements", dimensions)
            .isEqualTo(dimensions >= HIDDEN);
        assertThat(undivided.normalized()).isFalse();
      }
    }
  }

  @Test
  void whyTheBestDeviceIsThisOneIsSaid() {
    try (Encoder best = Encoder.load(model, CPU.withDevice(DeviceChoice.BEST))) {
      assertThat(best.device()).matches("cuda \\(auto\\): .+|cpu \\(auto: .+\\): .+");
    }
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    Map.of(
            CPU.withPromptName("query"),
            "prompt name is 'query', expected none, as there are no prompts",
            CPU.withMaxLength(SmallModel.LENGTH + 1),
            "maximum length is 37, expected 3 to 36",
            CPU.withPrecision(EncoderSettings.Precision.F16),
            "withPrecision() f16: the device cpu computes in f32",
            CPU.withPrompt("ba ".repeat(40)),
            "the prompt has 40 tokens, expected at most 33",
            CPU.withEngines(2),
            "threads is 1, expected at least one for each of 2 engines",
            CPU.withThreads(10_000),
            "threads is 10000, expected 1 to 1024")
        .forEach(
            (settings, message) ->
                assertThatThrownBy(() -> Encoder.load(model, settings))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message));
    assertThatThrownBy(() -> CPU.withThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads is 0, expected at least 1");
    assertThatThrownBy(() -> CPU.withEngines(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CPU.withBatchSize(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CPU.withMaxLength(2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CPU.withBatchSize(1 << 17))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchSize is 131072, expected at most 65536");
    assertThatThrownBy(() -> CPU.withPrompt(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("prompt");
  }

  @Test
  void whatIsNoModelIsOneLine() throws IOException {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> Encoder.load(absent, CPU))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageContaining(absent.toString())
        .hasMessageNotContaining("Exception");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Encoder.load(empty, CPU))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageContaining(empty.toString());
    Path named = folder.resolve("a--max-length-9");
    assertThatThrownBy(() -> Encoder.load(named, CPU)).hasMessageStartingWith(named + ": ");
    Path narrow =
        write(
            "c",
            new ModelSettings(
                Optional.of("mask"),
                OptionalInt.of(9),
                Optional.of("ba be ba be ba be ba {} [MASK]"),
                EmbeddingSettings.NONE,
                Optional.empty()));
    assertThatThrownBy(() -> Encoder.load(narrow, CPU))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageStartingWith(narrow + ": the template has 8 tokens, expected at most 6");
    Encoder.load(narrow, CPU.withMaxLength(12)).close();
  }

  /** Whether a thread of an encoder of this test is alive. */
  private static boolean anEngineLives() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("mirror4j-engine-"));
  }

  @Test
  void aFailedLoadLeavesNoThread() throws InterruptedException {
    assertThatThrownBy(() -> Encoder.load(model, CPU.withPromptName("query")))
        .isInstanceOf(IllegalArgumentException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Encoder.load(model, CPU))
        .isInstanceOf(Mirror4jException.class)
        .hasMessage("interrupted while loading " + model);
    assertThat(Thread.interrupted()).isTrue();
    long end = System.nanoTime() + 30_000_000_000L;
    while (anEngineLives() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertThat(anEngineLives()).isFalse();
  }

  @Test
  void theBundledModelKnowsWords() {
    try (Encoder encoder = Encoder.bundled(CPU)) {
      assertThat(encoder.similarity("king", "queen"))
          .isGreaterThan(encoder.similarity("king", "potato"));
    }
  }

  @Test
  void theInterpreterOfKernels() {
    EncoderSettings ptx =
        EncoderSettings.DEFAULT.withDevice(DeviceChoice.PTX).withThreads(1).withEngines(4);
    try (Encoder encoder = Encoder.load(model, ptx);
        Encoder cpu = Encoder.load(model, CPU)) {
      assertThat(encoder.embed("ba be")).containsExactly(cpu.embed("ba be"), within(1e-4f));
    }
  }
}
