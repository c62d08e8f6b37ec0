package org.mirror4j.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.mirror4j.bert.BertConfig;

/**
 * The inputs of a graph, as transformers exports them, and the rows that an encoder makes of them.
 * Tokens of a template stand behind the first token, all together, as there they need no search for
 * the end of each text; their positions say where they belong, and attention goes by these alone.
 *
 * @param ids token ids, i64[batch, rows]
 * @param mask 1 for a token and 0 for padding, i64[batch, rows]
 * @param types token type ids, i64[batch, rows]; empty where the model's input has none
 * @param positions rows of the position embeddings, i64[batch, rows] or i64[rows]
 */
record TokenRows(String ids, String mask, Optional<String> types, String positions) {
  /** Names of the inputs. */
  static final String IDS = "input_ids", MASK = "attention_mask", TYPES = "token_type_ids";

  /** Names of open sizes. */
  static final String BATCH = "batch_size", SEQUENCE = "sequence_length";

  private static final long END = Long.MAX_VALUE;

  /** The inputs of a model. A RoBERTa has no types of tokens. */
  static TokenRows inputs(Graph graph, BertConfig config, Surroundings surroundings) {
    String ids = graph.input(IDS, ElementType.I64, BATCH, SEQUENCE);
    String mask = graph.input(MASK, ElementType.I64, BATCH, SEQUENCE);
    Optional<String> types =
        config.family() == BertConfig.Family.BERT
            ? Optional.of(graph.input(TYPES, ElementType.I64, BATCH, SEQUENCE))
            : Optional.empty();
    TokenRows given = new TokenRows(ids, mask, types, "");
    TokenRows padded = surroundings.pads() ? given.padded(graph, surroundings) : given;
    return surroundings.inserted() == 0
        ? padded.counted(graph, config)
        : padded.inserted(graph, config, surroundings);
  }

  private TokenRows padded(Graph graph, Surroundings surroundings) {
    String length = graph.integers(surroundings.length() - surroundings.inserted());
    String missing =
        graph.add(
            "/padding/missing", "Sub", List.of(length, size(graph, "/padding/given", ids, 1)));
    String rows = graph.add("/padding/rows", "Max", List.of(missing, graph.integers(0)));
    String pads =
        graph.add(
            "/padding/pads",
            "Concat",
            List.of(graph.integers(0, 0, 0), rows),
            Attribute.of("axis", 0));
    String padId = graph.integer(surroundings.padId());
    return new TokenRows(
        graph.add("/padding/" + IDS, "Pad", List.of(ids, pads, padId)),
        graph.add("/padding/" + MASK, "Pad", List.of(mask, pads)),
        types.map(given -> graph.add("/padding/" + TYPES, "Pad", List.of(given, pads))),
        "");
  }

  /** Positions from 0, padding included, or for RoBERTa of tokens from padTokenId + 1. */
  private TokenRows counted(Graph graph, BertConfig config) {
    if (config.family() == BertConfig.Family.BERT) {
      return new TokenRows(ids, mask, types, range(graph));
    }
    String count = graph.add("/positions/count", "CumSum", List.of(mask, graph.integer(1)));
    String real = graph.add("/positions/real", "Mul", List.of(count, mask));
    String positions =
        graph.add("/positions", "Add", List.of(real, graph.integer(config.padTokenId())));
    return new TokenRows(ids, mask, types, positions);
  }

  /** 0, 1, 2, ... for each row. */
  private String range(Graph graph) {
    String rows =
        graph.add(
            "/positions/rows",
            "Squeeze",
            List.of(size(graph, "/positions/size", ids, 1), graph.integers(0)));
    return graph.add(
        "/positions/range", "Range", List.of(graph.integer(0), rows, graph.integer(1)));
  }

  private TokenRows inserted(Graph graph, BertConfig config, Surroundings surroundings) {
    List<Long> tokens = new ArrayList<>(surroundings.before());
    tokens.addAll(surroundings.after());
    int count = tokens.size();
    String shape =
        graph.add(
            "/template/shape",
            "Concat",
            List.of(size(graph, "/template/batch", ids, 0), graph.integers(count)),
            Attribute.of("axis", 0));
    String inserted =
        expanded(
            graph,
            "/template/" + IDS,
            graph.integers(tokens.stream().mapToLong(Long::longValue).toArray()),
            shape);
    String ones = expanded(graph, "/template/" + MASK, graph.integers(1), shape);
    Optional<String> zeros =
        types.map(_ -> expanded(graph, "/template/" + TYPES, graph.integers(0), shape));
    String allMask = around(graph, "/rows/" + MASK, mask, ones);
    return new TokenRows(
        around(graph, "/rows/" + IDS, ids, inserted),
        allMask,
        types.map(given -> around(graph, "/rows/" + TYPES, given, zeros.get())),
        permitted(graph, config, places(graph, surroundings), allMask));
  }

