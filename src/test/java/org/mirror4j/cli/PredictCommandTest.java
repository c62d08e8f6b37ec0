package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.task.PredictedKind;

/**
 * Fine-tuned on a few examples, a model predicts files that score what fine-tuning said of them.
 */
class PredictCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * None of them an article: an answer of articles alone is none to the official scorer, and one to
   * its search for the best threshold.
   */
  private static final List<String> WORDS =
      List.of("cat", "dog", "sun", "sea", "is", "up", "on", "no", "may", "june", "in", "ran");

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  private Path file(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines);
  }

  private static String text(Random random) {
    return String.join(
        " ", random.ints(3 + random.nextInt(9), 0, WORDS.size()).mapToObj(WORDS::get).toList());
  }

  /** Rows of random texts, labels in turn. */
  private Path rows(String name, String header, String form, List<String> labels)
      throws IOException {
    Random random = new Random(5);
    List<String> lines = new ArrayList<>(header.isEmpty() ? List.of() : List.of(header));
    for (int i = 0; i < 13; i++) {
      lines.add(
          form.replace("LABEL", labels.get(random.nextInt(labels.size())))
              .replace("FIRST", text(random))
              .replace("SECOND", text(random)));
    }
    return file(name, lines);
  }

  /** Questions about random passages; of {@code unanswerable} every third has no answer. */
  private Path questions(boolean unanswerable) throws IOException {
    Random random = new Random(6);
    List<String> paragraphs = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      String context = "😀 " + text(random) + " " + text(random) + " " + text(random);
      List<String> words = List.of(context.split(" "));
      String answer = words.get(1 + random.nextInt(words.size() - 1));
      String answers =
          unanswerable && i % 3 == 0
              ? ""
              : "{\"text\":\"%s\",\"answer_start\":%d}"
                  .formatted(answer, context.codePointCount(0, context.indexOf(answer)));
      paragraphs.add(
          "{\"context\":\"%s\",\"qas\":[{\"id\":\"q%d\",\"question\":\"%s\",\"answers\":[%s]}]}"
              .formatted(context, i, text(random), answers));
    }
    return file(
        "squad.json",
        List.of("{\"data\":[{\"paragraphs\":[%s]}]}".formatted(String.join(",", paragraphs))));
  }

  private Path mrqa() throws IOException {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>(List.of("{\"header\":{}}"));
    for (int i = 0; i < 5; i++) {
      String context = text(random);
      String answer = context.split(" ")[1];
      int at = context.indexOf(answer);
      lines.add(
          ("{\"context\":\"%s\",\"qas\":[{\"qid\":\"%d\",\"question\":\"%s\",\"answers\":[\"%s\"],"
                  + "\"detected_answers\":[{\"text\":\"%s\",\"char_spans\":[[%d,%d]]}]}]}")
              .formatted(context, i, text(random), answer, answer, at, at + answer.length() - 1));
    }
    return file("mrqa.jsonl", lines);
  }

  private Path tags() throws IOException {
    Random random = new Random(8);
    List<String> tags = List.of("O", "B-PER", "I-PER", "B-LOC");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      for (String word : text(random).split(" ")) {
        lines.add(word + " x " + tags.get(random.nextInt(tags.size())));
      }
      lines.add("");
    }
    return file("tags.conll", lines);
  }

  /** Labelled examples of a task. */
  private Path data(String task) throws IOException {
    List<String> binary = List.of("0", "1");
    List<String> entailment = List.of("entailment", "not_entailment");
    return switch (task) {
      case "cola" -> rows("cola.tsv", "", "gj04\tLABEL\t\tFIRST", binary);
      case "sst-2" -> rows("sst.tsv", "sentence\tlabel", "FIRST\tLABEL", binary);
      case "mrpc" ->
          rows(
              "mrpc.tsv",
              "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String",
              "LABEL\t1\t2\tFIRST\tSECOND",
              binary);
      case "sts-b" ->
          rows(
              "sts.tsv",
              "sentence1\tsentence2\tscore",
              "FIRST\tSECOND\tLABEL",
              List.of("0.5", "2", "3.75", "5"));
      case "rte" ->
          rows("rte.tsv", "sentence1\tsentence2\tlabel", "FIRST\tSECOND\tLABEL", entailment);
      case "mnli" ->
          rows(
              "dev_mismatched.tsv",
              "sentence1\tsentence2\tgold_label",
              "FIRST\tSECOND\tLABEL",
              List.of("neutral", "contradiction", "entailment"));
      case "squad-1.1" -> questions(false);
      case "squad-2.0" -> questions(true);
      case "mrqa" -> mrqa();
      default -> tags();
    };
  }

  /**
   * A model after a few steps, far from knowing its examples by heart. Its batches are as large as
   * those that predict, and so the same: the bits of a row of a product may depend on where in the
   * batch it stands.
   */
  private CommandRun tuned(String task, Path data, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("finetune", task, "--model", model, "--train", data, "--dev", data));
    arguments.addAll(
        List.of("--output", folder.resolve("out"), "--threads", 1, "--json", "--epochs", 12));
    arguments.addAll(
        List.of("--batch-size", 32, "--learning-rate", 1e-3, "--evaluations", 1, "--seed", 3));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.done(arguments.toArray());
  }

  private Object[] command(String task, Object... more) {
    return Stream.concat(
            Stream.of("predict", task, "--model", folder.resolve("out"), "--threads", 1, "--json"),
            Stream.of(more))
        .toArray();
  }

  /** The highest of what decides. */
  private static double best(CommandRun run) {
    return run.events("step").stream()
        .filter(step -> step.has("scores"))
        .mapToDouble(
            step -> step.path("scores").properties().iterator().next().getValue().doubleValue())
        .max()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "cola, matthews, CoLA.tsv",
    "sst-2, accuracy, SST-2.tsv",
    "mrpc, mean, MRPC.tsv",
    "sts-b, mean, STS-B.tsv",
    "rte, accuracy, RTE.tsv",
    "mnli, accuracy, MNLI-mm.tsv",
    "squad-1.1, f1, predictions.json",
    "squad-2.0, f1, predictions.json",
    "mrqa, f1, predictions.json",
    "tagging, f1, predictions.conll"
  })
  void scoresAreThoseThatFineTuningSaw(String task, String metric, String name) throws IOException {
    Path data = data(task);
    double best = best(tuned(task, data));
    Path predictions = Files.createDirectories(folder.resolve("predictions"));
    CommandRun run =
        CommandRun.done(command(task, "--input", data, "--output", predictions, "--score"));
    assertThat(run.err()).isEmpty();
    JsonNode score = run.event("score");
    // Sums of the same numbers in another order.
    assertThat(score.path("figures").path(metric).doubleValue()).isCloseTo(best, within(1e-9));
    Path written = predictions.resolve(name);
    assertThat(run.event("predictions").path("output").textValue()).isEqualTo(written.toString());
    CommandRun scored =
        CommandRun.done("score", task, "--gold", data, "--predictions", written, "--json");
    assertThat(scored.event("score")).isEqualTo(score);
    assertThat(predictions.toFile().list()).containsExactly(name);
  }

  /** Without labels the same is said. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cola | index\\tsentence | 3",
        "sst-2 | index\\tsentence | 0",
        "mrpc | index\\t#1 ID\\t#2 ID\\t#1 String\\t#2 String | 0 0 3 4",
        "mnli | index\\tgenre\\tsentence1\\tsentence2 | 2 0 1"
      })
  void filesOfTestSets(String task, String header, String columns) throws IOException {
    Path data = data(task);
    tuned(task, data);
    List<String> lines = Files.readAllLines(data);
    List<String> test = new ArrayList<>(List.of(header.replace("\\t", "\t")));
    for (String line : lines.subList(task.equals("cola") ? 0 : 1, lines.size())) {
      String[] fields = line.split("\t");
      List<String> row = new ArrayList<>(List.of(String.valueOf(100 + test.size())));
      Arrays.stream(columns.split(" ")).forEach(i -> row.add(fields[Integer.parseInt(i)]));
      test.add(String.join("\t", row));
    }
    Path labelled = folder.resolve("labelled.tsv");
    Path unlabelled = folder.resolve("unlabelled.tsv");
    CommandRun.done(command(task, "--input", data, "--output", labelled));
    CommandRun.done(command(task, "--input", file("test.tsv", test), "--output", unlabelled));
    List<String> expected = Files.readAllLines(labelled);
    assertThat(Files.readAllLines(unlabelled))
        .isEqualTo(
            IntStream.range(0, expected.size())
                .mapToObj(
                    i ->
                        i == 0
                            ? "index\tprediction"
                            : (100 + i) + "\t" + expected.get(i).split("\t")[1])
                .toList());
    CommandRun scored =
        CommandRun.of(
            command(task, "--input", folder.resolve("test.tsv"), "--output", labelled, "--score"));
    assertThat(scored.exit()).isEqualTo(1);
    assertThat(scored.err()).contains("test.tsv:1: ", "expected for " + task);
    assertThat(Files.readAllLines(labelled)).isEqualTo(expected);
  }

  @Test
  void questionsWithoutAnswers() throws IOException {
    Path data = data("squad-2.0");
    tuned("squad-2.0", data);
    Path asked =
        file(
            "asked.json",
            List.of(Files.readString(data).replaceAll(",\"answers\":\\[[^]]*\\]", "").strip()));
    assertThat(Files.readString(asked)).doesNotContain("answers");
    for (Path input : List.of(data, asked)) {
      CommandRun.done(
          command(
              "squad-2.0",
              "--input",
              input,
              "--output",
              folder.resolve(input.getFileName() + ".said"),
              "--null-odds",
              folder.resolve(input.getFileName() + ".odds")));
    }
    assertThat(folder.resolve("asked.json.said"))
        .hasSameBinaryContentAs(folder.resolve("squad.json.said"));
    assertThat(folder.resolve("asked.json.odds"))
        .hasSameBinaryContentAs(folder.resolve("squad.json.odds"));
    CommandRun unanswered =
        CommandRun.of(command("squad-1.1", "--input", asked, "--output", folder.resolve("x")));
    assertThat(unanswered.exit()).as(unanswered.err()).isZero();
    assertThat(unanswered.events("notice"))
        .extracting(notice -> notice.path("message").asText())
        .contains(
            folder.resolve("out") + " was fine-tuned for squad-2.0 and is asked for squad-1.1");
  }

  /** Above the threshold there is no answer, and the numbers say where to put it. */
  @Test
  void thresholds() throws IOException {
    Path data = data("squad-2.0");
    CommandRun run = tuned("squad-2.0", data);
    Path said = folder.resolve("said.json");
    Path odds = folder.resolve("odds.json");
    CommandRun.done(
        command(
            "squad-2.0",
            "--input",
            data,
            "--output",
            said,
            "--null-odds",
            odds,
            "--threshold",
            "Infinity"));
    ObjectNode all = (ObjectNode) JSON.readTree(said.toFile());
    ObjectNode numbers = (ObjectNode) JSON.readTree(odds.toFile());
    assertThat(all).hasSize(9).noneMatch(answer -> answer.asText().isEmpty());
    CommandRun scored =
        CommandRun.done(
            "score",
            "squad-2.0",
            "--gold",
            data,
            "--predictions",
            said,
            "--no-answer",
            odds,
            "--json");
    JsonNode figures = scored.event("score").path("figures");
    assertThat(figures.path("f1:best").doubleValue()).isCloseTo(best(run), within(1e-9));
    double threshold = figures.path("f1-threshold:best").doubleValue();
    assertThat(threshold(data)).isEqualTo(threshold);
    List<Double> sorted = numbers.valueStream().map(JsonNode::doubleValue).sorted().toList();
    for (double given : List.of(sorted.get(0) - 1, sorted.get(4), threshold)) {
      CommandRun.done(
          command("squad-2.0", "--input", data, "--output", said, "--threshold", given));
      ObjectNode some = (ObjectNode) JSON.readTree(said.toFile());
      some.properties()
          .forEach(
              answer ->
                  assertThat(answer.getValue().asText())
                      .isEqualTo(
                          numbers.path(answer.getKey()).doubleValue() > given
                              ? ""
                              : all.path(answer.getKey()).asText()));
    }
    Files.delete(folder.resolve("out/train.jsonl"));
    assertThat(threshold(data)).isZero();
  }

  /** The one that is used where none is given. */
  private double threshold(Path data) {
    return CommandRun.done(
            command("squad-2.0", "--input", data, "--output", folder.resolve("default.json")))
        .events("notice")
        .stream()
        .map(notice -> notice.path("message").asText())
        .filter(message -> message.contains("no answer where its number is above "))
        .map(message -> message.replaceFirst(".* is above ([^,]*).*", "$1"))
        .mapToDouble(Double::parseDouble)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aTextAtTheShell() throws IOException {
    Path data = data("mrpc");
    tuned("mrpc", data);
    String[] row = Files.readAllLines(data).get(3).split("\t");
    Path file = folder.resolve("said.tsv");
    CommandRun.done(command("mrpc", "--input", data, "--output", file));
    JsonNode said = CommandRun.done(command("mrpc", row[3], row[4])).event("prediction");
    assertThat(said.path("texts").toString())
        .isEqualTo("[\"%s\",\"%s\"]".formatted(row[3], row[4]));
    JsonNode rows = said.path("predictions");
    assertThat(rows).hasSize(2);
    assertThat(rows.path(0).path("label").asText())
        .isEqualTo(Files.readAllLines(file).get(3).split("\t")[1]);
    double first = rows.path(0).path("probability").doubleValue();
    assertThat(first).isBetween(0.5, 1.0);
    assertThat(rows.path(1).path("probability").doubleValue()).isCloseTo(1 - first, within(1e-12));
    CommandRun shown =
        CommandRun.done(
            "predict", "mrpc", "--model", folder.resolve("out"), "--threads", 1, row[3], row[4]);
    assertThat(shown.out().lines())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("%.4f".formatted(first));
  }

  @Test
  void aQuestionAtTheShell() throws IOException {
    Path data = data("squad-2.0");
    tuned("squad-2.0", data);
    JsonNode paragraph = JSON.readTree(data.toFile()).at("/data/0/paragraphs/4");
    String context = paragraph.path("context").textValue();
    Object[] asked =
        command(
            "squad-2.0",
            "--question",
            paragraph.at("/qas/0/question").textValue(),
            "--context",
            context,
            "--threshold",
            "Infinity");
    List<JsonNode> rows =
        CommandRun.done(asked).event("prediction").path("predictions").valueStream().toList();
    Path file = folder.resolve("said.json");
    CommandRun.done(
        command("squad-2.0", "--input", data, "--output", file, "--threshold", "Infinity"));
    assertThat(rows).hasSize(6);
    assertThat(rows.getFirst().path("answer")).isEqualTo(JSON.readTree(file.toFile()).path("q4"));
    for (JsonNode row : rows) {
      int[] points = context.codePoints().toArray();
      int start = row.path("start").intValue();
      int end = row.path("end").intValue();
      assertThat(row.path("answer").textValue()).isEqualTo(new String(points, start, end - start));
      assertThat(row.path("probability").doubleValue()).isBetween(0.0, 1.0);
    }
    assertThat(rows.getLast().path("answer").textValue()).isEmpty();
    asked[asked.length - 1] = -1e9;
    JsonNode none = CommandRun.done(asked).event("prediction").path("predictions");
    assertThat(none.path(0)).isEqualTo(rows.getLast());
    CommandRun lines =
        CommandRun.done(
            Arrays.stream(asked)
                .filter(argument -> !argument.equals("--json"))
                .map(argument -> argument.equals(context) ? context.replace(" ", "\n") : argument)
                .toArray());
    assertThat(lines.out().lines()).hasSize(6).allMatch(line -> line.matches("\\d\\.\\d{4}  .+"));
  }

  @Test
  void wordsAtTheShell() throws IOException {
    tuned("tagging", data("tagging"));
    fails("no word, expected words parted by blanks", command("tagging", " "));
    JsonNode said = CommandRun.done(command("tagging", " one cat  ran")).event("prediction");
    assertThat(said.path("predictions").valueStream().map(row -> row.path("word").asText()))
        .containsExactly("one", "cat", "ran");
    assertThat(said.path("predictions"))
        .allSatisfy(
            row -> {
              assertThat(row.path("tag").asText()).matches("O|B-LOC|[BI]-PER");
              assertThat(row.path("probability").doubleValue()).isBetween(0.25, 1.0);
            });
  }

  @Test
  void aNumberAtTheShell() throws IOException {
    Path data = data("sts-b");
    tuned("sts-b", data);
    String[] row = Files.readAllLines(data).get(1).split("\t");
    Path file = folder.resolve("said.tsv");
    CommandRun.done(command("sts-b", "--input", data, "--output", file));
    JsonNode said = CommandRun.done(command("sts-b", row[0], row[1])).event("prediction");
    // By itself and among others: sums of matrix products in another order.
    assertThat(said.at("/predictions/0/number").doubleValue())
        .isCloseTo(
            Double.parseDouble(Files.readAllLines(file).get(1).split("\t")[1]), within(1e-4));
  }

  private Path table(String name, String form, List<String> labels) throws IOException {
    return rows(name, "id,label,\"a, text\",other", form, labels);
  }

  private static Object[] columns(Object... more) {
    return Stream.concat(
            Stream.of("--text", "a, text", "--pair", "other", "--label", "label"), Stream.of(more))
        .toArray();
  }

  /** What a run was told of its columns is known to its model. */
  @ParameterizedTest
  @CsvSource({
    "classification, accuracy, big;small;very big",
    "regression, mean, -1;0.5;2;-0.25",
  })
  void tablesOfOnesOwn(String task, String metric, String labels) throws IOException {
    Path data =
        table(
            "data.csv", "7,LABEL,\"FIRST, \"\"so\"\"\nSECOND\",SECOND", List.of(labels.split(";")));
    CommandRun run = tuned(task, data, columns());
    JsonNode settings = run.event("settings");
    assertThat(
            Stream.of("task", "text", "pair", "label").map(key -> settings.path(key).textValue()))
        .containsExactly(task, "a, text", "other", "label");
    Path said = folder.resolve("said.tsv");
    CommandRun predicted =
        CommandRun.done(command(task, "--input", data, "--output", said, "--score"));
    JsonNode score = predicted.event("score");
    assertThat(score.path("figures").path(metric).doubleValue()).isCloseTo(best(run), within(1e-9));
    CommandRun scored =
        CommandRun.done(
            "score", task, "--gold", data, "--predictions", said, "--label", "label", "--json");
    assertThat(scored.event("score")).isEqualTo(score);
    Path other = file("other.tsv", List.of("second\tfirst", "no sun\tis in", "sea ran\t\"up\" on"));
    CommandRun renamed =
        CommandRun.done(
            command(
                task, "--input", other, "--output", folder, "--text", "first", "--pair", "second"));
    assertThat(renamed.event("predictions").path("output").textValue())
        .isEqualTo(folder.resolve("predictions.tsv").toString());
    assertThat(Files.readAllLines(folder.resolve("predictions.tsv")))
        .hasSize(3)
        .startsWith("index\tprediction");
    fails(
        other + ": no column 'a, text', there are 'second', 'first'",
        command(task, "--input", other, "--output", said));
    fails("1 texts, expected two texts", command(task, "one"));
    assertThat(CommandRun.done(command(task, "one", "two")).event("prediction").path("predictions"))
        .hasSize(task.equals("regression") ? 1 : 3);
  }

  @Test
  void labelsThatWereNotTrained() throws IOException {
    tuned(
        "classification",
        table("data.csv", "7,LABEL,FIRST,SECOND", List.of("big", "small")),
        columns());
    Path input = table("test.csv", "7,smalll,\"FIRST\nSECOND\",x", List.of(""));
    Path said = folder.resolve("said.tsv");
    fails(
        input
            + ":2: the label is 'smalll', expected one of "
            + folder.resolve("out/config.json")
            + ": big, small; did you mean small?",
        command("classification", "--input", input, "--output", said, "--score"));
    assertThat(said).doesNotExist();
    CommandRun.done(command("classification", "--input", input, "--output", said));
    assertThat(Files.readAllLines(said)).hasSize(14);
  }

  @Test
  void modelsOfOtherTasks() throws IOException {
    Path data = data("rte");
    Path out = folder.resolve("out");
    tuned("rte", data);
    fails(
        out
            + "/config.json: architectures is BertForSequenceClassification, expected"
            + " ...ForTokenClassification, as of a model that was fine-tuned for tagging",
        command("tagging", "a"));
    fails(
        out
            + "/config.json: id2label has 'entailment', 'not_entailment', expected the labels of"
            + " mrpc: 0, 1",
        command("mrpc", "a", "b"));
    // Test sets of other tasks have as many columns, and names in the first row.
    for (Map.Entry<String, String> wrong :
        Map.of("mnli", "index\tquestion\tsentence", "cola", "index\ta\tb\tlabel").entrySet()) {
      Path other = file("other.tsv", List.of(wrong.getValue(), "0\ta\tb\tc"));
      CommandRun run =
          CommandRun.of(
              command(wrong.getKey(), "--input", other, "--output", folder.resolve("said.tsv")));
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains(other + ":1: ", "expected for " + wrong.getKey());
    }
    fails(
        out + "/config.json: problem_type is 'single_label_classification', expected regression",
        command("sts-b", "a", "b"));
    Path config = out.resolve("config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(config.toFile());
    json.remove("architectures");
    json.put("problem_type", "multi_label_classification");
    Files.writeString(config, json.toString());
    fails(
        config
            + ": problem_type is 'multi_label_classification', expected"
            + " single_label_classification",
        command("rte", "a", "b"));
    fails(
        out
            + "/model.safetensors: has no head of the task squad-1.1 (qa_outputs.weight,"
            + " qa_outputs.bias), expected a model that was fine-tuned for it",
        command("squad-1.1", "--question", "a", "--context", "b"));
    json.remove("problem_type");
    json.putObject("id2label").put("0", "not_entailment").put("1", "entailment");
    Files.writeString(config, json.toString());
    assertThat(CommandRun.done(command("rte", "a", "b")).event("prediction").path("predictions"))
        .hasSize(2);
    json.remove("id2label");
    Files.writeString(config, json.toString());
    fails(
        config
            + " has no id2label, expected the names of the labels that a task's head was trained"
            + " with",
        command("rte", "a", "b"));
    CommandRun pretrained =
        CommandRun.of("predict", "rte", "--model", model, "--input", data, "--output", out + "x");
    assertThat(pretrained.exit()).isEqualTo(1);
    assertThat(pretrained.err().lines())
        .last()
        .asString()
        .contains(
            "config.json: architectures is BertModel, expected ...ForSequenceClassification, as of"
                + " a model that was fine-tuned for rte");
  }

  private static void fails(String message, Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.err()).isEqualTo("mirror4j: " + message + "\n");
    assertThat(run.exit()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mrcp | no task mrcp, expected one that predict --help lists; did you mean mrpc?",
        "mrpc a b | --model is missing, expected a model that was fine-tuned for mrpc",
        "mrpc --model M | nothing to predict, expected --input FILE or two texts",
        "mrpc --model M --input X a | a text and --input are both given, expected one of them",
        "mrpc --model M --input X | --output is missing, expected a file for the predictions",
        "mrpc --model M --threshold 1 a b | mrpc takes no --threshold",
        "squad-1.1 --model M --null-odds O --input X | squad-1.1 takes no --null-odds",
        "squad-2.0 --model M --question a | --context is missing beside the other",
        "squad-2.0 --model M a | squad-2.0 takes no bare text, expected --question and --context",
        "mrpc --model M --question a --context b | mrpc takes no --question and --context,"
            + " expected two texts",
        "mrpc --model M --score a b | --score needs --input",
        "sst-2 --model M --text a | sst-2 takes no --text, the name of a column; a text stands by"
            + " itself",
        "regression --model M --label a b | --label names a column of --input, which is not given",
        "regression --model M --input X --output O --label a | --label has no effect without"
            + " --score",
        "mrpc --model M --max-length 3 a b | --max-length is 3, expected at least 4",
        "squad-2.0 --model M --input X --output ./O --null-odds O | --output and --null-odds are"
            + " both ./O, expected two files",
        "mrpc --model M --input X --output no/O | --output is no/O, but there is no directory"
            + " HERE/no"
      })
  void wrongUsage(String arguments, String message) {
    CommandRun run =
        CommandRun.of(
            Stream.concat(Stream.of("predict"), Arrays.stream(arguments.split(" "))).toArray());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "mirror4j: %s\nTry 'mirror4j predict --help'.\n"
                .formatted(message.replace("HERE", Path.of("").toAbsolutePath().toString())));
  }

  @Test
  void asManyTextsAsTheTaskHas() throws IOException {
    tuned("sst-2", data("sst-2"));
    fails("2 texts, expected one text", command("sst-2", "a", "b"));
  }

  @Test
  void theHelpListsAllTasks() {
    String help = CommandRun.done("predict", "--help").out();
    assertThat(PredictCommand.kinds())
        .extracting(PredictedKind::name)
        .containsExactlyElementsOf(FineTuneCommand.KINDS.stream().map(kind -> kind.name()).toList())
        .allSatisfy(name -> assertThat(help).containsPattern("(?m)^  \\Q%s\\E ".formatted(name)));
    assertThat(help).contains("\n  fill-mask ");
    assertThat(CommandRun.done("help", "predict", "mrpc").out()).isEqualTo(help);
    assertThat(CommandRun.of("help", "predict", "mrcp").exit()).isEqualTo(2);
  }
}
