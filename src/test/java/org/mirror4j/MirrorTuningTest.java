package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;

class MirrorTuningTest {
  private static final List<String> TEXTS =
      IntStream.range(0, 24).mapToObj(i -> word(i) + " " + word(i / 3)).toList();

  @TempDir Path folder;
  private final List<Double> losses = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private Path model;
  private MirrorTuning tuning;

  private static String word(int i) {
    return "" + (char) ('a' + i % 20) + (i % 2 == 0 ? 'a' : 'e');
  }

  private final class Recorder implements TuningListener {
    private final Thread caller = Thread.currentThread();
    private int interruptAt = -1;

    @Override
    public void started(int firstStep, int steps) {
      heard.add(firstStep + " of " + steps);
    }

    @Override
    public void step(int step, double loss) {
      losses.add(loss);
      if (step == interruptAt) {
        caller.interrupt();
        // Until the caller has taken notice, which clears the mark, and waits again: in between a
        // short run could come to its end.
        while (caller.isInterrupted() || caller.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public void notice(String message) {
      heard.add(message);
    }

    @Override
    public void warning(String message) {
      heard.add(message);
    }
  }

  @BeforeEach
  void writeModel() {
    List<String> vocabulary =
        new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    IntStream.range(0, 20).forEach(i -> vocabulary.addAll(List.of(word(i), word(i + 1))));
    List<String> pieces = vocabulary.stream().distinct().toList();
    BertConfig config =
        SmallModel.config(BertConfig.Family.BERT, pieces.size(), 24, 2, GeluForm.ERF);
    model =
        SmallModel.write(
            folder.resolve("model"),
            config,
            ReferenceParameters.random(SmallModel.reference(config), 8),
            pieces,
            ModelSettings.NONE);
    tuning =
        MirrorTuning.of(model)
            .withDevice(DeviceChoice.CPU)
            .withThreads(1)
            .withBatchSize(8)
            .withMaxLength(12)
            .withLearningRate(1e-3)
            .withListener(new Recorder());
  }

  private byte[] weights(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name).resolve("model.safetensors"));
  }

  @Test
  void aListAndItsFileGiveTheSameModel() throws IOException {
    tuning.words(TEXTS).withEpochs(3).run(folder.resolve("list"));
    assertThat(losses).hasSize(9).allMatch(Double::isFinite);
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    assertThat(heard).contains("1 of 9").anyMatch(line -> line.startsWith("a list: 24 items"));
    Path file = Files.write(folder.resolve("words.txt"), TEXTS);
    tuning.words(file).withEpochs(3).run(folder.resolve("file"));
    assertThat(weights("file")).isEqualTo(weights("list"));
    tuning.words(TEXTS).withEpochs(3).withSeed(7).run(folder.resolve("seed"));
    assertThat(weights("seed")).isNotEqualTo(weights("list"));
    try (Encoder encoder = Encoder.load(folder.resolve("list"))) {
      assertThat(encoder.maxLength()).isEqualTo(12);
      assertThat(encoder.notes()).isEmpty();
      assertThat(encoder.embed(TEXTS)).hasDimensions(24, 24);
    }
  }

