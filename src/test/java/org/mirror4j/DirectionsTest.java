package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dependencies go one way: what each package imports, held against a table. */
class DirectionsTest {
  private static final List<Path> SOURCES =
      List.of(Path.of("src/main/java"), Path.of("weights-converter/src/main/java"));

  private static final String ROOT = "org.mirror4j";

  /** Each package and those that it may import, which all stand above it. */
  private static final String ALLOWED =
      """
      tensor:
      file:
      statistics:
      device.operation: tensor
      device.intercept: tensor device.operation
      device: tensor device.operation
      device.host: tensor file device.operation device
      device.launch.source: tensor file
      device.launch: tensor device.operation device device.launch.source
      device.cuda: tensor file device.operation device device.launch.source device.launch
      device.ptx.report:
      device.ptx.number:
      device.ptx.lanes:
      device.ptx.memory: device.ptx.report device.ptx.lanes
      device.ptx.syntax: device.launch.source device.ptx.report
      device.ptx: tensor device.operation device device.host device.launch.source device.launch \
        device.ptx.report device.ptx.number device.ptx.lanes device.ptx.memory device.ptx.syntax
      device.ptx.count: device.ptx.lanes device.ptx.syntax device.ptx
      text: file
      text.block: file text
      text.mask: text text.block
      checkpoint: tensor file
      name: file
      calibrate: tensor device.operation device checkpoint
      calibrate.flow: tensor file device.operation device checkpoint calibrate
      bert: tensor file device.operation device text checkpoint calibrate
      objective: tensor file device.operation device text text.block text.mask checkpoint bert
      objective.coreference: tensor device.operation device text bert objective
      optim: tensor device.operation device
      train: tensor file device.operation device checkpoint optim
      task: tensor file device text bert objective
      task.answer: tensor file device text bert objective task
      task.classification: tensor file device statistics text bert objective task
      task.relation: file text text.block task task.classification
      task.coreference: tensor file device text bert objective objective.coreference task
      task.tagging: tensor file device text text.block bert objective task
      method.finetune: tensor file device device.operation text checkpoint bert objective optim train task
      method.mirror: tensor file device.operation device text text.mask checkpoint bert objective optim \
        train
      method.pretrain: tensor file device.operation device text text.block text.mask checkpoint bert objective optim \
        train
      encode: tensor file calibrate calibrate.flow device device.host device.cuda device.launch.source \
        device.launch \
        device.ptx.memory device.ptx text checkpoint bert train
      onnx: tensor file device.operation device text checkpoint bert encode
      search: tensor file device.operation device statistics
      predict: tensor file device.operation device text text.block text.mask checkpoint bert objective search
      method.whiten: tensor file calibrate device checkpoint encode search train
      method.flow: tensor file device text checkpoint optim train calibrate.flow encode
      eval.linking: file
      eval: file statistics device text text.block text.mask bert task.classification encode search predict eval.linking
      dataset: file text
      experiment: tensor file statistics device text checkpoint bert encode calibrate train method.mirror method.pretrain \
        method.finetune method.whiten method.flow task eval
      org.mirror4j: tensor file statistics device text bert encode train method.mirror
      serve: file device calibrate org.mirror4j
      convert: tensor file device.operation text checkpoint bert objective
      fetch: file bert convert name
      research.cases: tensor device.operation device device.ptx.number text
      research: tensor file device.operation device device.host device.cuda device.launch.source \
        device.launch device.ptx.report device.ptx.number device.ptx.memory device.ptx.syntax \
        device.ptx device.ptx.count text text.mask bert method.mirror research.cases
      research.card: tensor file device.operation device.intercept device device.host device.cuda \
        device.launch.source device.launch device.ptx.memory device.ptx bert train \
        method.mirror research.cases research
      cli: tensor file statistics device device.host device.cuda device.launch.source device.ptx.report \
        device.ptx device.ptx.count text text.mask checkpoint bert encode train predict method.mirror \
        method.pretrain method.finetune search onnx eval task task.answer task.classification \
        task.coreference \
        task.relation task.tagging \
        calibrate calibrate.flow method.whiten method.flow \
        dataset experiment convert name fetch research.cases research research.card \
        org.mirror4j serve
      """;

  /** Libraries by the beginning of their packages, and who may know them. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.ofEntries(
          Map.entry("jcuda", Set.of("device.cuda")),
          Map.entry("org.hipparchus", Set.of("statistics")),
          Map.entry("org.bytedeco", Set.of("device.host", "device.cuda")),
          Map.entry("ai.djl", Set.of("text")),
          Map.entry("picocli", Set.of("cli")),
          Map.entry("me.tongfei", Set.of("cli")),
          Map.entry("org.jline", Set.of("cli")),
          Map.entry("org.knowm", Set.of("cli")),
          Map.entry("eu.maveniverse", Set.of("fetch")),
          Map.entry("org.eclipse.aether", Set.of("fetch")),
          Map.entry("java.net.http", Set.of("fetch")),
          Map.entry("com.sun.net.httpserver", Set.of("serve")));

  /** A class by its full name, in an import or in the text. */
  private static final Pattern NAME = Pattern.compile("\\b((?:[a-z_0-9]+\\.){2,})[A-Z]\\w");

  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*");

