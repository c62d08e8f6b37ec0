package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.eval.PublishedFigures;

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
            "geometry");
    assertThat(Tables.read().list()).hasLineCount(25).contains("sts               Sentence");
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

  @ParameterizedTest
  @MethodSource("tables")
  void settingsAreKnown(TableDefinition table) {
    for (Variant variant : table.variants()) {
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

  @Test
  void anUnknownTableIsAnsweredByTheClosest() {
    Tables tables = Tables.read();
    assertThat(tables.of(List.of("sts", "words", "sts")).names()).containsExactly("sts", "words");
    assertThatThrownBy(() -> tables.of(List.of("isotopy")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no table isotopy; did you mean isotropy?; reproduce --list shows all");
  }
}
