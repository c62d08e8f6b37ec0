package org.mirror4j.kernels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Steps and tokens of an epoch, from the lengths counted in a recipe's corpus ({@code
 * bench/gpu/lengths}, which are part of the program).
 *
 * @param corpus name of the file that was counted
 * @param tokensPerStep mean, rounded up to what steps are rounded to
 */
public record EpochLengths(String corpus, int steps, int tokensPerStep) {
  private static final int PAIRS = 200;
  private static final int TOKEN_MULTIPLE = 64;

  /**
   * The lengths of a recipe.
   *
   * @throws IllegalArgumentException if none were counted for it
   */
  public static EpochLengths of(String recipe) {
    if (!recipe.equals("word") && !recipe.equals("sentence")) {
      throw new IllegalArgumentException(
          "lengths were counted for word and sentence, not for '" + recipe + "'");
    }
    String file = "/org/mirror4j/lengths/" + recipe + ".json";
    try (InputStream in = EpochLengths.class.getResourceAsStream(file)) {
      JsonNode json = new ObjectMapper().readTree(in);
      long items = 0;
      long tokens = 0;
      for (JsonNode row : json.path("firstSecondCount")) {
        long count = row.path(2).asLong();
        items += count;
        tokens += count * (row.path(0).asLong() + row.path(1).asLong());
      }
      int mean = (int) Math.ceilDiv(tokens * PAIRS, items);
      return new EpochLengths(
          json.path("corpus").asText(),
          (int) (items / PAIRS),
          Math.ceilDiv(mean, TOKEN_MULTIPLE) * TOKEN_MULTIPLE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
