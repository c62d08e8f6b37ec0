package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** Four examples are learned by heart, however their entities are marked. */
class FineTuneRelationsTest {
  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;

  @BeforeAll
  static void makeModel() throws IOException {
    List<String> pieces = new ArrayList<>(GeneratedVocabulary.of(300));
    for (int i = 1; i <= 12; i++) {
      pieces.add("[unused%d]".formatted(i));
    }
    Path vocabulary = Files.write(shared.resolve("vocab.txt"), pieces);
    model = shared.resolve("model");
    CommandRun.done("init", "--config", "tiny", "--vocab", vocabulary, "--output", model);
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private static String example(
      int id, int subject, String subjectType, int object, String objectType, String relation) {
    return ("{\"id\":\"%d\",\"token\":[\"ann\",\"lee\",\"runs\",\"it\",\"in\",\"rome\",\".\"],"
            + "\"subj_start\":%d,\"subj_end\":%d,\"obj_start\":%d,\"obj_end\":%d,"
            + "\"subj_type\":\"%s\",\"obj_type\":\"%s\",\"relation\":\"%s\"}")
        .formatted(
            id,
            subject,
            subject == 0 ? 1 : subject,
            object,
            object == 0 ? 1 : object,
            subjectType,
            objectType,
            relation);
  }

  /** The same words throughout: only marks tell the examples apart. */
  private Path tacred() throws IOException {
    return file(
        "tacred.json",
        "["
            + String.join(
                ",",
                example(1, 0, "PER", 5, "LOC", "per:city"),
                example(2, 5, "LOC", 0, "PER", "no_relation"),
                example(3, 3, "ORG", 5, "LOC", "org:city"),
                example(4, 3, "ORG", 0, "PER", "org:head"))
            + "]");
  }

  private Path semEval() throws IOException {
    return file(
        "semeval.txt",
        "1\t\"the <e1>sun</e1> made <e2>heat</e2> and light\"",
        "Cause-Effect(e1,e2)",
        "",
        "2\t\"the sun made <e1>heat</e1> and <e2>light</e2>\"",
        "Other",
        "",
        "3\t\"the <e1>heat</e1> of the <e2>sun</e2>\"",
        "Cause-Effect(e2,e1)",
        "Comment: none",
        "",
        "4\t\"a <e1>leg</e1> of a <e2>cat</e2>\"",
        "Component-Whole(e1,e2)");
  }

  private Object[] command(String task, Path data, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("finetune", task, "--model", model, "--train", data, "--dev", data));
    arguments.addAll(List.of("--output", folder.resolve("out"), "--threads", 1, "--json"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray();
  }

  private JsonNode config() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/config.json").toFile());
  }

  @ParameterizedTest
  @CsvSource({
    "tacred, ",
    "tacred, text",
    "tacred, text-ner",
    "tacred, ner-text",
    "semeval-2010-8, "
  })
  void learned(String task, String marking) throws IOException {
    String used = marking != null ? marking : task.equals("tacred") ? "ner" : "text";
    Path data = task.equals("tacred") ? tacred() : semEval();
    Object[] settings = settings("--marking", used, 80);
    int given = marking == null ? 2 : 0;
    CommandRun run =
        CommandRun.done(command(task, data, Arrays.copyOfRange(settings, given, settings.length)));
    assertThat(run.err()).isEmpty();
    JsonNode last = run.events("step").getLast();
    assertThat(last.path("scores").toString())
        .isEqualTo("{\"F1\":100.0,\"precision\":100.0,\"recall\":100.0}");
    assertThat(last.path("loss").doubleValue()).isLessThan(0.1);
    assertThat(config().path("entity_marking").textValue()).isEqualTo(used);
    assertThat(config().path("entity_symbols")).hasSize(used.equals("text") ? 4 : 9);
    assertThat(config().at("/architectures/0").textValue())
        .isEqualTo("BertForSequenceClassification");
    assertThat(config().path("id2label")).hasSize(4);
    assertThat(run.event("settings").path("marking").textValue()).isEqualTo(used);
    assertThat(run.event("settings").path("recipe").textValue()).isEqualTo("relation");
  }

  /** What is said of the file that was learned, be its relations in it or not. */
  @ParameterizedTest
  @CsvSource({
    "tacred, text-ner, predictions.txt",
    "tacred, ner, predictions.txt",
    "semeval-2010-8, text, proposed_answer.txt"
  })
  void predicted(String task, String marking, String name) throws IOException {
    Path data = task.equals("tacred") ? tacred() : semEval();
    CommandRun tuned = CommandRun.done(command(task, data, settings("--marking", marking, 30)));
    Path output = Files.createDirectories(folder.resolve("predictions"));
    CommandRun run = CommandRun.done(predict(task, "--input", data, "--output", output, "--score"));
    assertThat(run.err()).isEmpty();
    double best =
        tuned.events("step").stream()
            .mapToDouble(step -> step.path("scores").path("F1").doubleValue())
            .max()
            .orElseThrow();
    assertThat(best).isPositive();
    assertThat(run.event("score").at("/figures/f1").doubleValue()).isEqualTo(best);
    Path written = output.resolve(name);
    assertThat(written).exists();
    Path unlabelled = folder.resolve("unlabelled");
    Files.writeString(
        unlabelled,
        task.equals("tacred")
            ? Files.readString(data).replaceAll(",\"relation\":\"[^\"]*\"", "")
            : String.join(
                "\n", Files.readAllLines(data).stream().filter(l -> l.contains("\t")).toList()));
    CommandRun.done(predict(task, "--input", unlabelled, "--output", folder.resolve("again")));
    assertThat(folder.resolve("again")).hasSameBinaryContentAs(written);
    CommandRun scored =
        CommandRun.of(
            predict(task, "--input", unlabelled, "--output", folder.resolve("x"), "--score"));
    assertThat(scored.exit()).isEqualTo(1);
    assertThat(scored.err().lines()).singleElement().asString().contains("" + unlabelled);
  }

  /** The same sentence at the shell. */
  @Test
  void asked() throws IOException {
    Path data = tacred();
    CommandRun.done(command("tacred", data, settings("--marking", "ner", 80)));
    CommandRun run =
        CommandRun.done(
            predict("tacred", "<subj:ORG>it</subj> of <obj:PER>ann lee</obj> runs in rome ."));
    List<JsonNode> said = run.event("prediction").path("predictions").valueStream().toList();
    assertThat(said).hasSize(4);
    assertThat(said.getFirst().path("label").textValue()).isEqualTo("org:head");
    assertThat(said.stream().mapToDouble(row -> row.path("probability").doubleValue()).sum())
        .isCloseTo(1, within(1e-12));
    CommandRun swapped =
        CommandRun.done(
            predict("tacred", "<obj:PER>ann lee</obj> of <subj:LOC>rome</subj> runs it ."));
    assertThat(swapped.event("prediction").at("/predictions/0/label").textValue())
        .isEqualTo("no_relation");
    String asked = "a sentence with <subj:TYPE>...</subj> and <obj:TYPE>...</obj>";
    fails(
        1,
        "the text '<subj:ORG>it</subj> runs', expected "
            + asked
            + " in either order, round a part"
            + " of it each\n",
        predict("tacred", "<subj:ORG>it</subj> runs"));
    fails(
        1,
        "the text '<subj:ORG> </subj><obj:PER>a</obj>', expected "
            + asked
            + " in either order,"
            + " round a part of it each\n",
        predict("tacred", "<subj:ORG> </subj><obj:PER>a</obj>"));
    fails(
        1,
        "no sentence that was trained on has 'SUBJ=PET', expected 'OBJ=LOC', 'OBJ=PER', 'SUBJ=LOC',"
            + " 'SUBJ=ORG', 'SUBJ=PER'\n",
        predict("tacred", "<subj:PET>it</subj> <obj:PER>a</obj>"));
    fails(
        1,
        "the entities end with token 5, expected 4 tokens at most\n",
        predict("tacred", "a b <subj:ORG>it</subj> <obj:PER>a</obj>", "--max-length", 4));
    fails(
        1,
        folder.resolve("out/config.json")
            + ": id2label has 'no_relation', expected relations of semeval-2010-8\n",
        predict("semeval-2010-8", "<e1>a</e1> <e2>b</e2>"));
    fails(
        1,
        "the text: no marks, expected <e1>...</e1> and then <e2>...</e2> round a part of the"
            + " sentence each\n",
        predict("semeval-2010-8", "a b"));
  }

  private Object[] settings(String option, String value, int epochs) {
    return new Object[] {
      option,
      value,
      "--epochs",
      epochs,
      "--learning-rate",
      5e-4,
      "--dropout-rate",
      0,
      "--weight-decay",
      0,
      "--evaluations",
      1
    };
  }

  private Object[] predict(String task, Object... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("predict", task, "--model", folder.resolve("out")));
    arguments.addAll(List.of("--threads", 1, "--json"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray();
  }

  /** A run goes on only with the same marks. */
  @Test
  void anotherMarkingIsAnotherRun() throws IOException {
    Path data = tacred();
    CommandRun.done(command("tacred", data, "--max-steps", 1));
    CommandRun.done(command("tacred", data, "--max-steps", 1, "--marking", "ner", "--resume"));
    fails(
        1,
        folder.resolve("out")
            + ": marking was \"ner\" in the run that made it, now \"text\"; use the same or"
            + " --overwrite\n",
        command("tacred", data, "--max-steps", 1, "--marking", "text", "--resume"));
  }

  @Test
  void markingsThatATaskLacks() throws IOException {
    String help = "\nTry 'mirror4j finetune --help'.\n";
    fails(
        2,
        "--marking is ner-text, expected for semeval-2010-8 text" + help,
        command("semeval-2010-8", semEval(), "--marking", "ner-text"));
    fails(2, "rte takes no --marking" + help, command("rte", semEval(), "--marking", "text"));
  }

  @Test
  void aVocabularyWithoutUnusedPieces() throws IOException {
    Path without = CommandRun.model(folder.resolve("without"));
    fails(
        1,
        "the tokenizer has no piece '[unused1]' for the symbol 'SUBJ_START', expected one of its"
            + " own for each of 9; BERT's vocabularies have them\n",
        "finetune",
        "tacred",
        "--model",
        without,
        "--train",
        tacred(),
        "--output",
        folder.resolve("out"),
        "--json");
  }

  private static void fails(int exit, String message, Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.err()).isEqualTo("mirror4j: " + message);
    assertThat(run.exit()).isEqualTo(exit);
  }
}
