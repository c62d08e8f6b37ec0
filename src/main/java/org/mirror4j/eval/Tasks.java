package org.mirror4j.eval;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Spelling;

/**
 * All tasks by name: those that a data folder holds, and those of a user's files. In names, case
 * does not matter and {@code _} is {@code -}.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><td>{@code wordsim}</td><td>every word similarity file, and their mean</td></tr>
 * <tr><td>{@code EN-SIMLEX-999} ...</td><td>one of them, by its name without ending</td></tr>
 * <tr><td>{@code multisimlex}</td><td>Multi-SimLex, every language that is there, and their mean
 * </td></tr>
 * <tr><td>{@code multisimlex-paper}</td><td>the eight languages of the paper, and their mean</td>
 * </tr>
 * <tr><td>{@code multisimlex-ENG} ...</td><td>one language</td></tr>
 * <tr><td>{@code crosslingual}</td><td>pairs of words in two languages, every pair of languages
 * that is there, and their mean</td></tr>
 * <tr><td>{@code sts}</td><td>sts12 .. sts16, stsb and sickr, and their mean</td></tr>
 * <tr><td>{@code sts12} ... {@code stsb-dev} ...</td><td>one sentence similarity file</td></tr>
 * <tr><td>{@code sts12-weighted} ... {@code sts16-weighted}</td><td>the same pairs, each sub-set
 * ranked by itself and their mean weighted by pairs</td></tr>
 * <tr><td>{@code sts-weighted}</td><td>these, stsb and sickr, and their mean</td></tr>
 * <tr><td>{@code stsb-edit-distance} ...</td><td>a part of STS-B, its similarities against edit
 * distances</td></tr>
 * <tr><td>{@code sts17}</td><td>every track of 2017, and their mean</td></tr>
 * <tr><td>{@code multilingual-sts}</td><td>Spanish, Arabic and Russian, and their mean</td></tr>
 * <tr><td>{@code qnli}</td><td>questions and sentences that answer them or do not</td></tr>
 * <tr><td>{@code entity-linking}</td><td>ncbi-disease, bc5cdr-disease and askapatient</td></tr>
 * <tr><td>{@code bli}</td><td>translations of words, six pairs of languages, and their mean</td>
 * </tr>
 * <tr><td>{@code bli-en-fr} ... {@code bli-en-fr-1k} ...</td><td>one pair of languages, perhaps with
 * a smaller dictionary to learn from</td></tr>
 * <tr><td>{@code pairs:FILE}</td><td>the user's own pairs, see {@link ScoredPairs#read(Path,
 * java.util.function.Consumer)}</td></tr>
 * <tr><td>{@code pairs:FILE:score=3,first=1,second=2}</td><td>the same with its columns named, by
 * number or by the name in the first row</td></tr>
 * <tr><td>{@code linking:FILE:FILE}</td><td>the user's own mentions, and the names of a
 * dictionary</td></tr>
 * <tr><td>{@code isotropy:FILE}</td><td>isotropy over the lines of a file</td></tr>
 * <tr><td>{@code geometry:FILE}</td><td>norms and distances of neighbours by frequency, of a file
 * with the most frequent word first; isotropy</td></tr>
 * <tr><td>{@code masked-loss:FILE}</td><td>loss of masked language modelling over prose, a paragraph
 * a line and an empty line between documents, of models that have the head</td></tr>
 * <tr><td>{@code masked-loss:FILE:spans}</td><td>the same with spans masked, and the loss of the
 * span boundary objective of models that have its head</td></tr>
 * </table>
 */
public final class Tasks {
  /** In the order in which names are shown. */
  private static final List<TaskFamily> FAMILIES =
      List.of(
          new SentenceSimilarity(),
          new LexicalBias(),
          MultiSimLex.MONOLINGUAL,
          MultiSimLex.CROSS_LINGUAL,
          new AnswerMatching(),
          new EntityLinking(),
          new LexiconInduction(),
          new WordSimilarity(),
          new OwnPairs(),
          new OwnTexts(),
          new OwnProse(),
          new OwnMentions());

  /** What stands for the folder in the help, where none was given: nothing lies in it. */
  private static final Path NOT_GIVEN = Path.of("DIR");

  private final DataFolder data;
  private final boolean given;

  /**
   * @param data folder of the data sets; may be null where only tasks with a FILE are asked for
   * @throws FileException if it is no folder
   */
  public Tasks(Path data) {
    given = data != null;
    this.data = new DataFolder(given ? data : NOT_GIVEN);
    if (given && !Files.isDirectory(data)) {
      throw new FileException(
          "%s: %s, expected the folder of the data sets"
              .formatted(data, Files.exists(data) ? "is a file" : "no such folder"));
    }
  }

  /** The families whose files can be found. */
  private List<TaskFamily> families() {
    return FAMILIES.stream().filter(family -> given || !family.inDataFolder()).toList();
  }

  /** All names, also those of files that the data folder has, where one was given. */
  public List<String> names() {
    return FAMILIES.stream().flatMap(family -> family.names(data).stream()).toList();
  }

  /**
   * The tasks of one name, their files checked to be there.
   *
   * @throws IllegalArgumentException if there is no task of that name; the message says which may
   *     have been meant
   * @throws FileException if a file of the task is absent; the message names the path
   */
  public TaskGroup resolve(String asked) {
    TaskName name = new TaskName(asked);
    TaskGroup group =
        families().stream()
            .filter(family -> family.inDataFolder() != name.hasArgument())
            .map(family -> family.find(name, data))
            .flatMap(Optional::stream)
            .findFirst()
            .orElseThrow(() -> unknown(name));
    for (EvaluationTask task : group.tasks()) {
      for (Path file : task.files()) {
        requireFile(name, file);
      }
    }
    return group;
  }

  private static void requireFile(TaskName task, Path file) {
    if (!Files.isRegularFile(file)) {
      if (Files.isDirectory(file)) {
        throw new FileException(
            "task %s: %s is a folder, expected a file".formatted(task.kind(), file));
      }
      throw new FileException(
          "task %s: no such file: %s%s"
              .formatted(task.kind(), file, task.hasArgument() ? "" : DataFolder.DIRECTIONS),
          new NoSuchFileException(file.toString()));
    }
  }

  private IllegalArgumentException unknown(TaskName name) {
    String hint = Spelling.hint(name.asked(), names());
    if (!given && !name.hasArgument()) {
      return new IllegalArgumentException(
          names().stream().anyMatch(name::is)
              ? "task %s needs the folder of the data sets, none was given (--data DIR)"
                  .formatted(name.asked())
              : "unknown task %s without --data DIR, the folder of the data sets%s"
                  .formatted(name.asked(), hint));
    }
    List<String> missing = new ArrayList<>();
    families().forEach(family -> family.missing(data).ifPresent(missing::add));
    String where = missing.isEmpty() ? "" : " (%s)".formatted(String.join("; ", missing));
    return new IllegalArgumentException(
        "unknown task %s%s%s"
            .formatted(
                name.asked(),
                where,
                hint.isEmpty() ? "; --list-tasks lists those that there are" : hint));
  }
}
