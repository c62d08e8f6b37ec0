package org.mirror4j.dataset;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.text.FieldSeparator;

/**
 * STS 2012 to 2016 as Mirror-BERT's authors have them, one file a year: {@code 2012.test.tsv},
 * score and two sentences, and perhaps the part. Pairs without a score are left out.
 */
final class JoinedYears implements SourceForm {
  @Override
  public List<LayoutFile> read(SourceFolder folder, Consumer<String> notices) {
    return folder.named(name -> name.matches("201[2-6]\\.test\\.tsv")).stream()
        .map(JoinedYears::read)
        .toList();
  }

  private static LayoutFile read(Path file) {
    Rows rows = Rows.read(file, FieldSeparator.TAB);
    List<String> lines =
        rows.indices()
            .filter(row -> !rows.field(row, 0).isEmpty())
            .mapToObj(row -> line(rows, row))
            .toList();
    return LayoutFile.of("sts/joined/" + file.getFileName(), file, List.of(), lines);
  }

  private static String line(Rows rows, int row) {
    String pair = String.join("\t", rows.number(row, 0), rows.text(row, 1), rows.text(row, 2));
    return rows.rows().get(row).fields().size() > 3 ? pair + "\t" + rows.field(row, 3) : pair;
  }
}