  /** Nothing in a text says what a file is, and what UTF-8 cannot hold is as in an encoder. */
  @Test
  void anyTextMayBeInAList() throws IOException {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "%PDF-1.4 ba",
                "ba\0ce",
                "\ud800ga",
                "ba ae\udc00",
                "\ud83d\ude00 ce",
                "\udc00\ud800 ga",
                "\uFEFFba"));
    texts.addAll(TEXTS);
    tuning.sentences(texts).run(folder.resolve("list"));
    Path file =
        Files.writeString(
            folder.resolve("sentences.txt"),
            """
            \uFEFF%PDF-1.4 ba
            ba\uFFFDce
            \uFFFDga
            ba ae\uFFFD
            \ud83d\ude00 ce
            \uFFFD\uFFFD ga
            \uFEFFba
            """
                + String.join("\n", TEXTS));
    tuning.sentences(file).run(folder.resolve("file"));
    assertThat(weights("list")).isEqualTo(weights("file"));
    assertThatThrownBy(() -> tuning.sentences(List.of()).run(folder.resolve("empty")))
        .isInstanceOf(Mirror4jException.class)
        .hasMessage("the list is empty");
  }

  @Test
  void sentencesHaveTheirRecipe() {
    List<String> broken = TEXTS.stream().map(text -> text.replace(" ", "\r\n")).toList();
    tuning.sentences(broken).run(folder.resolve("tuned"));
    assertThat(losses).as("one epoch, a line break is no end of a text").hasSize(3);
    assertThat(folder.resolve("tuned/mirror4j.json"))
        .content()
        .contains("\"sentence\"", "\"mean\"", "\"a list\"");
  }

  /** What the views stood in, the model puts its texts in, and in nothing else. */
  @Test
  void aTemplateGoesWithTheModel() throws IOException {
    MirrorTuning masked =
        tuning
            .words(TEXTS)
            .withPooling(EncoderSettings.Pooling.MASK)
            .withTemplate("aa {} [MASK]")
            .withSecondTemplate("ce {} ga [MASK] aa");
    masked.run(folder.resolve("masked"));
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    masked.withSecondTemplate("{} [MASK]").run(folder.resolve("other"));
    assertThat(weights("other")).isNotEqualTo(weights("masked"));
    EncoderSettings bare = EncoderSettings.DEFAULT.withTemplate("{}");
    try (Encoder own = Encoder.load(folder.resolve("masked"));
        Encoder none = Encoder.load(folder.resolve("masked"), bare)) {
      assertThat(own.notes()).isEmpty();
      assertThat(own.embed("ba da")).isEqualTo(none.embed("aa ba da [MASK]"));
      assertThat(none.notes())
          .anyMatch(note -> note.endsWith("made with template 'aa {} [MASK]', used with '{}'"));
    }
    tuning.words(TEXTS).withTemplate("aa {}").run(folder.resolve("prompted"));
    assertThat(folder.resolve("prompted/config_sentence_transformers.json"))
        .content()
        .contains("\"tuned\" : \"aa \"", "\"default_prompt_name\" : \"tuned\"");
    try (Encoder own = Encoder.load(folder.resolve("prompted"));
        Encoder none = Encoder.load(folder.resolve("prompted"), bare)) {
      assertThat(own.embed("ba da")).isEqualTo(none.embed("aa ba da"));
    }
    MirrorTuning pooled = tuning.words(TEXTS).withPooling(EncoderSettings.Pooling.MASK);
    String expected = " is '%s', expected a template with [MASK] after {}";
    assertThatThrownBy(() -> pooled.run(folder.resolve("refused")))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("withTemplate()" + expected, "");
    assertThatThrownBy(
            () ->
                pooled
                    .withTemplate("{} [MASK]")
                    .withSecondTemplate("{}")
                    .run(folder.resolve("refused")))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("withSecondTemplate()" + expected, "{}");
    assertThatThrownBy(() -> tuning.withTemplate("aa"))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  /** A listener is told of methods, not of the command line's options. */
  @Test
  void noticesNameMethods() {
    tuning
        .words(TEXTS)
        .withPooling(EncoderSettings.Pooling.MASK)
        .withTemplate("aa {} [MASK]")
        .run(folder.resolve("masked"));
    MirrorTuning bare =
        MirrorTuning.of(folder.resolve("masked"))
            .words(TEXTS)
            .withDevice(DeviceChoice.CPU)
            .withMaxLength(12)
            .withListener(new Recorder());
    for (MirrorTuning silent : List.of(bare, bare.withTemplate("{}"))) {
      heard.clear();
      silent.withOverwrite().run(folder.resolve("bare"));
      assertThat(heard)
          .contains(
              "tuned without the model's template 'aa {} [MASK]', which the result does not have:"
                  + " withTemplate() keeps it")
          .noneMatch(line -> line.contains("--"));
    }
  }

  /** Nothing around a text is no other prompt. */
  @Test
  void aPromptThatIsKeptIsSaid() throws IOException {
    tuning.words(TEXTS).withTemplate("aa {}").run(folder.resolve("prompted"));
    MirrorTuning.of(folder.resolve("prompted"))
        .words(TEXTS)
        .withDevice(DeviceChoice.CPU)
        .withTemplate("{}")
        .withMaxLength(12)
        .withListener(new Recorder())
        .run(folder.resolve("again"));
    assertThat(heard).contains("tuned without the model's default prompt 'tuned', which is kept");
    assertThat(folder.resolve("again/config_sentence_transformers.json"))
        .content()
        .contains("\"default_prompt_name\" : \"tuned\"");
  }

  /** The weights are those of the pooling that was tuned, the vectors those of the other. */
  @Test
  void theOutputMayPoolOtherwise() throws IOException {
    MirrorTuning masked =
        tuning.words(TEXTS).withPooling(EncoderSettings.Pooling.MASK).withTemplate("aa {} [MASK]");
    masked.run(folder.resolve("mask"));
    masked.withOutputPooling(EncoderSettings.Pooling.MASK_MEAN).run(folder.resolve("both"));
    masked
        .withOutputPooling(EncoderSettings.Pooling.MEAN)
        .withPooling(EncoderSettings.Pooling.MASK)
        .run(folder.resolve("again"));
    assertThat(weights("both")).isEqualTo(weights("mask"));
    assertThat(weights("again")).isEqualTo(weights("mask"));
    EncoderSettings mean = EncoderSettings.DEFAULT.withPooling(EncoderSettings.Pooling.MEAN);
    try (Encoder mask = Encoder.load(folder.resolve("mask"));
        Encoder means = Encoder.load(folder.resolve("mask"), mean);
        Encoder both = Encoder.load(folder.resolve("both"));
        Encoder again = Encoder.load(folder.resolve("again"))) {
      assertThat(both.notes()).isEmpty();
      float[] expected = mask.embed("ba da");
      assertThat(again.embed("ba da")).isEqualTo(expected);
      float[] other = means.embed("ba da");
      for (int i = 0; i < expected.length; i++) {
        expected[i] = 0.5f * (expected[i] + other[i]);
      }
      assertThat(both.embed("ba da")).isEqualTo(expected);
    }
  }

  /** Every weight is on the line between, where it was asked for. */
  @Test
  void theOutputMayLieBeforeTheEnd() throws IOException {
    MirrorTuning words = tuning.words(TEXTS);
    words.run(folder.resolve("end"));
    words.withInterpolation(1).run(folder.resolve("one"));
    words.withInterpolation(0.25).run(folder.resolve("quarter"));
    assertThat(weights("one")).isEqualTo(weights("end"));
    assertThat(folder.resolve("quarter/mirror4j.json"))
        .content()
        .contains("\"interpolation\" : 0.25");
    try (SafeTensors before = SafeTensors.open(model.resolve("model.safetensors"));
        SafeTensors end = SafeTensors.open(folder.resolve("end/model.safetensors"));
        SafeTensors quarter = SafeTensors.open(folder.resolve("quarter/model.safetensors"))) {
      assertThat(quarter.names()).isEqualTo(end.names());
      for (String name : end.names()) {
        String old = before.names().stream().filter(name::endsWith).findFirst().orElseThrow();
        float[] from = floats(before, old);
        float[] to = floats(end, name);
        float[] expected = new float[to.length];
        for (int i = 0; i < to.length; i++) {
          expected[i] = 0.25f * to[i] + 0.75f * from[i];
        }
        assertThat(floats(quarter, name)).as(name).isEqualTo(expected);
      }
    }
    assertThatThrownBy(() -> words.withInterpolation(0))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("interpolation is 0.0, expected more than 0, at most 1");
  }

  private static float[] floats(SafeTensors file, String name) {
    MemorySegment values = Arena.ofAuto().allocate(4 * file.shape(name).size(), 64);
    file.readFloats(name, values);
    return values.toArray(ValueLayout.JAVA_FLOAT);
  }

  /** It has recipes of its own: words ask for its mask token, sentences have no prompt. */
  @Test
  void theBundledModelHasItsRecipes() {
    MirrorTuning bundled =
        MirrorTuning.ofBundled().withDevice(DeviceChoice.CPU).withThreads(1).withBatchSize(24);
    bundled.words(TEXTS).run(folder.resolve("words"));
    assertThat(folder.resolve("words/mirror4j.json"))
        .content()
        .contains("\"small-word\"", "\"mask\"", "{} , or [MASK] ,");
    bundled.sentences(TEXTS).run(folder.resolve("sentences"));
    assertThat(folder.resolve("sentences/mirror4j.json"))
        .content()
        .contains("\"small-sentence\"", "\"mean\"", "\"template\" : \"\"");
  }

  @Test
  void anInterruptedRunGoesOn() throws IOException {
    Recorder recorder = new Recorder();
    recorder.interruptAt = 4;
    MirrorTuning words = tuning.words(TEXTS).withEpochs(3);
    words.run(folder.resolve("whole"));
    losses.clear();
    Path output = folder.resolve("tuned");
    assertThatThrownBy(() -> words.withListener(recorder).run(output))
        .isInstanceOf(Mirror4jException.class)
        .hasMessage("interrupted while tuning; what is done is kept to go on with")
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(losses).as("that step is the last").hasSize(4);
    assertThat(output).doesNotExist();
    assertThatThrownBy(() -> words.run(output))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageEndingWith(
            "an unfinished run is there; go on with withResume() or drop it with withOverwrite()");
    words.withResume().run(output);
    assertThat(losses).hasSize(9);
    assertThat(weights("tuned")).isEqualTo(weights("whole"));
    assertThatThrownBy(() -> words.run(output)).isInstanceOf(Mirror4jException.class);
    words.withOverwrite().run(output);
    assertThat(weights("tuned")).isEqualTo(weights("whole"));
  }

  @Test
  void whatCannotBeIsRefused() {
    Path output = folder.resolve("tuned");
    assertThatThrownBy(() -> tuning.run(output))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no texts were given, expected words or sentences");
    assertThatThrownBy(() -> tuning.words(Arrays.asList("ab", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("text 1 is null, counted from 0");
    assertThatThrownBy(() -> tuning.words(List.of("ab")).run(output))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageStartingWith("the list has one item, expected at least two");
    assertThatThrownBy(() -> tuning.words((List<String>) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("texts");
    assertThatThrownBy(() -> tuning.words(folder.resolve("absent.txt")).run(output))
        .isInstanceOf(Mirror4jException.class)
        .hasMessageContaining("absent.txt");
    assertThatThrownBy(() -> tuning.words(TEXTS).withMaxLength(50).run(output))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maximum length is 50");
    assertThatThrownBy(() -> tuning.words(TEXTS).withEpochs(Integer.MAX_VALUE).run(output))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("withEpochs() is 2147483647, expected at most ");
    assertThatThrownBy(() -> tuning.withEpochs(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tuning.withBatchSize(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tuning.withLearningRate(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("learningRate is NaN, expected at least 0, finite");
    assertThat(output).doesNotExist();
  }

  @Test
  void aListenerThatThrowsEndsTheRun() {
    TuningListener failing =
        new TuningListener() {
          @Override
          public void step(int step, double loss) {
            throw new ArithmeticException("enough");
          }
        };
    assertThatThrownBy(() -> tuning.words(TEXTS).withListener(failing).run(folder.resolve("tuned")))
        .isInstanceOf(Mirror4jException.class)
        .hasMessage("enough")
        .hasCauseInstanceOf(ArithmeticException.class);
    TuningListener refusing =
        new TuningListener() {
          @Override
          public void notice(String message) {
            throw new IllegalArgumentException("no notices");
          }
        };
    assertThatThrownBy(
            () -> tuning.words(TEXTS).withListener(refusing).run(folder.resolve("refused")))
        .as("of the listener, not of the settings")
        .isInstanceOf(Mirror4jException.class)
        .hasMessage("no notices")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }
}
