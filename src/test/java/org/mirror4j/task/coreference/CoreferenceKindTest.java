package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.TaskKind;
import org.mirror4j.task.tagging.TaggingKind;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/** Files as coreference is learned from them, and what is told of them. */
class CoreferenceKindTest {
  private static final int MAX_LENGTH = 20;

  @TempDir private Path folder;

  @AutoClose
  private final Tokenizer tokenizer =
      Tokenizer.wordPiece(
          List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "b", "##b"), false);

  private final List<String> notices = new ArrayList<>();
  private Path file;

  /** Words of one, four and one pieces. Chain 0 is a and the second a, chain 1 the four pieces. */
  @BeforeEach
  void write() throws IOException {
    file =
        Files.write(
            folder.resolve("two.conll"),
            List.of(
                "#begin document (nw/x); part 000",
                "x 0 0 a x (0)",
                "x 0 1 baba x (1)",
                "x 0 2 a x (0)",
                "",
                "#end document"));
  }

  private LearnedCoreference read(TaskKind kind) {
    return (LearnedCoreference)
        kind.read(file, Optional.of(file), tokenizer, MAX_LENGTH, notices::add);
  }

  private static TaskKind with(String option, int value) {
    return new CoreferenceKind().withOptions(JsonFiles.object().put(option, value));
  }

  private static TaskKind withoutSingletons() {
    return new CoreferenceKind().withOptions(JsonFiles.object().put("singletons", false));
  }

  @Test
  void chainsOfOneMention() {
    LearnedCoreference kept = read(new CoreferenceKind());
    assertThat(kept.learned().documents().getFirst().chains()).hasSize(2);
    assertThat(notices).containsExactly(file + ": 1 documents of 1 genres, 1 to score on");
    notices.clear();
    LearnedCoreference left = read(withoutSingletons());
    String told = file + ": 1 of 2 chains have one mention and are left out";
    assertThat(notices)
        .containsExactly(told, told, file + ": 1 documents of 1 genres, 1 to score on");
    for (CoreferenceExamples examples : List.of(left.learned(), left.scored().orElseThrow())) {
      assertThat(examples.documents().getFirst().chains())
          .containsExactly(new Chain(0, List.of(new Mention(0, 0), new Mention(2, 2))));
    }
    assertThat(withoutSingletons().options()).containsEntry("head.singletons", "false");
  }

  @Test
  void noChainIsLeft() throws IOException {
    Files.writeString(file, Files.readString(file).replace("(0)", "-"));
    assertThatThrownBy(() -> read(withoutSingletons()))
        .isInstanceOf(FileException.class)
        .hasMessage(
            file
                + ": no chain of two mentions or more in any document, expected some beside those"
                + " that --no-singletons leaves out");
  }

  /** Of both files, in the words of each. */
  @Test
  void mentionsThatCannotBeFound() throws IOException {
    Path other =
        Files.write(
            folder.resolve("dev.conll"),
            List.of(
                "#begin document (nw/y); part 000",
                "y 0 0 ababa y (0)",
                "y 0 1 abababab y (0)",
                "",
                "#end document"));
    with("maxWidth", 3).read(file, Optional.of(other), tokenizer, MAX_LENGTH, notices::add);
    assertThat(notices.subList(1, 3))
        .containsExactly(missed(file, 1, 3, 3), missed(other, 2, 2, 3));
    notices.clear();
    with("maxWidth", 5).read(file, Optional.of(other), tokenizer, MAX_LENGTH, notices::add);
    assertThat(notices.subList(1, notices.size())).containsExactly(missed(other, 1, 2, 5));
    notices.clear();
    read(with("maxWidth", 4));
    assertThat(notices).hasSize(1);
  }

  private static String missed(Path file, int missed, int mentions, int width) {
    return ("%s: %d of %d mentions are wider than %d pieces or not within a sentence and a"
            + " segment, and cannot be found")
        .formatted(file, missed, mentions, width);
  }

  @Test
  void documentsThatCannotBeUsed() throws IOException {
    Path other = folder.resolve("dev.conll");
    Files.writeString(other, Files.readString(file).replace("baba", "ba".repeat(10)));
    assertThatThrownBy(
            () ->
                new CoreferenceKind()
                    .read(file, Optional.of(other), tokenizer, MAX_LENGTH, notices::add))
        .isInstanceOf(TextException.class)
        .hasMessageStartingWith(other + ": document '(nw/x); part 000': the word 'baba")
        .hasMessageEndingWith(" has 20 pieces, expected at most 18");
    Files.write(file, List.of("#begin document (x);", "x (0)", "x (0)", "#end document"));
    assertThatThrownBy(() -> read(new CoreferenceKind()))
        .isInstanceOf(TextException.class)
        .hasMessage(file + ": document '(x);' has no words, expected them in the fourth column");
  }

  @Test
  void optionsAreCheckedByName() {
    CoreferenceKind kind = (CoreferenceKind) with("hiddenSize", 1000);
    assertThat(kind.settings())
        .isEqualTo(CoreferenceSettings.base().with(Map.of("hiddenSize", 1000)));
    assertThatThrownBy(() -> with("depht", 2))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("unknown key 'depht'");
    assertThatThrownBy(() -> with("depth", 0))
        .hasMessageContaining("--depth is 0, expected at least 1");
    assertThatThrownBy(() -> new TaggingKind().withOptions(JsonFiles.object().put("depth", 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tagging takes no options, expected none of depth");
  }
}
