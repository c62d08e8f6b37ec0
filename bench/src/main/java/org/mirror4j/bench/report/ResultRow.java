package org.mirror4j.bench.report;

import com.fasterxml.jackson.databind.JsonNode;

/** One side of one contest, as it stands in a results file. */
public record ResultRow(JsonNode json) {
  /** What kind of work. */
  public String group() {
    return json.path("group").asText();
  }

  /** Which one of that kind. */
  public String contest() {
    return json.path("contest").asText();
  }

  /** Who did it. */
  public String side() {
    return json.path("side").asText();
  }

  /** Whether there are numbers. */
  public boolean measured() {
    return !json.has("failure");
  }

  /** Seconds a call, median. */
  public double seconds() {
    return json.path("seconds").asDouble();
  }

  /** A number of the row; 0 where it has none. */
  public double number(String name) {
    return json.path(name).asDouble();
  }
}
