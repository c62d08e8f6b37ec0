package org.mirror4j.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.text.FieldSeparator;

/**
 * SICK, relatedness: the three files of SemEval 2014 ({@code SICK_train.txt}, {@code
 * SICK_trial.txt}, {@code SICK_test_annotated.txt}), or the one of all ({@code SICK.txt}, which
 * Mirror-BERT's authors have as {@code SICK_annotated.txt}) whose last column says the part.
 */
final class Sick implements SourceForm {
  private static final Map<String, String> PARTS =
      Map.of(
          "SICK_train.txt", "train", "SICK_trial.txt", "trial", "SICK_test_annotated.txt", "test");

  private static final List<String> WHOLE = List.of("SICK.txt", "SICK_annotated.txt");

  @Override
  public List<LayoutFile> read(SourceFolder folder, Consumer<String> notices) {
    List<LayoutFile> files = new ArrayList<>();
    for (Path file : folder.named(PARTS::containsKey)) {
      Rows rows = Rows.read(file, FieldSeparator.TAB);
      files.add(part(rows, PARTS.get(file.getFileName().toString()), "entailment_judgment", null));
    }
    for (Path file : folder.named(WHOLE::contains)) {
      Rows rows = Rows.read(file, FieldSeparator.TAB);
      for (String part : List.of("train", "trial", "test")) {
        files.add(part(rows, part, "entailment_label", "SemEval_set"));
      }
    }
    return files;
  }

  /**
   * The pairs of one part.
   *
   * @param set column that says the part; null where all are of it
   */
  private static LayoutFile part(Rows all, String part, String label, String set) {
    int first = all.column("sentence_A");
    int second = all.column("sentence_B");
    int score = all.column("relatedness_score");
    int judgment = all.column(label);
    int setColumn = set == null ? -1 : all.column(set);
    Rows rows = all.body();
    List<String> lines =
        rows.indices()
            .filter(row -> set == null || rows.field(row, setColumn).equalsIgnoreCase(part))
            .mapToObj(
                row ->
                    String.join(
                        "\t",
                        rows.number(row, score),
                        rows.text(row, first),
                        rows.text(row, second),
                        rows.field(row, judgment)))
            .toList();
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("%s: no pairs of part %s".formatted(all.file(), part));
    }
    return LayoutFile.of("sts/joined/sickr.%s.tsv".formatted(part), all.file(), List.of(), lines);
  }
}
