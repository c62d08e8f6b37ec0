package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.method.finetune.FineTuningRecipe;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.coreference.CoreferenceSettings;
import picocli.CommandLine;

/** A handful of examples is learned by heart, whatever the task. */
class FineTuneCommandTest {
  private static final String PASSAGE =
      "the cat sat on a mat in may and the dog ran to the sea in june";

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private Path paraphrases() throws IOException {
    return file(
        "mrpc.tsv",
        "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String",
        "1\t1\t2\ta cat sat\tthe cat sat",
        "0\t3\t4\ta cat sat\tthe sun is up",
        "1\t5\t6\tit is a dog\tthat is a dog",
        "0\t7\t8\tit is a dog\tno cat is here",
        "1\t9\t10\tsea and sun\tsun and sea",
        "0\t11\t12\tsea and sun\ta mat");
  }

  private Path similarities() throws IOException {
    return file(
        "sts-b.tsv",
        "index\tsentence1\tsentence2\tscore",
        "0\ta cat sat\tthe cat sat\t4.75",
        "1\ta cat sat\tthe sun is up\t0.0",
        "2\tit is a dog\tthat is a dog\t5.000",
        "3\tit is a dog\tno cat is here\t1.5",
        "4\tsea and sun\tsun, a beach\t3.25");
  }

  private Path tags() throws IOException {
    return file(
        "tags.txt",
        "ann B-PER",
        "lee I-PER",
        "sat O",
        "in O",
        "rome B-LOC",
        "",
        "rome B-ORG",
        "fell O",
        "",
        "ann O",
        "in O",
        "ann B-LOC");
  }

  private static String question(String id, String asked, String answer) {
    return "{\"id\":\"%s\",\"question\":\"%s\",\"answers\":[%s]}"
        .formatted(
            id,
            asked,
            answer.isEmpty()
                ? ""
                : "{\"text\":\"%s\",\"answer_start\":%d}"
                    .formatted(answer, PASSAGE.indexOf(answer)));
  }

  private Path questions(boolean unanswerable) throws IOException {
    List<String> questions =
        new ArrayList<>(
            List.of(
                question("1", "who sat?", "the cat"),
                question("2", "which pet ran off?", "dog"),
                question("3", "where is that?", "the sea"),
                question("4", "when?", "june")));
    if (unanswerable) {
      questions.add(question("5", "how many birds sang?", ""));
      questions.add(question("6", "is it so?", ""));
    }
    return file(
        "squad.json",
        "{\"data\":[{\"paragraphs\":[{\"context\":\"%s\",\"qas\":[%s]}]}]}"
            .formatted(PASSAGE, String.join(",", questions)));
  }

  private Object[] command(String task, Path data, Object... more) {
    return command(task, data, data, more);
  }

  private Object[] command(String task, Path train, Path dev, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("finetune", task, "--model", model, "--train", train, "--dev", dev));
    arguments.addAll(List.of("--output", folder.resolve("out"), "--threads", 1, "--json"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray();
  }

  /** Trains until the score that decides is 100. */
  private CommandRun learned(String task, Path data, int epochs, Object... more) {
    List<Object> settings =
        new ArrayList<>(
            List.of(
                "--epochs",
                epochs,
                "--learning-rate",
                3e-4,
                // Whose first steps are the longest.
                "--optimizer",
                "bert",
                "--dropout-rate",
                0,
                "--weight-decay",
                0,
                "--evaluations",
                1));
    settings.addAll(Arrays.asList(more));
    CommandRun run = CommandRun.done(command(task, data, settings.toArray()));
    assertThat(run.err()).isEmpty();
    assertThat(run.events("step")).hasSize(epochs);
    return run;
  }

  /** The best of the scores that decide. */
  private static double best(CommandRun run, String measure) {
    List<JsonNode> steps = run.events("step");
    assertThat(steps)
        .allSatisfy(
            step ->
                assertThat(step.path("scores").properties().iterator().next().getKey())
                    .isEqualTo(measure));
    return steps.stream()
        .mapToDouble(step -> step.path("scores").path(measure).doubleValue())
        .max()
        .orElseThrow();
  }

  private static double lastLoss(CommandRun run) {
    return run.events("step").getLast().path("loss").doubleValue();
  }

  private ObjectNode config() throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(folder.resolve("out/config.json").toFile());
  }

  @Test
  void pairsOfTwoClasses() throws IOException {
    CommandRun run = learned("mrpc", paraphrases(), 25);
    assertThat(best(run, "mean")).isEqualTo(100);
    assertThat(lastLoss(run)).isLessThan(0.1);
    assertThat(config().at("/architectures/0").textValue())
        .isEqualTo("BertForSequenceClassification");
    assertThat(config().path("id2label").toString()).isEqualTo("{\"0\":\"0\",\"1\":\"1\"}");
    assertThat(config().path("problem_type").textValue()).isEqualTo("single_label_classification");
    assertThat(folder.resolve("out.training")).doesNotExist();
  }

