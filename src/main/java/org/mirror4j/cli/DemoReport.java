package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EmbeddedTexts;
import org.mirror4j.eval.Isotropy;
import org.mirror4j.eval.MeasuredEncoder;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.eval.NearestNeighbours;
import org.mirror4j.eval.NearestNeighbours.Neighbour;
import org.mirror4j.eval.ScoredPairs;
import org.mirror4j.eval.SimilarityEvaluation;
import org.mirror4j.file.JsonFiles;

/**
 * What the demo shows.
 *
 * @param pairs number of scored pairs
 */
record DemoReport(int pairs, State before, State after) {
  private static final List<String> QUERIES =
      List.of(
          "king", "water", "music", "doctor", "war", "river", "happy", "school", "money", "green");

  private static final int NEIGHBOURS = 4;
  private static final int NEIGHBOURS_WIDTH = 44;

  /**
   * One state of the model.
   *
   * @param vectors how they are made
   * @param spearman x 100, on the pairs
   * @param isotropy of the vectors of the words
   * @param neighbours of each query among the words
   */
  record State(
      String vectors, double spearman, double isotropy, Map<String, List<Neighbour>> neighbours) {}

  /** Measures a state; each word is encoded once. */
  static State measure(Device device, ModelEncoder encoder, List<String> words, ScoredPairs pairs) {
    List<String> texts = Stream.concat(words.stream(), QUERIES.stream()).toList();
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts)) {
      MeasuredEncoder known =
          (asked, to) -> asked.forEach(text -> to.accept(embedded.vector(text)));
      return new State(
          encoder.described(),
          SimilarityEvaluation.evaluate(encoder, pairs).spearman(),
          Isotropy.of(embedded.vectors(), embedded.rows(words)).score(),
          NearestNeighbours.find(device, known, QUERIES, words, NEIGHBOURS));
    }
  }

  ObjectNode json() {
    ObjectNode json = JsonFiles.object().put("pairs", pairs);
    json.set("before", json(before));
    json.set("after", json(after));
    return json;
  }

  private static ObjectNode json(State state) {
    ObjectNode json = JsonFiles.object().put("vectors", state.vectors);
    json.put("spearman", Measurement.defined(state.spearman));
    json.put("isotropy", Measurement.defined(state.isotropy));
    ObjectNode neighbours = json.putObject("neighbours");
    state.neighbours.forEach(
        (query, found) -> {
          ArrayNode list = neighbours.putArray(query);
          found.forEach(n -> list.addObject().put("text", n.text()).put("cosine", n.cosine()));
        });
    return json;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    row(text, "", "before", "after");
    row(text, "Spearman x 100", number("%.2f", before.spearman), number("%.2f", after.spearman));
    row(text, "isotropy", number("%.3g", before.isotropy), number("%.3g", after.isotropy));
    text.append("nearest to\n");
    for (String query : QUERIES) {
      row(text, "  " + query, words(before, query), words(after, query));
    }
    text.append(
        """
        before: %s
        after: %s, '{} , or [MASK] ,' around each word
        Spearman: order of the cosines against %d word pairs scored by hand, for illustration only;
        'eval' has the published tasks. Isotropy: 1 where vectors spread evenly over all directions.
        """
            .formatted(before.vectors, after.vectors, pairs));
    return text.toString();
  }

  private static void row(StringBuilder text, String name, String before, String after) {
    text.append(
        "%s\n".formatted("%-16s  %s  %s".formatted(name, padded(before), after).stripTrailing()));
  }

  private static String padded(String cell) {
    return cell + " ".repeat(Math.max(0, NEIGHBOURS_WIDTH - cell.length()));
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, format, value);
  }

  private static String words(State state, String query) {
    return state.neighbours.get(query).stream()
        .map(Neighbour::text)
        .collect(Collectors.joining(" "));
  }
}
