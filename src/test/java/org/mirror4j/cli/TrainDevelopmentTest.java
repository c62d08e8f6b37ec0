package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --dev}. */
class TrainDevelopmentTest {
  private static final List<String> PAIRS =
      List.of("cat\tdog\t3", "cat\tcats\t9", "sun\tmoon\t5", "a\tzebra\t0", "red\tblue\t4");

  @TempDir Path folder;
  private Path model;
  private Path corpus;
  private Path data;

  @BeforeEach
  void makeInputs() throws IOException {
    model = CommandRun.model(folder.resolve("model"));
    corpus = folder.resolve("corpus.txt");
    Files.write(
        corpus, IntStream.range(0, 24).mapToObj(i -> "word" + Integer.toString(i, 5)).toList());
    data = folder.resolve("data");
    Files.createDirectories(data.resolve("wordsim"));
    Files.createDirectories(data.resolve("sts/joined"));
    Files.write(data.resolve("wordsim/EN-TOY.txt"), PAIRS);
    for (String part : List.of("dev", "test")) {
      Files.write(
          data.resolve("sts/joined/stsb.%s.tsv".formatted(part)),
          List.of("5.0\ta cat\tthe cat", "1.0\ta dog\tthe sun", "3.0\tred\tblue"));
    }
  }

  private CommandRun train(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--model", model));
    arguments.addAll(List.of("--corpus", corpus, "--output", folder.resolve("out")));
    arguments.addAll(List.of("--batch-size", 4, "--learning-rate", "1e-3", "--threads", 1));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray());
  }

  private static String word(Random random) {
    return random.ints(3, 'a', 'z' + 1).mapToObj(Character::toString).collect(Collectors.joining());
  }

  /**
   * What {@code eval} says of the output is what was said of its step; words that no step reads
   * decay so much that without that it would be another.
   */
  @Test
  void theScoreIsThatOfEval() throws IOException {
    Path own = folder.resolve("data/wordsim/EN-TOY.txt");
    Random random = new Random(1);
    Files.write(
        own,
        IntStream.range(0, 60)
            .mapToObj(i -> word(random) + "\tword" + word(random) + "\t" + random.nextInt(10))
            .toList());
    CommandRun run =
        train("--dev", "pairs:" + own, "--dev-steps", 3, "--weight-decay", 50, "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.events("warning")).isEmpty();
    String score = "EN-TOY.txt Spearman";
    assertThat(run.event("untrained").path("scores").has(score)).isTrue();
    List<JsonNode> scored = run.events("step").stream().filter(step -> step.has("scores")).toList();
    assertThat(scored).extracting(step -> step.path("step").asInt()).containsExactly(3, 6, 9, 12);
    double best =
        scored.stream()
            .mapToDouble(step -> step.path("scores").path(score).asDouble())
            .max()
            .orElseThrow();
    CommandRun eval =
        CommandRun.done(
            "eval", "--model", folder.resolve("out"), "--task", "pairs:" + own, "--json");
    assertThat(eval.event("measurement").path("value").asDouble()).isEqualTo(best);
  }

  /** SimLex-999 and others have no part to choose on, and people choose on them all the same. */
  @Test
  void aTestSetIsAWarning() {
    CommandRun run =
        train("--dev", "en-toy", "--data", data, "--max-steps", 2, "--dev-steps", 1, "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.event("warning").path("message").asText())
        .isEqualTo(
            "EN-TOY: models are tested on it; of one that was chosen on it, its score there is no"
                + " test");
    assertThat(run.event("settings").path("dev").asText()).isEqualTo("EN-TOY");
    assertThat(run.event("settings").path("devSteps").asInt()).isEqualTo(1);
  }

  @Test
  void aTestSetThatHasADevelopmentSetIsRefused() {
    CommandRun refused = train("--dev", "stsb", "--data", data);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .contains("task stsb: a test set, which nothing is chosen on, expected stsb-dev");
    assertThat(folder.resolve("out")).doesNotExist();
    CommandRun taken = train("--dev", "stsb-dev", "--data", data, "--max-steps", 1);
    assertThat(taken.exit()).as(taken.err()).isZero();
    assertThat(taken.err())
        .doesNotContain("models are tested on it")
        .containsPattern("before the first step: stsb-dev Spearman -?[0-9.]+")
        .containsPattern("step 1/1, .*stsb-dev Spearman -?[0-9.]+")
        .contains("the result is that of step 1, which did best on held-out data");
  }

  /** Columns are a part of the task: a run that is gone on with is scored by the same. */
  @Test
  void anotherColumnIsAnotherTask() {
    Path own = folder.resolve("data/wordsim/EN-TOY.txt");
    String columns = ":score=3,first=1,second=2";
    CommandRun run = train("--dev", "pairs:" + own + columns, "--max-steps", 1, "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.event("settings").path("dev").asText()).isEqualTo("EN-TOY.txt" + columns);
  }

  @Test
  void severalSetsWithoutAMeanAreRefused() throws IOException {
    for (String file :
        List.of(
            "ncbi-disease/NCBItestset_corpus.txt",
            "ncbi-disease/NCBItrainset_corpus.txt",
            "ncbi-disease/NCBIdevelopset_corpus.txt",
            "bc5cdr/CDR_TestSet.PubTator.txt",
            "bc5cdr/CDR_TrainingSet.PubTator.txt",
            "bc5cdr/CDR_DevelopmentSet.PubTator.txt",
            "medic/medic_06Jul2012.txt",
            "askapatient/AskAPatient.fold-0.test.txt")) {
      Path empty = folder.resolve("data/biomedical").resolve(file);
      Files.createDirectories(empty.getParent());
      Files.createFile(empty);
    }
    CommandRun run = train("--dev", "entity-linking", "--data", data);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains(
            "task entity-linking: several sets without a mean, expected one of ncbi-disease,"
                + " bc5cdr-disease, askapatient");
  }

  @Test
  void whatSaysNothingOfQualityIsRefused() {
    CommandRun run = train("--dev", "isotropy:" + corpus);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains("task corpus.txt: its values do not say how good an encoder is, expected one of");
  }

  @Test
  void optionsWithoutEffectAreWrongUsage() {
    for (Object[] options :
        List.of(new Object[] {"--dev-steps", 3}, new Object[] {"--data", data})) {
      CommandRun run = train(options);
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err()).contains(options[0] + " has no effect without --dev");
    }
    CommandRun unknown = train("--dev", "nothing", "--data", data);
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("unknown task nothing");
    CommandRun none = train("--dev", "stsb-dev", "--data", data, "--dev-steps", 0);
    assertThat(none.exit()).isEqualTo(2);
    assertThat(none.err()).contains("--dev-steps is 0, expected at least 1");
  }
}
