package org.mirror4j.research;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.research.cases.OperationCases;

/** The index in {@code kernels/README.md} beside what operations launch. */
class KernelIndexTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  /** A gradient stands in the row of its operation. */
  private static String method(String operation) {
    return operation.split("[ ,]")[0].replace("Backward", "");
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
                launched
                    .computeIfAbsent(method(operation.operation()), m -> new TreeSet<>())
                    .addAll(entries));
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

  private static List<String> readme(String from, String to) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("kernels", "README.md"));
    return lines.subList(lines.indexOf(from), lines.indexOf(to));
  }

  /** What is in the index is a file, and each file is in it. */
  @Test
  void hasEveryFile() throws IOException {
    Set<String> indexed = new TreeSet<>();
    for (String row : readme("## Index", "## A file")) {
      if (row.startsWith("| `")) {
        indexed.addAll(names(row.split("\\|")[2]));
      }
    }
    Set<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.list(Path.of("kernels"))) {
      all.map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".ptx"))
          .forEach(name -> files.add(name.substring(0, name.length() - ".ptx".length())));
    }
    assertThat(indexed).isEqualTo(files);
  }

  /** The header that is shown as an example, with what is explained behind two blanks. */
  @Test
  void showsAHeaderAsItStandsInTheFile() throws IOException {
    List<String> shown =
        readme("## A file", "## Storage types without three texts").stream()
            .filter(line -> line.startsWith("//"))
            .toList();
    Path file = Path.of("kernels", shown.getFirst().substring(3));
    List<String> header =
        Files.readAllLines(file).stream().takeWhile(line -> line.startsWith("//")).toList();
    assertThat(shown).hasSizeGreaterThan(8);
    for (String line : shown) {
      assertThat(header)
          .as(line)
          .anyMatch(
              fact ->
                  line.equals(fact)
                      || line.startsWith(fact + "  ")
                      || line.startsWith("// numerics") && fact.startsWith("// numerics"));
    }
  }

  /** Other kernels are named by their files, in headers and in the index's page. */
  @Test
  void namesFilesThatAreThere() throws IOException {
    Pattern file = Pattern.compile("\\b(\\w+)\\.ptx\\b");
    List<String> texts = new ArrayList<>(Files.readAllLines(Path.of("kernels", "README.md")));
    for (KernelSource source : KernelLibrary.bundled().all()) {
      texts.addAll(source.text().lines().takeWhile(line -> line.startsWith("//")).toList());
    }
    for (String text : texts) {
      file.matcher(text)
          .results()
          .forEach(match -> assertThat(Path.of("kernels", match.group())).as(text).exists());
    }
  }
}
