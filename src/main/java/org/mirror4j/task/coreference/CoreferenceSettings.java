package org.mirror4j.task.coreference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.coreference.SpanRankingSize;
import org.mirror4j.task.HeadRows;
import org.mirror4j.task.TrainedModel;

/**
 * What coreference is learned by beside what every task has (Joshi et al. 2019; the released code's
 * settings for BERT-base).
 *
 * @param segments of a document, the most that are learned from at once; distances between segments
 *     are told apart up to that
 * @param maxWidth pieces of the widest span
 * @param featureSize elements of an embedding of a width, distance, genre, speaker
 * @param hiddenSize of the feed-forward scorers
 * @param spanRatio spans that are kept for each piece
 * @param maxSpans the most that are kept of a document
 * @param maxAntecedents that are looked at closely for each span
 * @param depth how often antecedents are scored: once more than spans are refined
 * @param dropoutRate of the head
 * @param learningRate of the head
 * @param singletons whether chains of one mention are among what is right. The head never says one,
 *     as a span without an antecedent is right with none, of a chain or not: nothing is learned of
 *     them, but scores fall
 */
public record CoreferenceSettings(
    int segments,
    int maxWidth,
    int featureSize,
    int hiddenSize,
    double spanRatio,
    int maxSpans,
    int maxAntecedents,
    int depth,
    double dropoutRate,
    double learningRate,
    boolean singletons) {
  private static final String KEY = "coreference";
  private static final String GENRES = "genres";

  /** Checks each value; messages name the option. */
  public CoreferenceSettings {
    require(segments >= 1, "--segments", segments, "at least 1");
    require(maxWidth >= 1, "--span-width", maxWidth, "at least 1");
    require(featureSize >= 1, "--feature-size", featureSize, "at least 1");
    require(hiddenSize >= 1, "--head-size", hiddenSize, "at least 1");
    require(
        spanRatio > 0 && spanRatio <= maxWidth,
        "--span-ratio",
        spanRatio,
        "0 < ratio <= --span-width");
    require(maxSpans >= 1, "--max-spans", maxSpans, "at least 1");
    require(maxAntecedents >= 1, "--antecedents", maxAntecedents, "at least 1");
    require(depth >= 1, "--depth", depth, "at least 1");
    require(
        dropoutRate >= 0 && dropoutRate < 1, "--head-dropout-rate", dropoutRate, "0 <= rate < 1");
    require(learningRate >= 0, "--head-learning-rate", learningRate, "at least 0");
  }

  private static void require(boolean holds, String name, Number value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("%s is %s, expected %s".formatted(name, value, expected));
    }
  }

  /** Those of BERT-base. */
  public static CoreferenceSettings base() {
    return JsonRecords.resource(CoreferenceSettings.class, "span-ranking.json");
  }

  /**
   * These settings with some changed.
   *
   * @param changes values by the names of their components
   */
  public CoreferenceSettings with(Map<String, ?> changes) {
    return JsonRecords.with(this, changes);
  }

  /** The size of the head for documents of these genres. */
  SpanRankingSize size(Genres genres) {
    return new SpanRankingSize(
        maxWidth,
        featureSize,
        hiddenSize,
        segments,
        genres.rows(),
        spanRatio,
        maxSpans,
        maxAntecedents,
        depth);
  }

  /** Puts all that a head needs to be used into {@code config.json}. */
  void configure(ObjectNode config, Genres genres) {
    ObjectNode json = JsonRecords.write(this);
    genres.names().forEach(json.putArray(GENRES)::add);
    config.set(KEY, json);
  }

  /** The rows of the table of genres. */
  static HeadRows rows(ObjectNode config) {
    return new HeadRows(GENRES, names(config.path(KEY).path(GENRES)));
  }

  private static List<String> names(JsonNode genres) {
    List<String> names = new ArrayList<>();
    for (JsonNode name : genres) {
      names.add(name.asText());
    }
    return names;
  }

  /**
   * What a model's head was made with.
   *
   * @throws FileException if its {@code config.json} does not say that
   */
  static CoreferenceSettings of(TrainedModel model) {
    ObjectNode json = section(model).deepCopy();
    json.remove(GENRES);
    return JsonRecords.read(CoreferenceSettings.class, json, model.file() + ": " + KEY);
  }

  /** The genres that a model was trained on, likewise. */
  static Genres genres(TrainedModel model) {
    JsonNode genres = section(model).path(GENRES);
    if (!genres.isArray()) {
      throw new FileException(
          "%s: %s has no %s, expected a list of those that the head was trained on"
              .formatted(model.file(), KEY, GENRES));
    }
    return new Genres(names(genres));
  }

  private static ObjectNode section(TrainedModel model) {
    if (model.config().path(KEY) instanceof ObjectNode json) {
      return json;
    }
    throw new FileException(
        "%s has no %s, expected the sizes of a head that was trained by finetune coreference"
            .formatted(model.file(), KEY));
  }
}
