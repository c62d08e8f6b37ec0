package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasuredModelTest {
  private static final Set<String> NAMES = Set.of("pooling", "max-length", "prompt");

  private static MeasuredModel model(String label, String text, List<String> settings) {
    return new MeasuredModel(label, text, settings, new LinkedHashMap<>());
  }

  @ParameterizedTest
  @CsvSource({
    "bert-base-uncased, bert-base-uncased, bert-base-uncased",
    "bundled, bundled, bundled",
    "ORG/NAME@v1=2, ORG/NAME@v1=2, ORG/NAME@v1=2",
    "tuned=ORG/NAME@main, tuned, ORG/NAME@main",
    "tuned=a=b, tuned, a=b",
    "./a=b, ./a=b, ./a=b",
    "runs/lr=1/model, runs/lr=1/model, runs/lr=1/model",
    "'C:\\runs\\lr=1', 'C:\\runs\\lr=1', 'C:\\runs\\lr=1'",
    "C:lr=1, C:lr=1, C:lr=1",
    "'tuned=C:\\runs\\lr=1', tuned, 'C:\\runs\\lr=1'",
    "=a, =a, =a",
    "./pooling=cls, ./pooling=cls, ./pooling=cls",
    "BERT CLS=dir, BERT CLS, dir"
  })
  void labels(String word, String label, String model) {
    assertThat(MeasuredModel.parse(List.of(word), NAMES))
        .containsExactly(model(label, model, List.of()));
  }

  @Test
  void settingsBelongToTheModelBeforeThem() {
    List<String> words =
        List.of("a=x", "pooling=cls", "prompt=query: a=b", "y", "y", "max-length=64", "z");
    assertThat(MeasuredModel.parse(words, NAMES))
        .containsExactly(
            model("a", "x", List.of("pooling=cls", "prompt=query: a=b")),
            model("y", "y", List.of()),
            model("y max-length=64", "y", List.of("max-length=64")),
            model("z", "z", List.of()));
  }

  @Test
  void aLanguageMayHaveAModelOfItsOwn() {
    List<String> words = List.of("one=x", "language-fr=y", "pooling=cls", "language-ru=z=1");
    MeasuredModel model = MeasuredModel.parse(words, NAMES).getFirst();
    assertThat(model.settings()).containsExactly("pooling=cls");
    assertThat(model.languages()).containsExactly(Map.entry("fr", "y"), Map.entry("ru", "z=1"));
    assertThatThrownBy(
            () -> MeasuredModel.parse(List.of("x", "language-fr=y", "language-fr=z"), NAMES))
        .hasMessage("language-fr is given twice");
  }

  @Test
  void aSettingNeedsAModel() {
    assertThatThrownBy(() -> MeasuredModel.parse(List.of("pooling=cls", "y"), NAMES))
        .hasMessage("pooling=cls stands before any model");
  }
}
