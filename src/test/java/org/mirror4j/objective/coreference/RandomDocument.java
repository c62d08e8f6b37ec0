package org.mirror4j.objective.coreference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/** Documents of any tokens, with spans of all widths between the special tokens of each segment. */
public final class RandomDocument {
  private RandomDocument() {}

  /**
   * One span in four is of one of three clusters.
   *
   * @param lengths of the segments, special tokens included
   */
  public static DocumentSpans of(int[] lengths, SpanRankingSize size, long seed) {
    Random random = new Random(seed);
    int[] segments =
        IntStream.range(0, lengths.length)
            .flatMap(s -> IntStream.range(0, lengths[s]).map(i -> s))
            .toArray();
    List<int[]> spans = new ArrayList<>();
    int first = 0;
    for (int length : lengths) {
      int last = first + length - 2;
      for (int start = first + 1; start <= last; start++) {
        for (int end = start; end <= last && end < start + size.maxWidth(); end++) {
          spans.add(new int[] {start, end, Math.max(0, random.nextInt(12) - 8)});
        }
      }
      first += length;
    }
    return new DocumentSpans(
        column(spans, 0),
        column(spans, 1),
        column(spans, 2),
        segments,
        random.ints(segments.length, 0, 2).toArray(),
        size.genres() - 1);
  }

  private static int[] column(List<int[]> rows, int column) {
    return rows.stream().mapToInt(row -> row[column]).toArray();
  }

  /** Random ids, none of padding. */
  public static int[][] tokens(int[] lengths, int vocabulary, long seed) {
    Random random = new Random(seed);
    return Arrays.stream(lengths)
        .mapToObj(length -> random.ints(length, 2, vocabulary).toArray())
        .toArray(int[][]::new);
  }

  /** The parameters of the head. */
  public static SequencedMap<String, Shape> parameters(BertConfig config, SpanRankingSize size) {
    SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
    for (ParameterTable.Entry entry :
        BertModel.table(config, SpanRanking.head(config, size)).entries()) {
      if (entry.name().startsWith("coreference.")) {
        shapes.put(entry.name(), entry.shape());
      }
    }
    return shapes;
  }
}
