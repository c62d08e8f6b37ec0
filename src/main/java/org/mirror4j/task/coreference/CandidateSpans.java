package org.mirror4j.task.coreference;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The spans of a document that may be mentions: whole words of one sentence and one segment, up to
 * a width in pieces (Lee et al. 2017, section 3), ascending by start, then by end. Spans that begin
 * or end within a word are none, as no mention of a text does.
 *
 * @param starts [spans], row of the first piece of each
 * @param ends [spans], row of its last piece
 * @param clusters [spans], from 1 for the gold chain that has the span, in the order of the
 *     document; 0 where none does
 * @param missed gold mentions of these segments that are no candidates: too wide, or across
 *     sentences
 */
public record CandidateSpans(int[] starts, int[] ends, int[] clusters, int missed) {
  /**
   * All candidates.
   *
   * @param pieces of a document, or of a window of it
   * @param maxWidth most pieces of a span
   * @param gold chains of the document; of those that have a mention both, the last counts
   */
  public static CandidateSpans of(DocumentPieces pieces, int maxWidth, List<Chain> gold) {
    int[] words = pieces.wordOfRow();
    Map<Mention, Integer> clusters = new HashMap<>();
    for (int chain = 0; chain < gold.size(); chain++) {
      for (Mention mention : gold.get(chain).mentions()) {
        clusters.put(mention, chain + 1);
      }
    }
    int inside = (int) clusters.keySet().stream().filter(within(words)::contains).count();
    IntStream.Builder starts = IntStream.builder();
    IntStream.Builder ends = IntStream.builder();
    IntStream.Builder numbers = IntStream.builder();
    int found = 0;
    for (int start = 0; start < words.length; start++) {
      if (words[start] == DocumentPieces.SPECIAL || words[start - 1] == words[start]) {
        continue;
      }
      // The special token after the segment is of no sentence.
      for (int end = start;
          end < start + maxWidth && pieces.sentenceOfRow()[end] == pieces.sentenceOfRow()[start];
          end++) {
        if (words[end + 1] == words[end]) {
          continue;
        }
        int cluster = clusters.getOrDefault(new Mention(words[start], words[end]), 0);
        found += cluster > 0 ? 1 : 0;
        starts.add(start);
        ends.add(end);
        numbers.add(cluster);
      }
    }
    return new CandidateSpans(
        starts.build().toArray(),
        ends.build().toArray(),
        numbers.build().toArray(),
        inside - found);
  }

  /** The words that the rows have, from the first to the last. */
  private static Range within(int[] words) {
    int[] own = Arrays.stream(words).filter(word -> word != DocumentPieces.SPECIAL).toArray();
    return own.length == 0 ? new Range(0, -1) : new Range(own[0], own[own.length - 1]);
  }

  private record Range(int first, int last) {
    boolean contains(Mention mention) {
      return mention.first() >= first && mention.last() <= last;
    }
  }
}
