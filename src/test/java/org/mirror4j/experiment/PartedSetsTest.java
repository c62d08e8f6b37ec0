package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.file.FileHash;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.answer.SquadFile;
import org.mirror4j.task.classification.GlueFile;
import org.mirror4j.task.classification.GlueTask;
import org.mirror4j.task.classification.LabelledText;
import org.mirror4j.task.relation.SemEvalFile;
import org.mirror4j.task.tagging.TagFile;
import org.mirror4j.task.tagging.TaggedSentence;

/** What the real files of the table of fine-tuned models are parted into. */
class PartedSetsTest {
  @TempDir Path made;

  private Path file(ExampleFile examples) {
    Path data = SharedData.require("data/README.md").getParent();
    return new ExampleFiles(new ExperimentCorpus(data, made, FileHash::of, _ -> {}), _ -> {})
        .of(examples);
  }

  static Stream<ForTask> rows() {
    return Tables.read().of(List.of("finetuning")).tables().getFirst().variants().stream()
        .flatMap(variant -> variant.finetuning().stream());
  }

  static Stream<ForTask> shared() {
    return rows().filter(row -> row.share().isPresent());
  }

  private static ForTask row(String set) {
    return rows().filter(row -> row.dev().containsKey(set)).findFirst().orElseThrow();
  }

  /** How many examples there are, as the task's own reader has them. */
  private static int size(String task, Path file) {
    return switch (task) {
      case "squad-1.1", "squad-2.0" -> SquadFile.read(file).size();
      case "semeval-2010-8" -> SemEvalFile.read(file, _ -> {}).size();
      case "tagging" -> TagFile.read(file, _ -> {}).size();
      default ->
          GlueFile.read(
                  GlueTask.valueOf(task.toUpperCase(Locale.ROOT).replace('-', '_')), file, _ -> {})
              .size();
    };
  }

  @ParameterizedTest
  @MethodSource("shared")
  void aShareIsWhatIsTrainedOn(ForTask row) {
    assertThat(size(row.task(), file(row.train()))).isEqualTo(row.share().orElseThrow().there());
  }

  @ParameterizedTest
  @CsvSource({
    "SST-2, 688",
    "QNLI, 563",
    "RTE, 242",
    "SemEval-2010 task 8 dev, 800",
    "SemEval-2010 task 8, 2717",
    "WikiGold, 117"
  })
  void whatIsScored(String set, int examples) {
    ForTask row = row(set);
    assertThat(size(row.task(), file(row.dev().get(set)))).isEqualTo(examples);
  }

  @ParameterizedTest
  @CsvSource({"QNLI, QNLI", "RTE, RTE"})
  void noTextOfAPairIsOnBothSides(GlueTask task, String set) {
    List<LabelledText> training = GlueFile.read(task, file(row(set).train()), _ -> {});
    List<LabelledText> scored = GlueFile.read(task, file(row(set).dev().get(set)), _ -> {});
    assertThat(texts(training)).doesNotContainAnyElementsOf(texts(scored));
  }

  /** First and second ones. */
  private static Set<String> texts(List<LabelledText> pairs) {
    return pairs.stream()
        .flatMap(pair -> Stream.of(pair.first(), pair.second().orElseThrow()))
        .collect(Collectors.toSet());
  }

  @Test
  void noPhraseOfAScoredSentenceIsTrainedOn() {
    ForTask row = row("SST-2");
    Set<String> parts = new HashSet<>();
    for (LabelledText text : GlueFile.read(GlueTask.SST_2, file(row.dev().get("SST-2")), _ -> {})) {
      List<String> words = Arrays.asList(text.first().strip().split(" "));
      IntStream.range(0, words.size())
          .forEach(
              from ->
                  IntStream.rangeClosed(from + 1, words.size())
                      .forEach(to -> parts.add(String.join(" ", words.subList(from, to)))));
    }
    assertThat(
            GlueFile.read(GlueTask.SST_2, file(row.train()), _ -> {}).stream()
                .filter(text -> parts.contains(text.first().strip())))
        .isEmpty();
  }

  /** Each article as it lies there is on one side whole. */
  @Test
  void articlesAreNotCut() {
    ForTask row = row("WikiGold");
    Set<List<String>> scored =
        TagFile.read(file(row.dev().get("WikiGold")), _ -> {}).stream()
            .map(TaggedSentence::words)
            .collect(Collectors.toSet());
    List<TaggedSentence> all =
        TagFile.read(SharedData.require("data/spans/wikigold/wikigold.conll.txt"), _ -> {});
    // Within an article a sentence stands two lines below the last word of the one before it,
    // across what parts articles four.
    int changes = 0;
    for (int i = 1; i < all.size(); i++) {
      TaggedSentence before = all.get(i - 1);
      boolean together = all.get(i).line() - before.line() - before.words().size() == 1;
      if (scored.contains(before.words()) != scored.contains(all.get(i).words())) {
        assertThat(together).as("line " + all.get(i).line()).isFalse();
        changes++;
      }
    }
    assertThat(changes).isEqualTo(2 * 14);
  }
}