  private static String expanded(Graph graph, String name, String values, String shape) {
    return graph.add(name, "Expand", List.of(values, shape));
  }

  /** The first column, what is put behind it, the other columns. */
  private static String around(Graph graph, String name, String given, String inserted) {
    return graph.add(
        name,
        "Concat",
        List.of(
            columns(graph, name + "/first", given, 0, 1),
            inserted,
            columns(graph, name + "/others", given, 1, END)),
        Attribute.of("axis", 1));
  }

  /**
   * Where each row belongs in the text. With n tokens given, p of them put before the text and q
   * after it: token t of those given is at t + p, the last one, n - 1, and padding at t + p + q;
   * the j-th before the text is at 1 + j, the j-th after it at n - 1 + p + j.
   */
  private String places(Graph graph, Surroundings surroundings) {
    int before = surroundings.before().size();
    int after = surroundings.after().size();
    String length =
        graph.add(
            "/places/length",
            "ReduceSum",
            List.of(mask, graph.integers(1)),
            Attribute.of("keepdims", 1));
    String last = graph.add("/places/last", "Sub", List.of(length, graph.integer(1)));
    String range = range(graph);
    String behind =
        graph.add(
            "/places/behind",
            "Cast",
            List.of(graph.add("/places/ends", "GreaterOrEqual", List.of(range, last))),
            Attribute.of("to", ElementType.I64.number()));
    String text = graph.add("/places/text", "Add", List.of(range, graph.integer(before)));
    String shift = graph.add("/places/shift", "Mul", List.of(behind, graph.integer(after)));
    String given = graph.add("/places/given", "Add", List.of(text, shift));
    // The first token and those before the text have places that are known, the others count on.
    LongStream known = LongStream.rangeClosed(0, before);
    LongStream counted = LongStream.range(before, before + after);
    String steps = graph.integers(LongStream.concat(known, counted).toArray());
    long[] fromLast = new long[1 + before + after];
    Arrays.fill(fromLast, 1 + before, fromLast.length, 1);
    String from = graph.add("/places/from", "Mul", List.of(graph.integers(fromLast), last));
    return graph.add(
        "/places",
        "Concat",
        List.of(
            graph.add("/places/template", "Add", List.of(steps, from)),
            columns(graph, "/places/others", given, 1, END)),
        Attribute.of("axis", 1));
  }

  /**
   * Positions of places: RoBERTa's count from padTokenId + 1 and are padTokenId for padding. Of
   * BERT padding may come to stand beyond the last position, and takes that.
   */
  private static String permitted(Graph graph, BertConfig config, String places, String mask) {
    String real =
        graph.add(
            "/positions/real",
            "Cast",
            List.of(mask),
            Attribute.of("to", ElementType.BOOL.number()));
    if (config.family() == BertConfig.Family.BERT) {
      String end = graph.integer(config.maxPositionEmbeddings() - 1L);
      String least = graph.add("/positions/least", "Min", List.of(places, end));
      return graph.add("/positions", "Where", List.of(real, places, least));
    }
    String offset = graph.integer(config.positionOffset());
    String moved = graph.add("/positions/moved", "Add", List.of(places, offset));
    return graph.add(
        "/positions", "Where", List.of(real, moved, graph.integer(config.padTokenId())));
  }

  /**
   * Of hidden states those of the tokens that were given.
   *
   * @param hidden f32[batch, rows, hidden]
   */
  static String given(Graph graph, String hidden, Surroundings surroundings) {
    String rows = hidden;
    if (surroundings.inserted() > 0) {
      rows =
          graph.add(
              "/given",
              "Concat",
              List.of(
                  columns(graph, "/given/first", rows, 0, 1),
                  columns(graph, "/given/others", rows, 1L + surroundings.inserted(), END)),
              Attribute.of("axis", 1));
    }
    return surroundings.pads()
        ? graph.add(
            "/given/unpadded",
            "Slice",
            List.of(rows, graph.integers(0), size(graph, "/given/size", IDS, 1), graph.integers(1)))
        : rows;
  }

  /** Some columns of rows. */
  private static String columns(Graph graph, String name, String rows, long from, long to) {
    return graph.add(
        name, "Slice", List.of(rows, graph.integers(from), graph.integers(to), graph.integers(1)));
  }

  private static String size(Graph graph, String name, String rows, int axis) {
    return graph.add(
        name, "Shape", List.of(rows), Attribute.of("start", axis), Attribute.of("end", axis + 1L));
  }
}