  @Test
  void pairsWithANumber() throws IOException {
    CommandRun run = learned("sts-b", similarities(), 100);
    assertThat(best(run, "mean")).isGreaterThan(99.9);
    // Of the squared error.
    assertThat(lastLoss(run)).isLessThan(0.01);
    assertThat(config().path("problem_type").textValue()).isEqualTo("regression");
    assertThat(config().path("id2label")).hasSize(1);
  }

  @Test
  void tagsOfWords() throws IOException {
    CommandRun run = learned("tagging", tags(), 30);
    assertThat(best(run, "F1")).isEqualTo(100);
    assertThat(lastLoss(run)).isLessThan(0.1);
    assertThat(config().at("/architectures/0").textValue()).isEqualTo("BertForTokenClassification");
    assertThat(config().path("label2id").toString())
        .isEqualTo("{\"B-LOC\":0,\"B-ORG\":1,\"B-PER\":2,\"I-PER\":3,\"O\":4}");
  }

  @Test
  void answers() throws IOException {
    CommandRun run = learned("squad-1.1", questions(false), 40, "--max-length", 64);
    assertThat(best(run, "F1")).isEqualTo(100);
    assertThat(lastLoss(run)).isLessThan(0.1);
    assertThat(config().at("/architectures/0").textValue()).isEqualTo("BertForQuestionAnswering");
  }

  /** In windows, two or more of each question. */
  @Test
  void answersAndNone() throws IOException {
    CommandRun run = learned("squad-2.0", questions(true), 60, "--max-length", 36);
    assertThat(best(run, "F1")).isEqualTo(100);
    assertThat(lastLoss(run)).isLessThan(0.1);
    assertThat(run.events("step").getLast().path("scores").path("exact match").doubleValue())
        .isEqualTo(100);
    assertThat(run.events("notice"))
        .extracting(notice -> notice.path("message").asText())
        .anyMatch(message -> message.matches(".*: 6 questions in 1[0-9] windows, 6 in 1[0-9].*"));
  }

  /** A run that was begun before goes on only while keys, their order and numbers stay. */
  @Test
  void whatIsStoredOfARun() throws IOException {
    Path data = tags();
    CommandRun run =
        CommandRun.done(command("tagging", data, "--max-steps", 1, "--recipe", "classification"));
    ObjectNode settings = (ObjectNode) run.event("settings");
    settings.remove("event");
    assertThat(settings.toString())
        .isEqualTo(
            """
            {"command":"finetune","model":"%s","modelHash":%s,"tokenizerHash":%s,"task":"tagging",\
            "train":"%s","trainHash":%s,"dev":"%s","devHash":%s,"recipe":"classification",\
            "steps":1,"batchSize":32,"deviceTokens":8192,"learningRate":2.0E-5,\
            "warmupShare":0.0,"optimizer":"adamw","weightDecay":0.0,"maxLength":128,"dropoutRate":0.1,\
            "maxGradNorm":1.0,"evaluations":10,"patience":0,"seed":42,"precision":"f32",\
            "store":"f32"}\
            """
                .formatted(
                    model,
                    settings.path("modelHash"),
                    settings.path("tokenizerHash"),
                    data,
                    settings.path("trainHash"),
                    data,
                    settings.path("devHash")));
    assertThat(run.events("notice"))
        .extracting(notice -> notice.path("message").asText())
        .contains(data + ": 3 sentences with 5 different tags, 3 to score on");
  }

  /** The settings do not hang on whether there is a dev set. */
  @Test
  void withoutADevSet() throws IOException {
    Path data =
        file("rte.tsv", "sentence1\tsentence2\tlabel", "a\tb\tentailment", "a\tc\tnot_entailment");
    CommandRun run =
        CommandRun.done(
            "finetune",
            "rte",
            "--model",
            model,
            "--train",
            data,
            "--output",
            folder.resolve("out"),
            "--max-steps",
            2,
            "--json");
    assertThat(run.events("step")).hasSize(2).noneMatch(step -> step.has("scores"));
    assertThat(run.event("settings").path("recipe").textValue()).isEqualTo("classification");
    assertThat(run.event("settings").path("dev").textValue()).isEmpty();
    assertThat(config().path("id2label").toString())
        .isEqualTo("{\"0\":\"entailment\",\"1\":\"not_entailment\"}");
    refusedWithoutADevSet(data, "--patience", "--patience needs --dev");
    refusedWithoutADevSet(data, "--evaluations", "--evaluations has no effect without --dev");
  }

