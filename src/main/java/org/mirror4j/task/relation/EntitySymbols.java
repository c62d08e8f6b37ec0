package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.Tokenizer;

/**
 * The symbols that mark entities, and the piece of the vocabulary that stands for each: those that
 * BERT was pretrained with and never saw. They are kept in {@code config.json} under {@code
 * entity_marking} and {@code entity_symbols}, so that a model reads what it was trained on.
 *
 * @param pieces by symbol
 */
public record EntitySymbols(EntityMarking marking, SequencedMap<String, String> pieces) {
  static final String SUBJECT_START = "SUBJ_START", SUBJECT_END = "SUBJ_END";
  static final String OBJECT_START = "OBJ_START", OBJECT_END = "OBJ_END";

  private static final List<String> AROUND =
      List.of(SUBJECT_START, SUBJECT_END, OBJECT_START, OBJECT_END);

  private static final String MARKING = "entity_marking", SYMBOLS = "entity_symbols";

  /** Copies what can change. */
  public EntitySymbols {
    pieces = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(pieces));
  }

  /** The symbol of a subject of a type. */
  static String subject(String type) {
    return "SUBJ=" + type;
  }

  /** The symbol of an object of a type. */
  static String object(String type) {
    return "OBJ=" + type;
  }

  /**
   * Those of sentences to be trained on: {@code [unused1]} to {@code [unused4]} around entities,
   * whether they are used or not, and from {@code [unused5]} on the types in the order in which
   * sentences need them, a subject's before an object's. The released code begins with the
   * sentences of the dev set; here what is trained does not hang on that.
   *
   * @param learned what a model has been trained with, which keeps its pieces
   */
  static EntitySymbols of(
      EntityMarking marking, Map<String, String> learned, List<RelationExample> examples) {
    SequencedMap<String, String> pieces = new LinkedHashMap<>(learned);
    AROUND.forEach(symbol -> add(pieces, symbol));
    if (marking.takesTypes()) {
      for (RelationExample example : examples) {
        add(pieces, subject(example.subjectType()));
        add(pieces, object(example.objectType()));
      }
    }
    return new EntitySymbols(marking, pieces);
  }

  private static void add(SequencedMap<String, String> pieces, String symbol) {
    if (!pieces.containsKey(symbol)) {
      int number = pieces.size() + 1;
      while (pieces.containsValue("[unused%d]".formatted(number))) {
        number++;
      }
      pieces.put(symbol, "[unused%d]".formatted(number));
    }
  }

  /** The pieces that a model was trained with; none where its {@code config.json} has none. */
  static Map<String, String> learned(ObjectNode config, String file) {
    return config.has(SYMBOLS) ? of(config, file).pieces() : Map.of();
  }

  /**
   * Those that a model was trained with.
   *
   * @param config its {@code config.json}
   * @param file for messages
   * @throws FileException if it has none, lacks one of those around entities, or has the same piece
   *     for two
   */
  public static EntitySymbols of(ObjectNode config, String file) {
    JsonFields fields = new JsonFields(config, file);
    String label =
        fields.oneOf(
            MARKING,
            Arrays.stream(EntityMarking.values()).map(JsonRecords::label).toArray(String[]::new));
    EntityMarking marking =
        Arrays.stream(EntityMarking.values())
            .filter(one -> JsonRecords.label(one).equals(label))
            .findFirst()
            .orElseThrow();
    SequencedMap<String, String> pieces = fields.strings(SYMBOLS);
    Map<String, String> symbols = new HashMap<>();
    pieces.forEach(
        (symbol, piece) -> {
          String other = symbols.put(piece, symbol);
          if (other != null) {
            throw new FileException(
                "%s: '%s' has %s for %s and %s, expected a piece of its own for each"
                    .formatted(file, SYMBOLS, quote(piece), quote(other), quote(symbol)));
          }
        });
    for (String symbol : AROUND) {
      if (!pieces.containsKey(symbol)) {
        throw new FileException(
            "%s: '%s' has no %s, expected %s and the types of entities"
                .formatted(file, SYMBOLS, symbol, String.join(", ", AROUND)));
      }
    }
    return new EntitySymbols(marking, pieces);
  }

  /** Puts them into {@code config.json}. */
  void configure(ObjectNode config) {
    config.put(MARKING, JsonRecords.label(marking));
    ObjectNode symbols = config.putObject(SYMBOLS);
    pieces.forEach(symbols::put);
  }

  /**
   * The ids of all symbols.
   *
   * @throws FileException naming the first whose piece the vocabulary lacks
   */
  Map<String, Integer> ids(Tokenizer tokenizer) {
    Map<String, Integer> ids = new HashMap<>();
    pieces.forEach(
        (symbol, piece) -> {
          int id = tokenizer.id(piece);
          if (id < 0) {
            throw new FileException(
                "the tokenizer has no piece %s for the symbol %s, expected one of its own for each"
                        .formatted(quote(piece), quote(symbol))
                    + " of %d; BERT's vocabularies have them".formatted(pieces.size()));
          }
          ids.put(symbol, id);
        });
    return ids;
  }
}
