package org.mirror4j.experiment;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Examples that a model of a table is fine-tuned or scored on: those of files below the folder of
 * the data sets, perhaps some of them alone. {@link ExampleFiles} makes one file of them.
 *
 * @param files put together in this order
 * @param each of every so many groups the last one alone; where nothing is said, all. Parts of
 *     other examples are not taken
 * @param butEach of every so many groups all but the last one, what {@code each} leaves; of
 *     examples of several groups those that are in none of the last ones
 * @param groups which examples stay together; where nothing is said, each is a group
 * @param without articles that this file has are left out
 */
record ExampleFile(
    List<String> files,
    Optional<Integer> each,
    Optional<Integer> butEach,
    Optional<ExampleGroups> groups,
    Optional<String> without) {
  /** Articles of SQuAD's JSON. */
  private static final String ARTICLES = ".*\\.json(\\.gz)?";

  /** Rows under a header. */
  private static final String ROWS = ".*\\.tsv(\\.gz)?";

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the files
   */
  ExampleFile {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("the examples are of no file, expected one at least");
    }
    String names = String.join(", ", files);
    if (each.isPresent() && butEach.isPresent()) {
      throw new IllegalArgumentException(
          names + ": 'each' and 'butEach' are given, expected one of them");
    }
    if (groups.isPresent() && each.isEmpty() && butEach.isEmpty()) {
      throw new IllegalArgumentException(
          names + ": 'groups' is given, expected 'each' or 'butEach' beside it");
    }
    if (without.isPresent() && !areAll(files, ARTICLES)) {
      throw new IllegalArgumentException(
          names + ": 'without' is given, expected it for files of articles alone, in .json");
    }
    if (groups.filter(group -> group.between().isEmpty()).isPresent() && !areAll(files, ROWS)) {
      throw new IllegalArgumentException(
          names + ": groups of rows are given, expected them for files of rows alone, in .tsv");
    }
    if (groups.filter(group -> group.between().isPresent()).isPresent()
        && files.stream().anyMatch(file -> file.matches(ROWS) || file.matches(ARTICLES))) {
      throw new IllegalArgumentException(
          names + ": 'between' is given, expected it for files of lines between empty ones alone");
    }
    Stream.of(each, butEach)
        .flatMap(Optional::stream)
        .filter(number -> number < 2)
        .forEach(
            number -> {
              throw new IllegalArgumentException(
                  "%s: one of %d examples, expected one of 2 at least".formatted(names, number));
            });
  }

  private static boolean areAll(List<String> files, String pattern) {
    return files.stream().allMatch(file -> file.matches(pattern));
  }

  /** Whether it is a file as it lies there. */
  boolean isWhole() {
    return files.size() == 1 && each.isEmpty() && butEach.isEmpty() && without.isEmpty();
  }

  /** Whether a group is taken, counted from 0. */
  boolean takes(int group) {
    return each.map(number -> group % number == number - 1).orElse(true)
        && butEach.map(number -> group % number != number - 1).orElse(true);
  }

  /** Whether an example is taken. */
  boolean takes(ExampleGroups.Membership example) {
    return (each.isEmpty() || example.whole())
        && example.groups().stream().allMatch(group -> takes((int) group));
  }

  /** What is taken of the files, as a part of a file's name; empty for all. */
  String selection() {
    return each.map(number -> ".each-" + number).orElse("")
        + butEach.map(number -> ".but-each-" + number).orElse("")
        + groups.map(ExampleGroups::selection).orElse("")
        + without.map(_ -> ".without").orElse("");
  }
}
