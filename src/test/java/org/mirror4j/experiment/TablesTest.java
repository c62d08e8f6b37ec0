package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.dataset.Catalogue;
import org.mirror4j.eval.PublishedFigures;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.pretrain.Objective;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.answer.AnswerKind;
import org.mirror4j.task.classification.GlueKind;
import org.mirror4j.task.coreference.CoreferenceKind;
import org.mirror4j.task.relation.RelationKind;
import org.mirror4j.task.tagging.TaggingKind;
import org.mirror4j.text.TextException;
import org.mirror4j.text.mask.MaskScheme;

class TablesTest {
  /** By table. That of QNLI is a bar of a figure in the paper. */
  private static final Map<String, List<String>> UNPUBLISHED =
      Map.of(
          "sts",
          List.of("BERT-mean, real tokens"),
          "qnli",
          List.of("BERT-mean"),
          "whitening",
          List.of("Mirror, clean", "Mirror, clean + whitening, 256 (target)"),
          "flow",
          List.of("Mirror, clean", "Mirror, clean + flow (target)"),
          "geometry",
          List.of("BERT + whitening, 256 (target)", "Mirror, clean"));

  static Stream<TableDefinition> tables() {
    return Tables.read().tables().stream();
  }

  @Test
  void allThatThePaperHasAndWhatGoesBeyond() {
    assertThat(Tables.read().names())
        .containsExactly(
            "words",
            "sts",
            "sick",
            "multilingual-sts",
            "entity-linking",
            "qnli",
            "cross-lingual",
            "bli",
            "augmentation",
            "dropout-rate",
            "span-length",
            "drophead",
            "corpus-size",
            "frequency-bands",
            "random-strings",
            "temperature",
            "isotropy",
            "random-seeds",
            "best",
            "best-words",
            "whitening",
            "flow",
            "calibrated-all",
            "calibrations",
            "geometry",
            "finetuning",
            "spanbert-masking",
            "spanbert-objective");
    assertThat(Tables.read().list()).hasLineCount(28).contains("sts                 Sentence");
  }

  /** A row that is called otherwise in the paper would have nothing beside it, and nobody knew. */
  @ParameterizedTest
  @MethodSource("tables")
  void whatIsPublishedIsThere(TableDefinition table) {
    List<PublishedFigures.Table> figures =
        PublishedFigures.read().tables().stream()
            .filter(one -> one.name().equals(table.published().orElse("")))
            .toList();
    assertThat(figures.isEmpty()).isEqualTo(table.published().isEmpty());
    if (table.isOfFineTuned()) {
      scoresThatArePublished(table, figures);
      return;
    }
    for (PublishedFigures.Table published : figures) {
      assertThat(published.isOfTasks() || table.row().isPresent() || table.columns().isPresent())
          .isTrue();
      if (table.row().isPresent()) {
        PublishedFigures.Row row =
            published.rows().stream()
                .filter(one -> one.model().equals(table.row().get()))
                .findFirst()
                .orElseThrow();
        assertThat(table.variants())
            .extracting(Variant::publishedName)
            .isSubsetOf(row.values().keySet());
        assertThat(table.tasks()).contains(published.task());
      } else {
        List<String> rows = published.rows().stream().map(PublishedFigures.Row::model).toList();
        List<String> unpublished =
            table.variants().stream()
                .map(Variant::publishedName)
                .filter(name -> !rows.contains(name))
                .toList();
        assertThat(unpublished)
            .as("rows of %s that the paper has not", table.name())
            .isEqualTo(UNPUBLISHED.getOrDefault(table.name(), List.of()));
        table
            .columns()
            .ifPresent(names -> assertThat(published.names()).containsAll(names.sequencedValues()));
      }
    }
  }

