package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.text.TextException;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

/** What {@link Pretraining} takes of its text, and what it says of it. */
class PretrainingTextTest {

  @TempDir Path folder;

  private TinyPretraining tiny;

  @BeforeEach
  void pretraining() {
    tiny = new TinyPretraining(folder);
  }

  /** Blocks of one word, of which fewer fit into a step by their number than by their tokens. */
  @ParameterizedTest
  @ValueSource(ints = {64, 48})
  void aStepOfManyShortBlocks(int deviceTokens) {
    List<String> words = new ArrayList<>();
    for (String text : TinyRun.texts(60, 9)) {
      words.add(text.split(" ")[0]);
      words.add("");
    }
    Path corpus = TinyRun.write(folder.resolve("corpus"), words);
    TinyRun.Recorder heard =
        tiny.run(
            corpus,
            TinyRun.pretrainingSettings(42)
                .with(Map.of("wholeSentences", true, "deviceTokens", deviceTokens)));
    assertThat(heard.steps).hasSize(6);
    assertThat(heard.losses()).allSatisfy(loss -> assertThat(loss).isPositive());
  }

  @Test
  void textSmallerThanABatch() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(6, 9));
    TinyRun.Recorder heard =
        tiny.run(corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 0, "epochs", 3)));
    assertThat(heard.warnings.getFirst())
        .matches("the text has \\d+ tokens, fewer than the 64 of a step: .*");
    assertThat(heard.steps.getLast().epoch()).isGreaterThan(1);
  }

  /** What is not asked for is not read: the steps are given. */
  @Test
  void stepsOfAGivenNumberNeedNoCount() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    TinyRun.Recorder counted =
        tiny.run(corpus, TinyRun.pretrainingSettings(42).with(Map.of("steps", 0, "epochs", 2)));
    assertThat(counted.notices).anyMatch(notice -> notice.matches("\\d+ blocks, .*"));
    assertThat(counted.steps.getLast().epoch()).isEqualTo(2);
    TinyRun.Recorder given = tiny.run(1, corpus, "given", 42);
    assertThat(given.notices).noneMatch(notice -> notice.matches("\\d+ blocks, .*"));
  }

  /** A column of spans is no text: the same without it is the same, vocabulary included. */
  @Test
  void aColumnOfSpansIsNoText() throws IOException {
    List<String> texts = TinyRun.documents(120, 9);
    Path prose = TinyRun.write(folder.resolve("prose"), texts);
    List<String> annotated =
        texts.stream().map(text -> text.isEmpty() ? text : text + "\t0:2").toList();
    Path column = TinyRun.write(folder.resolve("column"), annotated);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    List<byte[]> weights = new ArrayList<>();
    try (Device device = new HostDevice(1)) {
      for (Path corpus : List.of(prose, column)) {
        Path output = folder.resolve("out-" + corpus.getFileName());
        TinyRun.run(
            device,
            TinyRun.pretraining(corpus, TinyRun.pretrainingSettings(42)),
            output,
            TinyPretraining.NEW,
            heard);
        weights.add(TinyRun.weights(output));
        assertThat(Files.readString(output.resolve("vocab.txt"))).doesNotContain(":", "0", "2");
      }
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(heard.notices)
        .filteredOn(notice -> notice.contains("taken for spans"))
        .hasSize(2)
        .allMatch(notice -> notice.startsWith(column + ": "));
    assertThat(heard.notices).noneMatch(notice -> notice.startsWith("spans to mask"));
  }

  /** Tables are prose with tabs, and are learned as such. */
  @Test
  void proseWithTabsIsProse() {
    Path corpus =
        TinyRun.write(
            folder.resolve("corpus"),
            TinyRun.documents(120, 9).stream()
                .map(text -> text.isEmpty() ? text : text.replace(" .", "\t12 .\t7:30"))
                .toList());
    TinyRun.Recorder heard = tiny.run(corpus, TinyRun.pretrainingSettings(42));
    assertThat(heard.steps).hasSize(6);
    assertThat(heard.notices).anyMatch(notice -> notice.contains("tabs are taken for text"));
    assertThat(folder.resolve("out/vocab.txt")).content().contains("30", "12");
  }

  /** What can be read but once is refused before that, be it one file of several. */
  @Test
  void aPipeIsRefused() throws IOException, InterruptedException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(120, 9));
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Optional<Path> heldOut : List.of(Optional.of(pipe), Optional.<Path>empty())) {
      List<Path> files = heldOut.isPresent() ? List.of(corpus) : List.of(corpus, pipe);
      assertThatThrownBy(
              () -> PretrainingFiles.of(files, heldOut, MaskScheme.TOKENS, TrainingListener.NONE))
          .isInstanceOf(TextException.class)
          .hasMessage(pipe + " is a pipe or a device, expected a file: text is read several times");
    }
  }

  /** The run says what is masked in each text, where that is annotated or a rule. */
  @Test
  void whereSpansComeFromIsSaid() {
    List<String> texts = TinyRun.documents(120, 9);
    Path held = TinyRun.write(folder.resolve("held"), texts);
    Path corpus =
        TinyRun.write(
            folder.resolve("corpus"),
            texts.stream().map(text -> text.isEmpty() ? text : text + "\t0:2").toList());
    TinyRun.Recorder heard = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device,
          new Pretraining(
              List.of(corpus),
              Optional.of(held),
              new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
              "test",
              TinyRun.pretrainingSettings(42)
                  .with(Map.of("objective", Objective.SPAN, "mask", MaskScheme.PHRASES))),
          folder.resolve("out"),
          TinyPretraining.NEW,
          heard);
    }
    assertThat(heard.notices)
        .contains(
            "spans to mask: column", "spans to mask of the held-out text: between-function-words");
  }

  /**
   * Whole blocks leave tokens of a step empty, so there are more steps than the tokens alone would
   * fill: after the last one, less than a step is left of the epochs. Those of further epochs are
   * filled a little differently.
   */
  @ParameterizedTest
  @CsvSource({"1, 40, 40, 0", "1, 80, 33, 0", "5, 40, 40, 2"})
  void stepsOfEpochs(int epochs, int batchTokens, int deviceTokens, int differ) {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(400, 9));
    TinyRun.Recorder heard =
        tiny.run(
            corpus,
            TinyRun.pretrainingSettings(42)
                .with(
                    Map.of(
                        "steps",
                        0,
                        "epochs",
                        epochs,
                        "batchTokens",
                        batchTokens,
                        "deviceTokens",
                        deviceTokens,
                        "wholeSentences",
                        true,
                        "heldOutSteps",
                        1_000_000)));
    String report =
        heard.notices.stream()
            .filter(notice -> notice.matches("[0-9,]+ blocks, .*"))
            .findFirst()
            .orElseThrow();
    int tokens =
        Integer.parseInt(
            report.replaceFirst(".* blocks, ([0-9,]+) tokens.*", "$1").replace(",", ""));
    int left = epochs * tokens - heard.steps.stream().mapToInt(StepRecord::size).sum();
    assertThat(left).isBetween(-differ * batchTokens, (1 + differ) * batchTokens);
    assertThat(heard.steps.size()).isGreaterThan(epochs * tokens / batchTokens + differ + 1);
  }
}
