package org.mirror4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The index in {@code kernels/README.md} beside what operations launch. */
class KernelIndexTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  /** A gradient stands in the row of its operation. */
  private static String method(String operation) {
    return operation.split(" ")[0].replace("Backward", "");
  }

  private static List<String> names(String cell) {
    return NAME.matcher(cell).results().map((MatchResult r) -> r.group(1)).toList();
  }

  @Test
  void hasTheLaunchesOfEveryOperation() throws IOException {
    Map<String, Set<String>> launched = new TreeMap<>();
    LaunchMap.of(OperationCases.all())
        .launches()
        .forEach(
            (operation, entries) ->
                launched.computeIfAbsent(method(operation), m -> new TreeSet<>()).addAll(entries));
    Set<String> indexed = new TreeSet<>();
    List<String> rows = new ArrayList<>(Files.readAllLines(Path.of("kernels", "README.md")));
    for (String row : rows.subList(rows.indexOf("## Index"), rows.indexOf("## A file"))) {
      if (row.startsWith("| `")) {
        String[] cells = row.split("\\|");
        Set<String> expected = new TreeSet<>();
        for (String operation : names(cells[1])) {
          indexed.add(method(operation));
          expected.addAll(launched.getOrDefault(method(operation), Set.of()));
        }
        assertThat(new TreeSet<>(names(cells[2]))).as(cells[1]).isEqualTo(expected);
      }
    }
    assertThat(indexed).isEqualTo(launched.keySet());
  }
}
