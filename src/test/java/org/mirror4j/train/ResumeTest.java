package org.mirror4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.pretrain.Objective;
import org.mirror4j.method.pretrain.PretrainingSettings;

/** Runs that stop and go on end as if they had not stopped. */
class ResumeTest {
  private static final int CHECKPOINT_STEPS = 2;
  private static final RunOptions NEW = new RunOptions(CHECKPOINT_STEPS, false, false);
  private static final RunOptions RESUME = new RunOptions(CHECKPOINT_STEPS, true, false);
  private static final RunOptions OVERWRITE = new RunOptions(CHECKPOINT_STEPS, false, true);

  @TempDir Path folder;
  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
    corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(14, 8));
  }

  /**
   * Three epochs of three steps with a checkpoint every second: killed before the first, at one,
   * between two, and in another epoch.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 3", "5, 5", "9, 9"})
  void training(int lastStep, int firstStep) throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    kill("out", lastStep);
    // A kill may cut the line that is being written.
    Path log = folder.resolve("out.training/train.jsonl");
    Files.writeString(log, "{\"step\":7,\"lo", StandardOpenOption.APPEND);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.firstStep).isEqualTo(firstStep);
    requireSame(9);
  }

  @ParameterizedTest
  @EnumSource
  void pretraining(Objective objective) throws IOException {
    Path prose = TinyRun.write(folder.resolve("prose"), TinyRun.documents(120, 9));
    // Several epochs, blocks that are mixed, steps in parts.
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(1)
            .with(
                Map.of(
                    "objective",
                    objective,
                    "mask",
                    objective.mask(),
                    "batchTokens",
                    400,
                    "deviceTokens",
                    160,
                    "wholeSentences",
                    objective == Objective.SPAN_SBO));
    pretrain(prose, settings, "unbroken", NEW, new TinyRun.Recorder());
    assertThatThrownBy(() -> pretrain(prose, settings, "out", NEW, new TinyRun.Recorder(5)))
        .isInstanceOf(TinyRun.Killed.class);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    pretrain(prose, settings, "out", RESUME, heard);
    assertThat(heard.firstStep).isEqualTo(5);
    requireSame(6);
    List<JsonNode> log = TinyRun.log(folder.resolve("out"));
    assertThat(log)
        .extracting(step -> step.path("heldOutLoss").isMissingNode())
        .containsExactly(true, true, false, true, true, false);
  }

  /** Stops while it reads again what it has had, which it says, and goes on all the same. */
  @Test
  void pretrainingIsStoppedBeforeItGoesOn() throws IOException {
    Path prose = TinyRun.write(folder.resolve("prose"), TinyRun.documents(120, 9));
    PretrainingSettings settings = TinyRun.pretrainingSettings(1);
    pretrain(prose, settings, "unbroken", NEW, new TinyRun.Recorder());
    assertThatThrownBy(() -> pretrain(prose, settings, "out", NEW, new TinyRun.Recorder(5)))
        .isInstanceOf(TinyRun.Killed.class);
    List<String> heard = new ArrayList<>();
    TrainingListener stopping =
        new TrainingListener() {
          private int asked;

          @Override
          public void notice(String message) {
            heard.add(message);
          }

          @Override
          public void resuming(int done) {
            heard.add("resuming after " + done);
          }

          @Override
          public boolean stopRequested() {
            return ++asked > 2;
          }

          @Override
          public void started(int firstStep, int steps) {
            heard.add("started");
          }
        };
    assertThatThrownBy(() -> pretrain(prose, settings, "out", RESUME, stopping))
        .isInstanceOf(TrainingInterruptedException.class)
        .hasMessage("interrupted after step 4; the same command with --resume goes on from step 4");
    assertThat(heard)
        .containsSubsequence(
            "resuming after 4", "the blocks of the 4 steps that are done are read again")
        .doesNotContain("started");
    pretrain(prose, settings, "out", RESUME, new TinyRun.Recorder());
    requireSame(6);
  }

  /**
   * Killed in the step whose held-out loss is the lowest, which no checkpoint has then, and after
   * one that has it: the result is that step's, as of a run that was not killed.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void theBestStepIsKept(int stepsLater) throws IOException {
    Path prose = TinyRun.write(folder.resolve("prose"), TinyRun.documents(120, 9));
    // At a rate that does harm.
    PretrainingSettings settings =
        TinyRun.pretrainingSettings(42)
            .with(Map.of("steps", 10, "learningRate", 0.02, "warmupSteps", 9, "heldOutSteps", 1));
    pretrain(prose, settings, "unbroken", NEW, new TinyRun.Recorder());
    int best = bestStep(TinyRun.log(folder.resolve("unbroken")));
    assertThat(best).isBetween(2, 7);
    int killed = best + stepsLater;
    assertThatThrownBy(() -> pretrain(prose, settings, "out", NEW, new TinyRun.Recorder(killed)))
        .isInstanceOf(TinyRun.Killed.class);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    pretrain(prose, settings, "out", RESUME, heard);
    assertThat(heard.firstStep <= best).isEqualTo(stepsLater == 0);
    assertThat(heard.notices)
        .anyMatch(notice -> notice.startsWith("the result is that of step %d,".formatted(best)));
    requireSame(10);
  }

  private static int bestStep(List<JsonNode> log) {
    return log.stream()
        .min(Comparator.comparingDouble(step -> step.path("heldOutLoss").asDouble()))
        .orElseThrow()
        .path("step")
        .asInt();
  }

  private void pretrain(
      Path prose,
      PretrainingSettings settings,
      String output,
      RunOptions options,
      TrainingListener listener) {
    try (Device device = new HostDevice(2)) {
      TinyRun.run(
          device, TinyRun.pretraining(prose, settings), folder.resolve(output), options, listener);
    }
  }

  private void requireSame(int steps) throws IOException {
    Path unbroken = folder.resolve("unbroken");
    Path output = folder.resolve("out");
    assertThat(TinyRun.weights(output)).isEqualTo(TinyRun.weights(unbroken));
    List<JsonNode> log = TinyRun.log(output);
    assertThat(log)
        .extracting(step -> step.path("step").asInt())
        .isEqualTo(IntStream.rangeClosed(1, steps).boxed().toList());
    for (String value : List.of("loss", "epoch", "learningRate", "tokens", "heldOutLoss")) {
      assertThat(log)
          .extracting(step -> step.path(value))
          .isEqualTo(TinyRun.log(unbroken).stream().map(step -> step.path(value)).toList());
    }
    assertThat(folder.resolve("out.training")).doesNotExist();
  }

  @Test
  void stepsMayChange() throws IOException {
    MirrorSettings shorter = settings(7);
    train("unbroken", shorter, NEW, new TinyRun.Recorder());
    kill("out", 5);
    TinyRun.Recorder heard = new TinyRun.Recorder(6);
    assertThatThrownBy(() -> train("out", shorter, RESUME, heard))
        .isInstanceOf(TinyRun.Killed.class);
    assertThat(heard.firstStep).isEqualTo(5);
    train("out", shorter, RESUME, new TinyRun.Recorder());
    requireSame(7);
  }

  @Test
  void fewerStepsThanAreDoneAreRefused() {
    kill("out", 5);
    assertThatThrownBy(() -> train("out", settings(3), RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("out.training/checkpoint-4")
                + ": 4 steps are done, 3 are asked; ask for at least as many");
  }

  private static MirrorSettings settings(int maxSteps) {
    return TinyRun.mirrorSettings(3, 4, 42).with(Map.of("steps", maxSteps));
  }

  @Test
  void otherSettingsAreRefused() {
    kill("out", 3);
    assertThatThrownBy(
            () -> train("out", TinyRun.mirrorSettings(3, 4, 43), RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("out.training")
                + ": seed was 42 in the unfinished run, now 43; use the same or --overwrite");
  }

  @Test
  void otherCorpusIsRefused() {
    kill("out", 3);
    TinyRun.write(corpus, TinyRun.texts(14, 9));
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "%s: the corpus \"%s\" has changed since the unfinished run began; put the old text"
                + " back or use --overwrite",
            folder.resolve("out.training"), corpus);
  }

  /** What a loss of power can do to a log whose checkpoint was written. */
  @ParameterizedTest
  @MethodSource
  void brokenLogIsContinued(UnaryOperator<String> damage, List<Integer> stepsKept)
      throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    kill("out", 5);
    Path log = folder.resolve("out.training/train.jsonl");
    Files.writeString(log, damage.apply(Files.readString(log)));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.firstStep).isEqualTo(5);
    int lost = 4 - stepsKept.size();
    assertThat(heard.warnings)
        .containsExactly(
            "train.jsonl has lost the lines of %d of the 4 steps that are done; the run goes on"
                .formatted(lost));
    List<Integer> steps = new ArrayList<>(stepsKept);
    IntStream.rangeClosed(5, 9).forEach(steps::add);
    assertThat(TinyRun.log(folder.resolve("out")))
        .extracting(step -> step.path("step").asInt())
        .isEqualTo(steps);
    assertThat(TinyRun.weights(folder.resolve("out")))
        .isEqualTo(TinyRun.weights(folder.resolve("unbroken")));
  }

  static Stream<Arguments> brokenLogIsContinued() {
    UnaryOperator<String> empty = text -> "";
    UnaryOperator<String> twoLines = text -> firstLines(text, 2);
    UnaryOperator<String> cut = text -> firstLines(text, 4).stripTrailing().replaceAll(".{9}$", "");
    UnaryOperator<String> zeros = text -> firstLines(text, 3) + "\0".repeat(100);
    UnaryOperator<String> hole = text -> text.replaceFirst("\"step\":2", "\0\0\0\0\0\0\0\0");
    return Stream.of(
        arguments(named("empty", empty), List.of()),
        arguments(named("two lines", twoLines), List.of(1, 2)),
        arguments(named("last line cut", cut), List.of(1, 2, 3)),
        arguments(named("zeros at the end", zeros), List.of(1, 2, 3)),
        arguments(named("a hole", hole), List.of(1, 3, 4)));
  }

  private static String firstLines(String text, int count) {
    return text.lines().limit(count).map(line -> line + "\n").collect(Collectors.joining());
  }

  @Test
  void logThatIsGoneIsContinued() throws IOException {
    kill("out", 3);
    Files.delete(folder.resolve("out.training/train.jsonl"));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.warnings).singleElement().asString().contains("2 of the 2 steps");
    assertThat(TinyRun.log(folder.resolve("out"))).hasSize(7);
  }

  @Test
  void cutCheckpointIsRefused() throws IOException {
    kill("out", 3);
    Path moments = folder.resolve("out.training/checkpoint-2/state.safetensors");
    try (FileChannel channel = FileChannel.open(moments, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 4);
    }
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(moments.toString());
  }

  @Test
  void otherModelIsRefused() throws IOException {
    kill("out", 3);
    Path config = model.resolve("config.json");
    String before = Files.readString(config);
    Files.writeString(config, before.replace("\"gelu\"", "\"gelu_new\""));
    assertThat(Files.readString(config)).isNotEqualTo(before);
    refusedAsChanged("the model");
    Files.writeString(config, before);
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    refusedAsChanged("the model");
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Path vocabulary = model.resolve("tokenizer.json");
    Files.writeString(vocabulary, Files.readString(vocabulary).replace("\"be\"", "\"zz\""));
    refusedAsChanged("the tokenizer of the model");
  }

  private void refusedAsChanged(String what) {
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "%s: %s \"%s\" has changed since the unfinished run began; put the old files back or"
                + " use --overwrite",
            folder.resolve("out.training"), what, model);
  }

  @Test
  void checkpointOfAnotherRunIsRefused() throws IOException {
    kill("out", 3);
    assertThatThrownBy(
            () -> train("other", TinyRun.mirrorSettings(3, 4, 43), NEW, new TinyRun.Recorder(3)))
        .isInstanceOf(TinyRun.Killed.class);
    Path checkpoint = folder.resolve("out.training/checkpoint-2");
    Files.move(checkpoint, folder.resolve("old"));
    Files.move(folder.resolve("other.training/checkpoint-2"), checkpoint);
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(checkpoint + ": seed was 43 in the unfinished run, now 42");
  }

  /** Whenever it is asked: what is done is kept, and the result is the same. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 8})
  void aRunThatIsAskedToStopKeepsWhatIsDone(int steps) throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    RunOptions rarely = new RunOptions(RunOptions.NEVER, false, false);
    TinyRun.Recorder asking = new TinyRun.Recorder();
    asking.stopAfter = steps;
    assertThatThrownBy(() -> train("out", rarely, asking))
        .isInstanceOf(TrainingInterruptedException.class)
        .hasMessage(
            "interrupted after step %d; the same command with --resume goes on from step %d",
            steps, steps);
    assertThat(asking.steps).hasSize(steps);
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.firstStep).isEqualTo(steps + 1);
    assertThat(heard.notices.stream().anyMatch(text -> text.contains("no checkpoint yet")))
        .isEqualTo(steps == 0);
    requireSame(9);
  }

  /** An output that appears meanwhile, not empty: all steps are kept, and no step is done again. */
  @Test
  void aRefusedFinalWriteLosesNothing() throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    Path output = folder.resolve("out");
    TinyRun.Recorder meddling = new TinyRun.Recorder();
    meddling.atStep =
        step -> {
          if (step == 9) {
            TinyRun.write(make(output).resolve("x"), List.of("precious"));
          }
        };
    assertThatThrownBy(() -> train("out", NEW, meddling))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already and is not empty")
        .hasMessageEndingWith(
            "; all steps are kept in %s: the same command with --resume writes the output",
            folder.resolve("out.training"));
    assertThat(output.resolve("x")).hasContent("precious");
    Files.delete(output.resolve("x"));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", RESUME, heard);
    assertThat(heard.steps).isEmpty();
    requireSame(9);
  }

  private static Path make(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Killed between the output and the removal of the folder, and after that. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunWhoseOutputIsThereEndsWell(boolean resume) throws IOException {
    kill("out", 3);
    Path training = folder.resolve("out.training");
    train("out", RESUME, new TinyRun.Recorder());
    // The folder as it was: settings and log are what counts.
    Files.createDirectory(training);
    Files.copy(folder.resolve("out/train.jsonl"), training.resolve("train.jsonl"));
    Files.writeString(
        training.resolve("settings.json"),
        "{\"kind\":\"run of mirror4j\",\"overwrite\":false,\"settings\":"
            + new ObjectMapper().readTree(folder.resolve("out/mirror4j.json").toFile()).path("run")
            + "}");
    byte[] weights = TinyRun.weights(folder.resolve("out"));
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", resume ? RESUME : NEW, heard);
    assertThat(heard.steps).isEmpty();
    assertThat(training).doesNotExist();
    assertThat(TinyRun.weights(folder.resolve("out"))).isEqualTo(weights);
    train("out", RESUME, heard);
    assertThat(heard.steps).isEmpty();
    assertThat(heard.notices)
        .contains(folder.resolve("out") + ": is there already, made by a run with these settings");
    assertThatThrownBy(
            () -> train("out", TinyRun.mirrorSettings(3, 4, 43), RESUME, new TinyRun.Recorder()))
        .hasMessageContaining("seed was 42 in the run that made it, now 43");
  }

  /** A run that replaces an output may be resumed, and replaces it then. */
  @Test
  void anOverwritingRunGoesOn() throws IOException {
    train("unbroken", NEW, new TinyRun.Recorder());
    train("out", TinyRun.mirrorSettings(3, 4, 43), NEW, new TinyRun.Recorder());
    TinyRun.Recorder asking = new TinyRun.Recorder();
    asking.stopAfter = 3;
    assertThatThrownBy(() -> train("out", OVERWRITE, asking))
        .hasMessageContaining("the same command with --resume in place of --overwrite");
    train("out", RESUME, new TinyRun.Recorder());
    requireSame(9);
  }

  @Test
  void theModelToStartFromIsNotReplaced() {
    assertThatThrownBy(() -> train("base", OVERWRITE, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("would replace the input " + model);
  }

  @Test
  void unfinishedRunIsNotLost() throws IOException {
    kill("out", 3);
    assertThatThrownBy(() -> train("out", NEW, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("--resume")
        .hasMessageContaining("--overwrite");
    TinyRun.Recorder heard = new TinyRun.Recorder();
    train("out", OVERWRITE, heard);
    assertThat(heard.firstStep).isEqualTo(1);
    train("unbroken", NEW, new TinyRun.Recorder());
    requireSame(9);
  }

  @Test
  void nothingToResume() {
    assertThatThrownBy(() -> train("out", RESUME, new TinyRun.Recorder()))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no unfinished run to resume");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private void kill(String output, int lastStep) {
    assertThatThrownBy(() -> train(output, NEW, new TinyRun.Recorder(lastStep)))
        .isInstanceOf(TinyRun.Killed.class);
    assertThat(folder.resolve(output)).doesNotExist();
  }

  private void train(String output, RunOptions options, TinyRun.Recorder recorder) {
    train(output, TinyRun.mirrorSettings(3, 4, 42), options, recorder);
  }

  private void train(
      String output, MirrorSettings settings, RunOptions options, TinyRun.Recorder recorder) {
    try (Device device = new HostDevice(2)) {
      TinyRun.run(
          device,
          TinyRun.tuning(model, corpus, settings),
          folder.resolve(output),
          options,
          recorder);
    }
  }
}
