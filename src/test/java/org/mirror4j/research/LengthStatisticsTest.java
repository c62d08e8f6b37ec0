package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;

class LengthStatisticsTest {
  private static final Path LENGTHS = Path.of("bench/gpu/lengths");

  /** Both corpora have ten thousand items, and an epoch draws each of them once. */
  @Test
  void anEpochHasEveryLengthAsOftenAsTheCorpus() {
    for (String recipe : List.of("word", "sentence")) {
      LengthStatistics statistics = LengthStatistics.read(LENGTHS.resolve(recipe + ".json"));
      assertThat(statistics.items()).hasSize(10_000);
      List<int[][]> epoch = statistics.batches(200, 1000, 30_522, 1);
      assertThat(epoch).hasSize(50).allMatch(views -> views.length == 400);
      long expected = statistics.items().stream().mapToLong(i -> i[0] + i[1]).sum();
      long tokens = epoch.stream().flatMap(Arrays::stream).mapToLong(ids -> ids.length).sum();
      assertThat(tokens).isEqualTo(expected);
      assertThat(epoch.stream().flatMap(Arrays::stream))
          .allMatch(ids -> ids.length <= statistics.maxLength())
          .allMatch(ids -> ids[0] == 101 && ids[ids.length - 1] == 102)
          .allMatch(ids -> Arrays.stream(ids).allMatch(id -> id > 0 && id < 30_522));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [4, 5]               | firstSecondCount[1] is [4,5], expected [first, second, count]: lengths from 2 to 25, a count from 1 on
          [4, 5, 6, 7]         | firstSecondCount[1] is [4,5,6,7], expected
          [4, "5", 6]          | firstSecondCount[1] is [4,"5",6], expected
          [4, 5.0, 6]          | firstSecondCount[1] is [4,5.0,6], expected
          [1, 5, 6]            | firstSecondCount[1] is [1,5,6], expected
          [4, 26, 6]           | firstSecondCount[1] is [4,26,6], expected
          [4, 5, 0]            | firstSecondCount[1] is [4,5,0], expected
          [4, 5, 12345678901]  | firstSecondCount[1] is [4,5,12345678901], expected
          [4, 5, 1000000000]   | firstSecondCount[1] is [4,5,1000000000], more than 10000000 items
          {"first": 4}         | firstSecondCount[1] is {"first":4}, expected
          """)
  void aRowThatIsNotLengthsAndACountIsRefusedByItsPlace(
      String row, String message, @TempDir Path folder) throws IOException {
    refused(
        folder,
        "{\"corpus\": \"c\", \"maxLength\": 25, \"firstSecondCount\": [[4, 5, 6], %s]}"
            .formatted(row),
        message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"maxLength": 25}                              | firstSecondCount is missing, expected rows
          {"maxLength": 25, "firstSecondCount": []}      | firstSecondCount is [], expected rows
          {"maxLength": 25, "firstSecondCount": 7}       | firstSecondCount is 7, expected rows
          {"firstSecondCount": [[4, 5, 6]]}              | maxLength is missing, expected a whole number from 2 on
          {"maxLength": "25", "firstSecondCount": [[4, 5, 6]]} | maxLength is "25", expected a whole number
          """)
  void aFileWithoutRowsOrLengthIsRefused(String json, String message, @TempDir Path folder)
      throws IOException {
    refused(folder, json, message);
  }

  private static void refused(Path folder, String json, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("word.json"), json);
    assertThatThrownBy(() -> LengthStatistics.read(file))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": " + message);
  }

  @Test
  void sameSeedSameBatches() {
    LengthStatistics statistics = LengthStatistics.read(LENGTHS.resolve("word.json"));
    int[][] first = statistics.batches(5, 1, 2_000, 7).getFirst();
    assertThat(statistics.batches(5, 1, 2_000, 7).getFirst()).isDeepEqualTo(first);
    assertThat(Arrays.deepEquals(statistics.batches(5, 1, 2_000, 8).getFirst(), first)).isFalse();
  }
}
