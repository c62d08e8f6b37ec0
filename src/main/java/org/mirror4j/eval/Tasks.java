package org.mirror4j.eval;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Spelling;

/**
 * The tasks that a data folder holds, by name. Layout of the folder: {@code wordsim/}, any depth,
 * one word similarity set per {@code .txt} file; {@code multisimlex/pairs/LLL.tsv}; {@code
 * sts/joined/*.tsv}. In names, case does not matter and {@code _} is {@code -}.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><td>{@code wordsim}</td><td>every word similarity file, and their mean</td></tr>
 * <tr><td>{@code EN-SIMLEX-999} ...</td><td>one of them, by its name without ending</td></tr>
 * <tr><td>{@code multisimlex}</td><td>Multi-SimLex, every language that is there, and their mean
 * </td></tr>
 * <tr><td>{@code multisimlex-ENG} ...</td><td>one language</td></tr>
 * <tr><td>{@code sts}</td><td>sts12 .. sts16, stsb and sickr, and their mean</td></tr>
 * <tr><td>{@code sts12} ... {@code stsb-dev} ...</td><td>one sentence similarity file</td></tr>
 * <tr><td>{@code sts17}</td><td>every track of 2017</td></tr>
 * <tr><td>{@code pairs:FILE}</td><td>the user's own pairs, see {@link ScoredPairs#read(Path,
 * java.util.function.Consumer)}</td></tr>
 * <tr><td>{@code pairs:FILE:score=3,first=1,second=2}</td><td>the same with its columns named, by
 * number or by the name in the first row</td></tr>
 * <tr><td>{@code isotropy:FILE}</td><td>isotropy over the lines of a file</td></tr>
 * </table>
 */
public final class Tasks {
  private static final Map<String, String> STS = new LinkedHashMap<>();

  /** The seven of the paper's table 3. */
  private static final List<String> STS_AVERAGED =
      List.of("sts12", "sts13", "sts14", "sts15", "sts16", "stsb", "sickr");

  static {
    for (int year = 12; year <= 16; year++) {
      STS.put("sts" + year, "20" + year + ".test");
    }
    STS.put("stsb", "stsb.test");
    STS.put("sickr", "sickr.test");
    STS.put("stsb-dev", "stsb.dev");
    STS.put("stsb-train", "stsb.train");
    STS.put("sickr-trial", "sickr.trial");
    STS.put("sickr-train", "sickr.train");
    STS.put("sts17-ar-ar", "2017.track1.ar-ar");
    STS.put("sts17-ar-en", "2017.track2.ar-en");
    STS.put("sts17-es-es", "2017.track3.es-es");
    STS.put("sts17-es-en-4a", "2017.track4a.es-en");
    STS.put("sts17-es-en-4b", "2017.track4b.es-en");
    STS.put("sts17-en-en", "2017.track5.en-en");
  }

  private final Path data;

  /**
   * @param data folder of the data sets; may be null where only tasks with a FILE are asked for
   */
  public Tasks(Path data) {
    this.data = data;
  }

  /**
   * The tasks of one name, their files checked to be there.
   *
   * @throws IllegalArgumentException if there is no task of that name; the message lists the names
   * @throws FileException if a file of the task is absent; the message names the path
   */
  public TaskGroup resolve(String name) {
    TaskGroup group = find(name);
    for (EvaluationTask task : group.tasks()) {
      requireFile(name, task.file());
    }
    return group;
  }

  private TaskGroup find(String name) {
    int colon = name.indexOf(':');
    String key = name.toLowerCase(Locale.ROOT).replace('_', '-');
    if (colon > 0 && colon < name.length() - 1) {
      String argument = name.substring(colon + 1);
      return switch (key.substring(0, colon)) {
        case "pairs" -> single(ownPairs(argument));
        case "isotropy" ->
            single(new EvaluationTask.IsotropyTask(title(argument), Path.of(argument)));
        default -> throw unknown(name);
      };
    }
    if (data == null) {
      throw new IllegalArgumentException(
          "task %s needs the folder of the data sets, none was given (--data DIR)%s"
              .formatted(name, Spelling.hint(name, names())));
    }
    if (key.equals("sts")) {
      return new TaskGroup("sts", STS_AVERAGED.stream().map(this::sts).toList(), true);
    }
    if (key.equals("sts17")) {
      return new TaskGroup(
          "sts17",
          STS.keySet().stream().filter(k -> k.startsWith("sts17-")).map(this::sts).toList(),
          false);
    }
    if (STS.containsKey(key)) {
      return single(sts(key));
    }
    if (key.equals("multisimlex")) {
      return new TaskGroup("multisimlex", present(name, multiSimLexFolder(), multiSimLex()), true);
    }
    if (key.startsWith("multisimlex-")) {
      String language = key.substring("multisimlex-".length()).toUpperCase(Locale.ROOT);
      return single(multiSimLex(multiSimLexFolder().resolve(language + ".tsv")));
    }
    if (key.equals("wordsim")) {
      return new TaskGroup("wordsim", present(name, wordSimFolder(), wordSim()), true);
    }
    return wordSim().stream()
        .filter(task -> task.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(key))
        .findFirst()
        .map(Tasks::single)
        .orElseThrow(() -> unknown(name));
  }