  /**
   * Imported packages by package, with the files that import them.
   *
   * @param ours whether packages of the project, or all others
   */
  private static Map<String, Map<String, Set<String>>> imports(boolean ours) {
    Map<String, Map<String, Set<String>>> imports = new LinkedHashMap<>();
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String found = within(root.relativize(file.getParent()).toString().replace('/', '.'));
          Matcher name = NAME.matcher(COMMENT.matcher(Files.readString(file)).replaceAll(" "));
          while (name.find()) {
            String full = name.group(1).substring(0, name.group(1).length() - 1);
            String imported = within(full);
            if (ours != full.startsWith(ROOT)) {
              continue;
            }
            imports
                .computeIfAbsent(found, key -> new LinkedHashMap<>())
                .computeIfAbsent(imported, key -> new TreeSet<>())
                .add(file.getFileName().toString());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return imports;
  }

  private static String within(String name) {
    return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : name;
  }

  private static Map<String, List<String>> allowed() {
    return ALLOWED
        .lines()
        .map(line -> line.split(":", 2))
        .collect(
            Collectors.toMap(
                line -> line[0],
                line ->
                    Arrays.stream(line[1].trim().split("\\s+")).filter(s -> !s.isEmpty()).toList(),
                (a, b) -> a,
                LinkedHashMap::new));
  }

  @Test
  void packagesImportWhatStandsAboveThem() {
    List<String> above = new ArrayList<>();
    allowed()
        .forEach(
            (name, may) -> {
              assertThat(above).as(name).containsAll(may);
              above.add(name);
            });
  }

  @Test
  void everyImportIsInTheTable() {
    Map<String, List<String>> allowed = allowed();
    List<String> wrong = new ArrayList<>();
    imports(true)
        .forEach(
            (name, imported) ->
                imported.forEach(
                    (other, files) -> {
                      if (!name.equals(other)
                          && !allowed.getOrDefault(name, List.of()).contains(other)) {
                        wrong.add("%s imports %s in %s".formatted(name, other, files));
                      }
                    }));
    assertThat(wrong).isEmpty();
  }

  /** A line of the table that nothing needs any more would let the next one in unseen. */
  @Test
  void everyLineOfTheTableIsUsed() {
    Map<String, Map<String, Set<String>>> imports = imports(true);
    List<String> unused = new ArrayList<>();
    allowed()
        .forEach(
            (name, may) ->
                may.stream()
                    .filter(other -> !imports.getOrDefault(name, Map.of()).containsKey(other))
                    .forEach(other -> unused.add(name + ": " + other)));
    assertThat(unused).isEmpty();
  }

  @Test
  void librariesAreKnownWhereTheyBelong() {
    List<String> wrong = new ArrayList<>();
    imports(false)
        .forEach(
            (name, imported) ->
                imported.forEach(
                    (other, files) ->
                        LIBRARIES.forEach(
                            (library, may) -> {
                              if ((other + ".").startsWith(library + ".") && !may.contains(name)) {
                                wrong.add("%s imports %s in %s".formatted(name, other, files));
                              }
                            })));
    assertThat(wrong).isEmpty();
  }

  /** What opens connections, by any way that Java has. */
  private static final Pattern CONNECTIONS =
      Pattern.compile(
          "\\b(?:(?:SSL|Datagram|Multicast)?Socket(?:Channel|Factory)?|HttpClient"
              + "|(?:Https?|Jar)?URLConnection|openConnection|openStream|InitialContext)\\b");

  /** What takes connections, and the addresses of either side. */
  private static final Pattern ADDRESSES =
      Pattern.compile(
          "\\b(?:(?:Async\\w*)?ServerSocket(?:Channel|Factory)?|Https?Server|InetAddress"
              + "|InetSocketAddress)\\b");

  @Test
  void onlyFetchOpensConnectionsAndServeTakesThem() throws IOException {
    assertThat(packagesWith(CONNECTIONS)).containsExactly("fetch");
    assertThat(packagesWith(ADDRESSES)).containsExactly("serve");
  }

  /** Packages in whose code a pattern is found, comments left out. */
  private static Set<String> packagesWith(Pattern pattern) throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String code = COMMENT.matcher(Files.readString(file)).replaceAll(" ");
          if (pattern.matcher(code).find()) {
            found.add(within(root.relativize(file.getParent()).toString().replace('/', '.')));
          }
        }
      }
    }
    return found;
  }
}