  private static void scoresThatArePublished(
      TableDefinition table, List<PublishedFigures.Table> figures) {
    List<String> scored =
        table.variants().stream()
            .flatMap(
                variant ->
                    variant.finetuning().orElseThrow().dev().keySet().stream()
                        .map(set -> variant.publishedName() + ": " + set))
            .toList();
    for (PublishedFigures.Table published : figures) {
      for (PublishedFigures.Row row : published.rows()) {
        assertThat(row.values().keySet())
            .allSatisfy(set -> assertThat(scored).contains(row.model() + ": " + set));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void settingsAreKnown(TableDefinition table) {
    for (Variant variant : table.variants()) {
      variant.pretrained().ifPresent(text -> assertThat(text.settings(7).seed()).isEqualTo(7));
      variant
          .tuning()
          .ifPresent(
              tuning -> {
                assertThatCode(() -> tuning.settings(7)).doesNotThrowAnyException();
                assertThat(tuning.settings(7).seed()).isEqualTo(7);
              });
      variant
          .calibration()
          .ifPresent(
              calibration -> {
                if (calibration.flow().isPresent()) {
                  assertThat(calibration.flowSettings(7).seed()).isEqualTo(7);
                } else {
                  assertThat(calibration.maps()).isNotEmpty();
                }
              });
      if (table.axis().isPresent()) {
        assertThat(Double.parseDouble(variant.label())).isNotNegative();
      }
    }
    assertThat(table.variants()).extracting(Variant::label).doesNotHaveDuplicates();
  }

  /** Rows that are compared differ in what is masked and predicted alone. */
  @Test
  void ablationsOfPretrainingSeeTheSameText() {
    List<FromText> all =
        Stream.of("spanbert-masking", "spanbert-objective")
            .map(name -> Tables.read().of(List.of(name)).tables().getFirst())
            .flatMap(table -> table.variants().stream())
            .map(variant -> variant.pretrained().orElseThrow())
            .distinct()
            .toList();
    assertThat(all).extracting(FromText::settings).doesNotHaveDuplicates().hasSize(8);
    assertThat(all).extracting(FromText::corpus).containsOnly(all.getFirst().corpus());
    assertThat(all).extracting(FromText::start).containsOnly(all.getFirst().start());
    assertThat(all)
        .extracting(
            text ->
                text.settings(7)
                    .with(Map.of("objective", Objective.MLM, "mask", MaskScheme.TOKENS)))
        .containsOnly(
            PretrainingRecipe.BUNDLED
                .settings()
                .with(
                    Map.of(
                        "wholeSentences", true,
                        "steps", 1500,
                        "batchTokens", 2048,
                        "learningRate", 3e-4,
                        "warmupSteps", 100,
                        "maxLength", 64,
                        "dropoutRate", 0,
                        "seed", 7)));
  }

  @Test
  void ofAnotherSize() {
    Tables pretrained = Tables.read().of(List.of("words", "spanbert-objective"));
    Tables base = pretrained.of(ModelSize.BASE);
    assertThat(base.tables().getFirst()).isEqualTo(pretrained.tables().getFirst());
    assertThat(base.tables().getLast().variants())
        .extracting(variant -> variant.pretrained().orElseThrow().start())
        .containsOnly(new PretrainingStart.Fresh(ModelSize.BASE, 8192, false));
    Tables fetched = Tables.read().of(List.of("words", "sts"));
    assertThatThrownBy(() -> fetched.of(ModelSize.BASE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no model of words, sts is pretrained, expected a table whose size can be chosen");
  }

  static Stream<Arguments> badRows() {
    String text = "{\"recipe\": \"bundled\", \"corpus\": [%s]%s}";
    String corpus = "\"a.txt\"";
    String finetuning = "{\"task\": \"rte\", \"train\": {\"files\": [\"a.tsv\"]}, \"dev\": {%s}%s}";
    return Stream.of(
        arguments(
            "\"model\": \"tiny\", \"pretrained\": " + text.formatted(corpus, ", \"vocabSize\": 9"),
            "row: the model tiny is pretrained further, expected no other size or vocabulary"),
        arguments(
            "\"maxLength\": 12",
            "row: there is neither the name of a model nor how one is pretrained, expected one of"
                + " them"),
        arguments(
            "\"pretrained\": " + text.formatted("", ""),
            "row: the corpus is an empty list, expected files"),
        arguments(
            "\"pretrained\": " + text.formatted(corpus, ", \"settings\": {\"stepz\": 3}"),
            "row: PretrainingSettings: unknown key 'stepz'"),
        arguments(
            "\"pretrained\": " + text.formatted(corpus, ", \"settings\": {\"maxLength\": 3}"),
            "row: --max-length is 3, expected at least 4"),
        arguments(
            "\"model\": \"tiny\", \"maxLength\": 12, \"finetuning\": "
                + finetuning.formatted("\"a\": {\"files\": [\"a.tsv\"]}", ""),
            "row: the model is fine-tuned, expected nothing of vectors and what they are measured"
                + " on"),
        arguments(
            "\"model\": \"tiny\", \"finetuning\": " + finetuning.formatted("", ""),
            "row: nothing is scored, expected a set at least"),
        arguments(
            "\"model\": \"tiny\", \"finetuning\": "
                + finetuning.formatted(
                    "\"a\": {\"files\": [\"a.tsv\"]}", ", \"settings\": {\"seed\": 3}"),
            "row: 'seed' is a setting, expected none: each run has its own"),
        arguments(
            "\"model\": \"tiny\", \"finetuning\": "
                + finetuning.formatted(
                    "\"a\": {\"files\": [\"a.tsv\"]}", ", \"share\": {\"there\": 3, \"all\": 2}"),
            "3 of 2 examples are there, expected a part of all"),
        arguments(
            "\"pretrained\": " + text.formatted(corpus, ", \"settings\": {\"seed\": 3}"),
            "row: 'seed' is a setting, expected none: each run has its own"));
  }

  @ParameterizedTest
  @MethodSource("badRows")
  void aBadRowIsRefusedByItsName(String row, String message) {
    assertThatThrownBy(
            () ->
                JsonRecords.read(
                    Variant.class,
                    JsonFiles.parseObject(
                        "{\"label\": \"row\", %s}".formatted(row).getBytes(StandardCharsets.UTF_8),
                        "table"),
                    "table"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void tasksOfFineTuningAreThere() {
    Map<String, TaskKind> kinds = kinds();
    for (TableDefinition table : Tables.read().tables()) {
      for (Variant variant : table.variants()) {
        ForTask row = variant.finetuning().orElse(null);
        if (row != null) {
          assertThat(kinds).as(variant.label()).containsKey(row.task());
          TaskKind kind = row.kind(kinds.get(row.task()));
          assertThat(row.settings(kind, 7).seed()).isEqualTo(7);
          row.options()
              .ifPresent(
                  options ->
                      assertThat(kind.options())
                          .containsAllEntriesOf(
                              options.properties().stream()
                                  .collect(
                                      Collectors.toMap(
                                          option -> "head." + option.getKey(),
                                          option -> option.getValue().asText()))));
        }
      }
    }
  }

  private static Map<String, TaskKind> kinds() {
    return Stream.<List<? extends TaskKind>>of(
            AnswerKind.all(),
            GlueKind.all(),
            RelationKind.all(),
            List.of(new TaggingKind(), new CoreferenceKind()))
        .<TaskKind>flatMap(List::stream)
        .collect(Collectors.toMap(TaskKind::name, kind -> kind));
  }

  /** What stands in bench/results was reached with the settings that the rows have now. */
  @Test
  void keptScoresAreOfTheSettingsOfTheirRows() throws IOException {
    Set<String> kept = new HashSet<>();
    try (Stream<Path> files = Files.list(Path.of("bench/results/reproduced/scores"))) {
      for (Path file : files.toList()) {
        JsonNode key = JsonFiles.readObject(file).path("key");
        kept.add(key.path("task").asText() + " " + key.path("settings"));
      }
    }
    Map<String, TaskKind> kinds = kinds();
    for (TableDefinition table :
        Tables.read().of(List.of("spanbert-masking", "spanbert-objective")).tables()) {
      for (Variant variant : table.variants()) {
        ForTask row = variant.finetuning().orElse(null);
        for (long seed = 42; seed < 45 && row != null; seed++) {
          assertThat(kept)
              .as(variant.label())
              .contains(
                  row.task() + " " + JsonRecords.write(row.settings(kinds.get(row.task()), seed)));
        }
      }
    }
  }

  /** All of MNLI is too large a file for where the others come from. */
  @Test
  void filesOfFineTuningAreThere() {
    Path data = SharedData.require("data/README.md").getParent();
    Tables.read().tables().stream()
        .flatMap(table -> table.variants().stream())
        .flatMap(variant -> variant.finetuning().stream())
        .filter(row -> !row.task().equals("mnli"))
        .flatMap(row -> Stream.concat(Stream.of(row.train()), row.dev().values().stream()))
        .flatMap(file -> Stream.concat(file.files().stream(), file.without().stream()))
        .forEach(file -> assertThat(data.resolve(file)).isRegularFile());
  }

  /** Who lacks a file is sent to the catalogue: with all of it nothing is missing. */
  @Test
  void everyFileOfATableIsInTheCatalogue(@TempDir Path folder) throws IOException {
    Path data = folder.resolve("data");
    for (Catalogue.DataSet set : Catalogue.read().sets()) {
      for (String file : set.files()) {
        Files.createDirectories(data.resolve(file).getParent());
        Files.writeString(data.resolve(file), "1\ta\tb\n");
      }
    }
    ExperimentCorpus corpora =
        new ExperimentCorpus(data, folder.resolve("made"), FileHash::of, _ -> {});
    for (TableDefinition table : Tables.read().tables()) {
      for (String task : table.tasks().stream().filter(name -> name.contains(":")).toList()) {
        String file = task.substring(task.indexOf(':') + 1).replaceFirst(":spans$", "");
        assertThat(missing(() -> corpora.of(file))).as(table.name() + ": " + task).isEmpty();
      }
      for (String name : table.variants().stream().flatMap(TablesTest::corpora).toList()) {
        assertThat(missing(() -> corpora.all(List.of(name))))
            .as(table.name() + ": " + name)
            .isEmpty();
      }
    }
  }

  /** What a row is trained, calibrated and scored on. */
  private static Stream<String> corpora(Variant variant) {
    return Stream.of(
            variant.pretrained().stream().flatMap(text -> text.corpus().stream()),
            variant.tuning().stream().map(Tuning::corpus),
            variant.calibration().stream().flatMap(fitted -> fitted.corpus().stream()),
            variant.calibration().stream()
                .flatMap(fitted -> fitted.target().stream())
                .flatMap(target -> target.values().stream())
                .flatMap(List::stream)
                .filter(ExperimentCorpus::isOfPairs),
            variant.finetuning().stream()
                .flatMap(row -> Stream.concat(Stream.of(row.train()), row.dev().values().stream()))
                .flatMap(file -> Stream.concat(file.files().stream(), file.without().stream())))
        .flatMap(names -> names);
  }

  /** The message that a file is not there; that the files here are of no form does not matter. */
  private static Optional<String> missing(Runnable reading) {
    try {
      reading.run();
      return Optional.empty();
    } catch (FileException | TextException | IllegalArgumentException e) {
      return Optional.of(e.getMessage()).filter(message -> message.contains("no such file"));
    }
  }

  /** As the command line does it. */
  @Test
  void anObjectiveBringsWhatItMasks() {
    FromText text =
        new FromText(
            PretrainingRecipe.BUNDLED,
            List.of("a.txt"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(JsonFiles.object().put("objective", "span+sbo")));
    assertThat(text.settings(7).mask()).isEqualTo(MaskScheme.SPANS);
  }

  @Test
  void anUnknownTableIsAnsweredByTheClosest() {
    Tables tables = Tables.read();
    assertThat(tables.of(List.of("sts", "words", "sts")).names()).containsExactly("sts", "words");
    assertThatThrownBy(() -> tables.of(List.of("isotopy")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no table isotopy; did you mean isotropy?; reproduce --list shows all");
  }
}
