package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
    List<Object> more =
        new ArrayList<>(List.of("--epochs", 80, "--learning-rate", 5e-4, "--dropout-rate", 0));
    more.addAll(List.of("--weight-decay", 0, "--evaluations", 1));
    if (marking != null) {
      more.addAll(List.of("--marking", marking));
    }
    CommandRun run =
        CommandRun.done(
            command(task, task.equals("tacred") ? tacred() : semEval(), more.toArray()));
    assertThat(run.err()).isEmpty();
    JsonNode last = run.events("step").getLast();
    assertThat(last.path("scores").toString())
        .isEqualTo("{\"F1\":100.0,\"precision\":100.0,\"recall\":100.0}");
    assertThat(last.path("loss").doubleValue()).isLessThan(0.1);
    String used = marking != null ? marking : task.equals("tacred") ? "ner" : "text";
    assertThat(config().path("entity_marking").textValue()).isEqualTo(used);
    assertThat(config().path("entity_symbols")).hasSize(used.equals("text") ? 4 : 9);
    assertThat(config().at("/architectures/0").textValue())
        .isEqualTo("BertForSequenceClassification");
    assertThat(config().path("id2label")).hasSize(4);
    assertThat(run.event("settings").path("marking").textValue()).isEqualTo(used);
    assertThat(run.event("settings").path("recipe").textValue()).isEqualTo("relation");
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
