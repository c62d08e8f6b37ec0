package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's table of what loads what beside the tests that it names and their versions. */
class LoadingTableTest {
  private static final Pattern VERSION = Pattern.compile("(?<= )\\d+\\.\\d+\\.\\d+");

  private record Row(String what, String test, Path source) {}

  private static List<Row> rows() throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .dropWhile(line -> !line.equals("## What loads what"))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| "))
        .skip(1)
        .map(line -> line.split(" *\\| *"))
        .map(cells -> new Row(cells[1] + " | " + cells[2], code(cells[3]), Path.of(code(cells[4]))))
        .toList();
  }

  private static String code(String cell) {
    assertThat(cell).matches("`[^`]+`");
    return cell.substring(1, cell.length() - 1);
  }

  @Test
  void eachRowHasItsTest() throws IOException {
    List<String> tests;
    try (Stream<Path> files =
        Stream.of("src/test/java", "weights-converter/src/test/java", "adapters")
            .map(Path::of)
            .flatMap(LoadingTableTest::walk)) {
      tests = files.map(file -> file.getFileName().toString()).toList();
    }
    assertThat(rows()).hasSizeGreaterThan(10);
    assertThat(rows()).allSatisfy(row -> assertThat(tests).contains(row.test + ".java"));
  }

  @Test
  void eachVersionIsThatOfItsTest() throws IOException {
    for (Row row : rows()) {
      List<String> versions = VERSION.matcher(row.what).results().map(MatchResult::group).toList();
      assertThat(versions).as(row.what).hasSize(1);
      assertThat(Files.readString(row.source))
          .as(row.what)
          .containsPattern("[>\"]" + Pattern.quote(versions.getFirst()) + "[<\"]");
    }
  }

  private static Stream<Path> walk(Path folder) {
    try {
      return Files.walk(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
