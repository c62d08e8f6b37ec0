package org.mirror4j.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.text.FieldSeparator;

/**
 * STS-B's own files, {@code sts-test.csv} and so on, which are separated by tabs in spite of their
 * name: genre, file, year, index, score, two sentences, and of some lines their sources.
 * Mirror-BERT's authors have {@code sts-b-test.txt}.
 */
final class StsBenchmark implements SourceForm {
  private static final Pattern NAME = Pattern.compile("sts-(?:b-)?(train|dev|test)\\.(?:csv|txt)");
  private static final int GENRE = 0, FILE = 1, SCORE = 4, FIRST = 5, SECOND = 6;

  @Override
  public List<LayoutFile> read(SourceFolder folder, Consumer<String> notices) {
    List<LayoutFile> files = new ArrayList<>();
    for (Path file : folder.named(name -> NAME.matcher(name).matches())) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      name.matches();
      Rows rows = Rows.read(file, FieldSeparator.TAB);
      List<String> lines = rows.indices().mapToObj(row -> line(rows, row)).toList();
      files.add(
          LayoutFile.of("sts/joined/stsb.%s.tsv".formatted(name.group(1)), file, List.of(), lines));
    }
    return files;
  }

  private static String line(Rows rows, int row) {
    return String.join(
        "\t",
        rows.number(row, SCORE),
        rows.text(row, FIRST),
        rows.text(row, SECOND),
        rows.field(row, GENRE) + "/" + rows.field(row, FILE));
  }
}