  /** The names that can be asked for, those of the data folder included. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    if (data != null) {
      names.add("sts");
      names.addAll(STS.keySet());
      names.add("sts17");
      names.add("multisimlex");
      multiSimLex().forEach(task -> names.add(task.name()));
      names.add("wordsim");
      wordSim().forEach(task -> names.add(task.name()));
    }
    names.add("pairs:FILE");
    names.add("isotropy:FILE");
    return names;
  }

  /** {@code FILE}, or {@code FILE:score=3,first=1,second=2}. */
  private static EvaluationTask ownPairs(String argument) {
    int colon = argument.lastIndexOf(':');
    boolean chosen = colon > 0 && ColumnChoice.isChoice(argument.substring(colon + 1));
    String file = chosen ? argument.substring(0, colon) : argument;
    return new EvaluationTask.OwnPairsTask(
        title(file), Path.of(file), chosen ? ColumnChoice.of(argument.substring(colon + 1)) : null);
  }

  private static String title(String file) {
    Path name = Path.of(file).getFileName();
    return name == null ? file : name.toString();
  }

  private static TaskGroup single(EvaluationTask task) {
    return new TaskGroup(task.name(), List.of(task), false);
  }

  private EvaluationTask sts(String name) {
    Path file = data.resolve("sts").resolve("joined").resolve(STS.get(name) + ".tsv");
    return new EvaluationTask.SimilarityTask(name, file, PairFormat.STS);
  }

  private Path multiSimLexFolder() {
    return data.resolve("multisimlex").resolve("pairs");
  }

  private List<EvaluationTask> multiSimLex() {
    return files(multiSimLexFolder(), ".tsv").stream().map(Tasks::multiSimLex).toList();
  }

  private static EvaluationTask multiSimLex(Path file) {
    return new EvaluationTask.SimilarityTask(
        "multisimlex-" + stem(file), file, PairFormat.MULTI_SIMLEX);
  }

  private Path wordSimFolder() {
    return data.resolve("wordsim");
  }

  private List<EvaluationTask> wordSim() {
    return files(wordSimFolder(), ".txt").stream()
        .filter(file -> !stem(file).startsWith("README") && !stem(file).startsWith("LICENSE"))
        .<EvaluationTask>map(
            file ->
                new EvaluationTask.SimilarityTask(
                    stem(file),
                    file,
                    stem(file).equals("SimLex-999")
                        ? PairFormat.SIMLEX_999
                        : PairFormat.WORD_SIMILARITY))
        .toList();
  }

  /** Files below a folder, links followed, by their paths; none if there is no such folder. */
  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(f -> f.getFileName().toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw FileException.of("cannot list " + folder, e);
    }
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  private static List<EvaluationTask> present(
      String name, Path folder, List<EvaluationTask> tasks) {
    if (tasks.isEmpty()) {
      throw new FileException(
          "task %s: no data files below %s".formatted(name, folder),
          new NoSuchFileException(folder.toString()));
    }
    return tasks;
  }

  private static void requireFile(String task, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FileException(
          "task %s: no such file: %s".formatted(task, file),
          new NoSuchFileException(file.toString()));
    }
  }

  private IllegalArgumentException unknown(String name) {
    String where =
        data == null || Files.isDirectory(wordSimFolder())
            ? ""
            : " (there is no folder %s)".formatted(wordSimFolder());
    return new IllegalArgumentException(
        "unknown task %s%s; there are: %s%s"
            .formatted(name, where, String.join(", ", names()), Spelling.hint(name, names())));
  }
}