  private void refusedWithoutADevSet(Path data, String option, String message) {
    CommandRun run =
        CommandRun.of(
            "finetune",
            "rte",
            "--model",
            model,
            "--train",
            data,
            "--output",
            folder.resolve("refused"),
            option,
            1);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: " + message + "\n");
  }

  @Test
  void eachSettingIsAnOption() {
    for (FineTuningRecipe recipe : FineTuningRecipe.values()) {
      FineTuningOptions options = new FineTuningOptions();
      new CommandLine(options).parseArgs();
      assertThat(options.settings(recipe, false)).isEqualTo(recipe.settings());
      assertThat(FineTuningRecipe.of(recipe.label())).isEqualTo(recipe);
    }
    GivenTest.requireEachIsASetting(FineTuningOptions.class, FineTuningSettings.class);
    GivenTest.requireEachIsASetting(CoreferenceOptions.class, CoreferenceSettings.class);
  }

  @Test
  void theHelpListsAllTasks() {
    String help = CommandRun.done("finetune", "--help").out();
    assertThat(FineTuneCommand.KINDS).extracting(TaskKind::name).doesNotHaveDuplicates();
    assertThat(FineTuneCommand.KINDS)
        .hasSize(18)
        .allSatisfy(
            kind ->
                assertThat(help)
                    .containsPattern(
                        "(?m)^  %s +\\Q%s (%s)\\E$"
                            .formatted(kind.name(), kind.description(), kind.recipe())));
    assertThat(CommandRun.done("help").out()).contains("finetune").doesNotContain("sst-2");
  }

  /** Each can be scored by its name too. */
  @Test
  void tasksAreCalledAsTheirScorers() {
    assertThat(ScoreCommand.SCORERS.stream().map(scorer -> scorer.name()).toList())
        .containsAll(FineTuneCommand.KINDS.stream().map(TaskKind::name).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mrcp | | no task mrcp, expected one that finetune --help lists; did you mean mrpc?",
        "xyzzy | | no task xyzzy, expected one that finetune --help lists",
        "mrpc | --text a | mrpc takes no --text",
        "classification | --label a | classification needs --text, the name of a column",
        "regression | --text a --pair b | regression needs --label, the name of a column",
        "rte | --segments 3 | rte takes no --segments",
        "coreference | --head-size 0 | --head-size is 0, expected at least 1",
        "mrpc | --epochs 0 | --epochs is 0, expected at least 1",
        "mrpc | --warmup-share 2 | --warmup-share is 2.0, expected a share from 0 to 1",
        "mrpc | --weight-decay Infinity | --weight-decay is Infinity, expected at least 0 and"
            + " finite",
        "mrpc | --max-length 3 | --max-length is 3, expected at least 4",
        "mrpc | --max-length 512 --device-tokens 500 | --device-tokens is 500, expected at least"
            + " --max-length 512",
      })
  void wrongUsage(String task, String more, String message) throws IOException {
    Object[] given = more == null ? new Object[0] : more.split(" ");
    CommandRun run = CommandRun.of(command(task, paraphrases(), given));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("mirror4j: %s\nTry 'mirror4j finetune --help'.\n".formatted(message));
  }

  @Test
  void filesThatCannotBeUsed() throws IOException {
    Path pairs = paraphrases();
    Path unlabelled =
        file("test.tsv", "index\t#1 ID\t#2 ID\t#1 String\t#2 String", "0\t1\t2\ta\tb");
    fails(
        unlabelled
            + ":1: 'index?#1 ID?#2 ID?#1 String?#2 String', expected for mrpc a header with"
            + " #1 String, #2 String, Quality",
        command("mrpc", pairs, unlabelled));
    Path tags = tags();
    Path absent = folder.resolve("absent");
    fails(absent + " does not exist", command("tagging", absent));
    Path none = questions(true);
    fails(
        none
            + ": question '5' has no answer, expected one at least; a file of SQuAD 2.0 is scored"
            + " as squad-2.0",
        command("squad-1.1", none));
    fails(
        "question '1' has 6 pieces, which leave no room for its passage: expected fewer than 6, or"
            + " more tokens than 9 to an example",
        command("squad-2.0", none, "--max-length", 9));
    CommandRun longer = CommandRun.of(command("tagging", tags, "--max-length", 600));
    assertThat(longer.exit()).isEqualTo(1);
    assertThat(longer.err().lines()).singleElement().asString().contains("600", "512");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static void fails(String message, Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.err()).isEqualTo("mirror4j: " + message + "\n");
    assertThat(run.exit()).isEqualTo(1);
  }
}
