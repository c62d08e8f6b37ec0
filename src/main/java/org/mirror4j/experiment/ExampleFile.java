package org.mirror4j.experiment;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Examples that a model of a table is fine-tuned or scored on: those of files below the folder of
 * the data sets, perhaps some of them alone. {@link ExampleFiles} makes one file of them.
 *
 * @param files put together in this order
 * @param each of every so many examples the last one alone; where nothing is said, all
 * @param butEach of every so many examples all but the last one, what {@code each} leaves
 * @param without articles that this file has are left out
 */
record ExampleFile(
    List<String> files,
    Optional<Integer> each,
    Optional<Integer> butEach,
    Optional<String> without) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the files
   */
  ExampleFile {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("the examples are of no file, expected one at least");
    }
    if (each.isPresent() && butEach.isPresent()) {
      throw new IllegalArgumentException(
          "%s: 'each' and 'butEach' are given, expected one of them"
              .formatted(String.join(", ", files)));
    }
    if (without.isPresent()
        && !files.stream().allMatch(file -> file.matches(".*\\.json(\\.gz)?"))) {
      throw new IllegalArgumentException(
          "%s: 'without' is given, expected it for files of articles alone, in .json"
              .formatted(String.join(", ", files)));
    }
    Stream.of(each, butEach)
        .flatMap(Optional::stream)
        .filter(number -> number < 2)
        .forEach(
            number -> {
              throw new IllegalArgumentException(
                  "%s: one of %d examples, expected one of 2 at least"
                      .formatted(String.join(", ", files), number));
            });
  }

  /** Whether it is a file as it lies there. */
  boolean isWhole() {
    return files.size() == 1 && each.isEmpty() && butEach.isEmpty() && without.isEmpty();
  }

  /** Whether an example is taken, counted from 0. */
  boolean takes(int example) {
    return each.map(number -> example % number == number - 1).orElse(true)
        && butEach.map(number -> example % number != number - 1).orElse(true);
  }

  /** What is taken of the files, as a part of a file's name; empty for all. */
  String selection() {
    return each.map(number -> ".each-" + number).orElse("")
        + butEach.map(number -> ".but-each-" + number).orElse("")
        + without.map(_ -> ".without").orElse("");
  }
}
